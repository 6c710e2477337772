
// Copying commands, and opening a run's configuration from the table.
for (const button of all('.copy')) {
  button.addEventListener('click', async () => {
    const code = button.parentElement.querySelector('code');
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  });
}
const openTarget = () => {
  const target = location.hash.startsWith('#run-') ? document.getElementById(location.hash.slice(1)) : null;
  if (target) target.open = true;
};
addEventListener('hashchange', openTarget);
openTarget();
