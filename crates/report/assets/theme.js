
// Light, dark, or what the system says.
const themes = { auto: 'light', light: 'dark', dark: 'auto' };
find('#theme').addEventListener('click', (event) => {
  const theme = themes[document.documentElement.dataset.theme];
  document.documentElement.dataset.theme = theme;
  event.currentTarget.querySelector('span').textContent = theme;
  event.currentTarget.setAttribute('aria-label', `Colour theme: ${theme}`);
  announce('theme');
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => announce('theme'));
