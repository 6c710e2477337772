
// Both networks of one run: a chart for each group of at least two measurements, and the ratio of the losses.
const balanceRun = find('#balance-run');
const TITLES = { accuracy: 'accuracy of the discriminator', gradient: 'gradient norm', output: 'mean logit' };
const SIDES = ['generator', 'fake', 'discriminator', 'real'];
let balance = [];

const ratioOf = (run) => {
  const [generator, discriminator] = ['loss/generator', 'loss/discriminator'].map((name) => {
    const at = data.tags.indexOf(name);
    return at < 0 ? undefined : curveOf(run, at);
  });
  if (!generator || !discriminator || generator.list !== discriminator.list) return [];
  const values = generator.values.map((value, at) => discriminator.values[at] / value);
  return [{ title: 'loss of the discriminator ÷ loss of the generator', lines: [{ name: 'ratio', curve: { ...generator, values } }] }];
};

const balanceCharts = (run) => {
  const groups = new Map();
  data.tags.forEach((name, at) => {
    const [group, rest] = name.split('/');
    const curve = curveOf(run, at);
    if (rest === undefined || !curve || ['test', 'train', 'learning_rate'].includes(group)) return;
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push({ name: rest.replaceAll('_', ' '), curve });
  });
  const charts = [...groups].map(([group, lines]) => ({ title: TITLES[group] ?? group.replaceAll('_', ' '), lines })).filter(({ lines }) => lines.length > 1 || lines[0].name.startsWith('accuracy'));
  return [...charts.slice(0, 1), ...ratioOf(run), ...charts.slice(1)];
};

const drawBalance = () => {
  const run = Number(balanceRun.value);
  for (const drawn of balance) drawn.destroy();
  const charts = balanceCharts(run);
  const boxes = charts.map(({ title, lines }) => {
    const figure = make('figure');
    const legend = make('p', 'legend');
    const box = make('div', 'plot small');
    box.setAttribute('role', 'img');
    box.setAttribute('aria-label', `${title}: ${lines.map(({ name }) => name).join(' and ')}`);
    legend.append(make('b', '', title));
    figure.append(legend, box);
    return { figure, legend, box };
  });
  const palette = isDark() ? ['#ff8a3d', '#4ea8e0', '#2cc295', '#e591c0'] : ['#d55e00', '#0072b2', '#008f6b', '#b8528f'];
  const plots = find('#balance-plots');
  // Real in the colour of the discriminator, generated in the generator's.
  const room = plots.clientWidth > 828 ? (plots.clientWidth - 28) / 2 : plots.clientWidth;
  const further = [logitsFigure(run, [palette[1], palette[0]], room), timesFigure(run)].filter(Boolean);
  const figures = [...boxes.map(({ figure }) => figure), ...further];
  plots.replaceChildren(...(figures.length ? figures : [make('p', 'empty', 'This run recorded nothing of both networks.')]));
  balance = charts.map(({ lines }, at) => {
    const { box, legend } = boxes[at];
    const ordered = [...lines].sort((a, b) => SIDES.indexOf(a.name) - SIDES.indexOf(b.name));
    const colours = ordered.map((_, place) => (ordered.length > palette.length ? onGround(place / (ordered.length - 1)) : palette[place]));
    ordered.forEach(({ name }, place) => {
      if (lines.length > 1) legend.append(entry({ name, colour: colours[place] }));
    });
    return chart(box, {
      tables: ordered.map(({ curve }) => [curve.steps, gaps(curve.values)]),
      series: ordered.map((_, place) => ({ stroke: colours[place], width: 1.5, points: { show: false } })),
      main: new Map(ordered.map(({ name, curve }, place) => [place + 1, { name, colour: colours[place], last: curve.steps.at(-1) }])),
      label: 'step', title: (x) => `Step ${integer(x)}`, calm: true,
    });
  });
};
if (balanceRun) {
  balanceRun.append(...data.runs.map(({ id }, run) => option(run, id)));
  const first = data.runs.findIndex((run) => Object.keys(run.curves).length);
  balanceRun.value = Math.max(first, 0);
  const redraw = calmly(drawBalance);
  balanceRun.addEventListener('change', redraw);
  page.addEventListener('theme', redraw);
  page.addEventListener('run', () => {
    balanceRun.value = oneRun;
    redraw();
  });
  new ResizeObserver(redraw).observe(find('#balance-plots'));
}
