
// Training curves: raw values faint, their debiased moving average on top, a cross where a run ended early.
const DASHES = [[], [7, 4], [2, 3]];
/** More lines than this are drawn thin and without their raw values. */
const MANY_LINES = 16;
/** Distinct times that can be distinguished on the axis of minutes. */
const MOMENTS = 1500;

const plotBox = find('#plot');
let plot = null;
let tag = 0;
let along = 'step';
let zoom = null;

const decoded = new Map();
const curveOf = (run, tag) => {
  const key = `${run} ${tag}`;
  if (!decoded.has(key)) {
    const curve = data.runs[run].curves[tag];
    decoded.set(key, curve && {
      list: curve.steps,
      steps: data.steps[curve.steps],
      values: floats(curve.values),
      range: curve.range && curve.range.map(floats),
    });
  }
  return decoded.get(key);
};

/** TensorBoard's smoothing: an exponential average that is corrected for its start at zero. */
const smooth = (values, weight) => {
  let average = 0;
  let share = 0;
  return Array.from(values, (value) => {
    if (!Number.isFinite(value)) return null;
    average = weight * average + (1 - weight) * value;
    share = weight * share + 1 - weight;
    return average / share;
  });
};
const gaps = (values) => Array.from(values, (value) => (Number.isFinite(value) ? value : null));

/** Where the points of a curve stand. Minutes are rounded, so that runs share them and tables stay small. */
const placesAlong = (runs, tag) => {
  if (along === 'images') return (run, curve) => curve.steps.map((step) => step * data.runs[run].images);
  if (along !== 'minutes') return (_, curve) => curve.steps;
  const minutes = new Map(runs.map((run) => [run, floats(data.runs[run].minutes[curveOf(run, tag).list])]));
  const longest = [...minutes.values()].reduce((most, times) => Math.max(most, times.at(-1) ?? 0), 0);
  const grain = longest / MOMENTS || 1;
  // Two points of one moment would be none.
  return (run) => {
    let last = -1;
    return Array.from(minutes.get(run), (time) => {
      last = Math.max(Math.round(time / grain), last + 1);
      return last * grain;
    });
  };
};

/** Evaluations are few and no noise to be averaged away. */
const evaluated = new Set(data.groups.filter(({ kind }) => kind === 'evaluation').flatMap(({ tags }) => tags.map(([at]) => at)));
const weightOf = (tag) => (evaluated.has(tag) ? 0 : Number(find('#smoothing').value));

