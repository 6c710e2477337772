
// Where the time of a run went: a bar of its parts.
const PARTS = ['data', 'discriminator', 'generator', 'log', 'samples', 'evaluation', 'checkpoint'];
const REST = 'rest';

const timesFigure = (run) => {
  const { times, secs, done } = data.runs[run];
  const least = 0.001 * Math.max(secs, 0);
  const parts = PARTS.filter((part) => times[part] > least).map((part) => [part, times[part]]);
  if (!parts.length) return null;
  const sum = parts.reduce((total, [, time]) => total + time, 0);
  const whole = Math.max(secs, sum);
  if (whole - sum > 0.01 * whole) parts.push([REST, whole - sum]);
  const colour = (part) => (part === REST ? 'var(--rule)' : onGround(PARTS.indexOf(part) / (PARTS.length - 1)));
  const share = (time) => `${number(Number(((100 * time) / whole).toPrecision(2)))} %`;
  const bar = svg('svg', { viewBox: `0 0 ${whole} 1`, preserveAspectRatio: 'none', class: 'meter tall', role: 'img', 'aria-label': `Time by part, listed below: ${parts.map(([part, time]) => `${part} ${share(time)}`).join(', ')}` });
  let before = 0;
  for (const [part, time] of parts) {
    const rect = svg('rect', { x: before, width: time, height: 1 });
    rect.style.fill = colour(part);
    bar.append(rect);
    before += time;
  }
  const list = make('ul', 'counts');
  for (const [part, time] of parts) {
    const line = make('li');
    const mark = make('span', 'key');
    mark.style.background = colour(part);
    const each = done > 0 && part !== REST ? `, ${number(Number(((1000 * time) / done).toPrecision(2)))} ms a step` : '';
    line.append(mark, make('strong', '', share(time)), ` ${part}${each}`);
    list.append(line);
  }
  const figure = make('figure', 'whole');
  const legend = make('p', 'legend');
  legend.append(make('b', '', 'time'), make('span', 'entry', `${number(Number(whole.toPrecision(3)))} s of training`));
  figure.append(legend, bar, list);
  return figure;
};
