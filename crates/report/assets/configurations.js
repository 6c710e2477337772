
// Means over seeds: drawn while every seed reports, dotted for those that survive the others.
const meansBox = find('#means');
/** More bands than this hide each other. */
const MANY_BANDS = 8;
const MANY_ENTRIES = 16;

/** For each step the mean and deviation of a configuration, and whether all its seeds are in it. */
const averaged = (runs, weight) => {
  const columns = runs.map((run) => curveOf(run, tag)).filter(Boolean);
  const smoothed = columns.map((curve) => new Map(smooth(curve.values, weight).map((value, at) => [curve.steps[at], value])));
  const steps = [...new Set(columns.flatMap((curve) => curve.steps))].sort((a, b) => a - b);
  return steps.map((step) => {
    const values = smoothed.map((curve) => curve.get(step) ?? null).filter((value) => value !== null);
    return { step, values, isWhole: values.length === runs.length };
  }).filter(({ values }) => values.length);
};

let means = null;
const drawMeans = () => {
  const logarithmic = find('#logarithmic').checked;
  const weight = weightOf(tag);
  const drawable = (value) => (logarithmic && !(value > 0) ? null : value);
  const groups = data.configurations.filter(({ runs }) => runs.some(isPlotted));
  const [tables, series, bands, main, crosses] = [[], [], [], new Map(), []];
  for (const { label, runs } of groups) {
    const points = averaged(runs, weight);
    if (!points.length) continue;
    const colour = colourOf(runs[0]);
    const end = points.findLastIndex((point) => point.isWhole);
    const mean = points.map(({ values }) => meanOf(values));
    const edge = (sign) => points.map(({ isWhole }, at) => (isWhole ? drawable(mean[at].mean + sign * (mean[at].deviation ?? 0)) : null));
    const hidden = { stroke: 'transparent', points: { show: false } };
    const few = points.length < 3;
    if (groups.length <= MANY_BANDS) bands.push({ series: [series.length + 1, series.length + 2], fill: faint(colour, 0.16) });
    series.push(hidden, hidden,
      { stroke: colour, width: 2, points: { show: few, size: 6, fill: colour } },
      { stroke: colour, width: 1.5, dash: [2, 4], points: { show: few, size: 4 } });
    const whole = points.map(({ isWhole }, at) => (isWhole ? drawable(mean[at].mean) : null));
    // The survivors' line begins where the whole one ends.
    const rest = points.map((_, at) => (at >= end && end + 1 < points.length ? drawable(mean[at].mean) : null));
    const x = points.map(({ step }) => step);
    tables.push([x, edge(1), edge(-1), whole, rest]);
    const detail = (at) => {
      const place = x.indexOf(at);
      if (place < 0) return undefined;
      const { deviation } = mean[place];
      return `${deviation === null ? '' : `± ${rough(deviation)} `}n=${points[place].values.length}`;
    };
    main.set(series.length - 1, { name: label, colour, last: x[Math.max(end, 0)], more: detail });
    main.set(series.length, { name: `${label}, survivors`, colour, last: x.at(-1), more: detail });
    for (const run of runs) {
      const curve = curveOf(run, tag);
      if (!data.runs[run].cut || !curve) continue;
      const last = smooth(curve.values, weight).findLastIndex((value) => value !== null);
      if (last >= 0) crosses.push({ x: curve.steps[last], y: smooth(curve.values, weight)[last], colour });
    }
  }
  const shown = [...main.values()].filter((_, at) => at % 2 === 0);
  find('#means-legend').replaceChildren(...(shown.length <= MANY_ENTRIES ? shown.map(entry) : []));
  means?.destroy();
  means = chart(meansBox, {
    tables, series, bands, main, crosses, logarithmic, label: 'step', title: (x) => `Step ${integer(x)}`,
    calm: find('#outliers').checked, floor: data.floors[tag],
  });
};
if (meansBox) {
  const redraw = calmly(drawMeans);
  redraws(meansBox, redraw);
  page.addEventListener('tag', redraw);
}