const drawCurves = () => {
  const logarithmic = find('#logarithmic').checked;
  const weight = weightOf(tag);
  const runs = [...rows.keys()].filter((run) => isPlotted(run) && curveOf(run, tag));
  const few = runs.length <= MANY_LINES;
  const drawable = (values) => (logarithmic ? values.map((value) => (value > 0 ? value : null)) : values);
  const places = placesAlong(runs, tag);

  const [tables, series, bands, main, crosses] = [[], [], [], new Map(), []];
  for (const run of runs) {
    const curve = curveOf(run, tag);
    const { values, range } = curve;
    const colour = colourOf(run);
    const x = places(run, curve);
    const columns = [x];
    if (few && range) {
      bands.push({ series: [series.length + 1, series.length + 2], fill: faint(colour, 0.14) });
      for (const edge of [range[1], range[0]]) {
        columns.push(drawable(gaps(edge)));
        series.push({ stroke: 'transparent', points: { show: false } });
      }
    } else if (few && weight > 0) {
      columns.push(drawable(gaps(values)));
      series.push({ stroke: faint(colour, 0.25), width: 1, points: { show: false } });
    }
    const average = drawable(smooth(values, weight));
    const more = (at) => {
      const raw = values[x.indexOf(at)];
      return weight > 0 && raw !== undefined ? number(raw) : undefined;
    };
    columns.push(average);
    const single = average.filter((value) => value !== null).length < 3;
    const points = single ? { show: true, size: 6, fill: colour } : { show: false };
    series.push({ stroke: colour, width: few ? 2 : 1, dash: few ? DASHES[data.runs[run].dash % DASHES.length] : [], points });
    main.set(series.length, { run, name: data.runs[run].id, colour, last: x.at(-1), more });
    tables.push(columns);
    if (data.runs[run].cut) {
      const last = average.findLastIndex((value) => value !== null);
      if (last >= 0) crosses.push({ x: x[last], y: average[last], colour });
    }
  }
  plot?.destroy();
  const unit = { step: (x) => `Step ${integer(x)}`, images: (x) => `${integer(x)} images`, minutes: (x) => `Minute ${number(x)}` };
  plot = chart(plotBox, {
    tables, series, bands, main, crosses, logarithmic, zoom, label: along, title: unit[along],
    calm: find('#outliers').checked, floor: data.floors[tag],
    point: (found) => light(found.length && found[0].far < 40 ? found[0].run : -1),
  });
  plot.hooks.setSelect = [(u) => {
    if (u.select.width > 0) zoom = [u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x')];
  }];
  plot.over.addEventListener('dblclick', () => { zoom = null; });
  plot.lines = new Map([...main].map(([at, { run }]) => [run, at]));

  const hidden = rows.size - runs.length;
  find('#plot-note').textContent = [
    'Drag to zoom, double-click to reset.',
    tables.some(([, ...columns]) => columns.some((values) => values.some((value) => value !== null))) ? '' : 'No run in sight has a finite value.',
    weight > 0 ? 'Solid: moving average; faint: raw values, or their range where a long run was thinned.' : '',
    crosses.length ? '✕: the run ended early.' : '',
    hidden ? `${integer(hidden)} of ${integer(rows.size)} runs have no line: not chosen, filtered out, or without this measurement.` : '',
    logarithmic ? 'Values at or below zero have no place on this axis.' : '',
    along === 'images' ? 'Images: real ones that the discriminator has seen.' : '',
    along === 'minutes' ? 'Minutes: since the run’s first start, pauses included.' : '',
  ].join(' ');
};

if (plotBox) {
  const redraw = calmly(drawCurves);
  const buttons = all('#tags button');
  const choose = (button) => {
    tag = Number(button.dataset.tag);
    for (const other of buttons) other.setAttribute('aria-pressed', other === button);
    drawCurves();
    announce('tag');
  };
  for (const button of buttons) button.addEventListener('click', () => choose(button));
  find('#smoothing').addEventListener('input', (event) => {
    find('#smoothing-value').textContent = Number(event.target.value).toFixed(2);
    redraw();
    announce('tag');
  });
  if (data.runs.some((run) => !run.images)) find('[data-along=images]').hidden = true;
  for (const button of all('#along button')) {
    button.addEventListener('click', () => {
      along = button.dataset.along;
      zoom = null;
      for (const other of all('#along button')) other.setAttribute('aria-pressed', other === button);
      redraw();
    });
  }
  for (const control of ['#logarithmic', '#outliers']) {
    find(control).addEventListener('change', () => {
      redraw();
      announce('tag');
    });
  }
  find('#reset').addEventListener('click', () => {
    zoom = null;
    redraw();
  });
  plotBox.addEventListener('keydown', (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move || !plot) return;
    event.preventDefault();
    const at = Math.min(Math.max((plot.cursor.idx ?? (move > 0 ? -1 : plot.data[0].length)) + move, 0), plot.data[0].length - 1);
    plot.setCursor({ left: plot.valToPos(plot.data[0][at], 'x'), top: plot.over.clientHeight / 2 });
  });
  plotBox.addEventListener('blur', () => { tip.hidden = true; });
  page.addEventListener('lit', () => {
    if (plot) plot.setSeries(plot.lines.get(lit) ?? null, { focus: true });
  });
  redraws(plotBox, redraw);
  buttons[0].setAttribute('aria-pressed', true);
}
