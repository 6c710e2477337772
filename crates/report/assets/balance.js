
// The networks of one run: a chart for each group of at least two measurements, and the ratio of the losses of two.
const balanceRun = find('#balance-run');
let balance = [];

const ratioOf = (run) => {
  if (!data.ratio) return [];
  const [title, tags] = data.ratio;
  const [above, below] = tags.map((at) => curveOf(run, at));
  if (!above || !below || above.list !== below.list) return [];
  const values = below.values.map((value, at) => above.values[at] / value);
  return [{ title, lines: [{ name: 'ratio', curve: { ...below, values } }] }];
};

const balanceCharts = (run) => {
  const groups = data.groups.filter(({ kind }) => kind === 'training');
  const linesOf = ({ tags }) => tags.map(([at, name]) => ({ name, curve: curveOf(run, at) })).filter(({ curve }) => curve);
  const charts = groups.map((group) => ({ title: group.label, lines: linesOf(group) })).filter(({ lines }) => lines.length > 1);
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
  plots.replaceChildren(...(figures.length ? figures : [make('p', 'empty', 'This run recorded no two measurements of a kind.')]));
  balance = charts.map(({ lines }, at) => {
    const { box, legend } = boxes[at];
    const colours = lines.map((_, place) => (lines.length > palette.length ? onGround(place / (lines.length - 1)) : palette[place]));
    lines.forEach(({ name }, place) => {
      if (lines.length > 1) legend.append(entry({ name, colour: colours[place] }));
    });
    return chart(box, {
      tables: lines.map(({ curve }) => [curve.steps, gaps(curve.values)]),
      series: lines.map((_, place) => ({ stroke: colours[place], width: 1.5, points: { show: false } })),
      main: new Map(lines.map(({ name, curve }, place) => [place + 1, { name, colour: colours[place], last: curve.steps.at(-1) }])),
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
