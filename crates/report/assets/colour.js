
// The colour of each run: its configuration's, or a setting's or a number's.
const VIRIDIS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
const isDark = () => getComputedStyle(document.documentElement).getPropertyValue('color-scheme').trim() === 'dark'
  || (document.documentElement.dataset.theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
const viridis = (place) => {
  const scaled = Math.min(Math.max(place, 0), 1) * (VIRIDIS.length - 1);
  const stop = Math.min(Math.floor(scaled), VIRIDIS.length - 2);
  const channel = (at) => Math.round(VIRIDIS[stop][at] + (VIRIDIS[stop + 1][at] - VIRIDIS[stop][at]) * (scaled - stop));
  return `rgb(${channel(0)}, ${channel(1)}, ${channel(2)})`;
};
/** Black or white, whichever is read more easily (WCAG 2.2: relative luminance). */
const inkOn = (ground) => {
  const [red, green, blue] = ground.match(/\d+/g).map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000' : '#fff';
};
/** Without the end that is lost on the ground. */
const onGround = (place) => viridis(isDark() ? 0.25 + 0.75 * place : 0.85 * place);

/** Places of values between 0 and 1, null for none; equal steps for words, and for numbers that span orders their logarithm. */
const placesOf = (values) => {
  const size = (value) => (typeof value === 'bigint' ? Number(value) : value);
  const known = values.filter((value) => value !== null && value !== undefined).map(size);
  if (known.length && known.every((value) => typeof value === 'number')) {
    const [least, greatest] = [Math.min(...known), Math.max(...known)];
    const logarithmic = least > 0 && greatest / least >= 20;
    const scale = logarithmic ? Math.log : (value) => value;
    const span = scale(greatest) - scale(least);
    const place = (value) => (!isNumber(value) ? null : span ? (scale(size(value)) - scale(least)) / span : 0.5);
    return { place, logarithmic, least, greatest, ordered: true };
  }
  const words = [...new Set(known.map(written))];
  const place = (value) => {
    const at = words.indexOf(written(value));
    return at < 0 ? null : words.length > 1 ? at / (words.length - 1) : 0.5;
  };
  return { place, words, ordered: false };
};

const colourChoice = find('#colour');
let colours = [];
let isRepainted = false;
const paint = () => {
  const [kind, at] = (colourChoice?.value ?? 'configuration').split(' ');
  const parts = [...rows, ...tiles];
  if (kind === 'configuration') {
    // All writing before all reading: the browser works styles out once.
    if (isRepainted) for (const [, part] of parts) part.style.removeProperty('--c');
    isRepainted = false;
    const colour = ({ runs }) => getComputedStyle(rows.get(runs[0]).querySelector('.line')).color;
    const ofGroup = data.configurations.map(colour);
    colours = data.runs.map((run) => ofGroup[run.group]);
  } else {
    const values = data.runs.map((run) => (kind === 'setting' ? run.settings : run.values)[at] ?? null);
    const { place } = placesOf(values);
    colours = values.map((value) => (place(value) === null ? 'gray' : onGround(place(value))));
    for (const [run, part] of parts) part.style.setProperty('--c', colours[run]);
    isRepainted = true;
  }
};
const colourOf = (run) => colours[run];
const faint = (colour, alpha) => colour.replace('rgb(', 'rgba(').replace(')', `, ${alpha})`);

if (colourChoice) {
  colourChoice.append(
    ...data.settings.map(({ name }, at) => option(`setting ${at}`, name)),
    ...data.measures.map(({ label }, at) => option(`measure ${at}`, label)),
  );
  colourChoice.addEventListener('change', () => {
    paint();
    announce('plotted');
  });
}
page.addEventListener('theme', paint);
paint();
