
// Training curves: raw values faint, their debiased moving average on top, a cross where a run ended early.
const DASHES = [[], [7, 4], [2, 3]];
/** More lines than this are drawn thin and without their raw values. */
const MANY_LINES = 16;

const plotBox = find('#plot');
let plot = null;
let tag = 0;

const decoded = new Map();
const curveOf = (run, tag) => {
  const key = `${run} ${tag}`;
  if (!decoded.has(key)) {
    const curve = data.runs[run].curves[tag];
    decoded.set(key, curve && {
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
const faint = (colour, alpha) => colour.replace('rgb(', 'rgba(').replace(')', `, ${alpha})`);

const tip = find('#tip');
const showTip = (lines, step) => {
  const at = plot.over.getBoundingClientRect();
  tip.replaceChildren(make('p', '', `Step ${integer(step)}`), ...lines.map(({ run, value, raw }) => {
    const line = make('div', run === lit ? 'lit' : '');
    const mark = make('span', 'line');
    mark.style.color = colourOf(run);
    line.append(mark, make('span', 'id', data.runs[run].id), make('span', '', number(value)));
    if (raw !== undefined) line.append(make('span', 'raw', number(raw)));
    return line;
  }));
  tip.hidden = false;
  const { left, top } = plot.cursor;
  const right = at.left + left + 16;
  tip.style.left = `${Math.max(8, right + tip.offsetWidth > innerWidth - 8 ? at.left + left - tip.offsetWidth - 16 : right)}px`;
  tip.style.top = `${Math.min(at.top + top + 12, innerHeight - tip.offsetHeight - 8)}px`;
};

const colourOf = (run) => getComputedStyle(rows.get(run).querySelector('.line')).color;

/** The newest value at or before an index: runs need not log at the same steps. */
const before = (values, index) => {
  while (index > 0 && values[index] === undefined) index -= 1;
  return values[index];
};

const drawCurves = () => {
  const logarithmic = find('#logarithmic').checked;
  const weight = Number(find('#smoothing').value);
  const runs = [...rows.keys()].filter((run) => isPlotted(run) && curveOf(run, tag));
  const few = runs.length <= MANY_LINES;
  const drawable = (values) => (logarithmic ? values.map((value) => (value > 0 ? value : null)) : values);

  const tables = [];
  const series = [{}];
  const bands = [];
  const main = new Map();
  const crosses = [];
  for (const run of runs) {
    const { steps, values, range } = curveOf(run, tag);
    const colour = colourOf(run);
    const dash = DASHES[data.runs[run].dash % DASHES.length];
    const columns = [steps];
    if (few && range) {
      bands.push({ series: [series.length, series.length + 1], fill: faint(colour, 0.14) });
      for (const edge of [range[1], range[0]]) {
        columns.push(drawable(gaps(edge)));
        series.push({ stroke: 'transparent', points: { show: false } });
      }
    } else if (few && weight > 0) {
      columns.push(drawable(gaps(values)));
      series.push({ stroke: faint(colour, 0.22), width: 1, points: { show: false } });
    }
    const average = drawable(smooth(values, weight));
    main.set(series.length, { run, raw: gaps(values), steps });
    columns.push(average);
    const single = average.filter((value) => value !== null).length < 3;
    series.push({ run, stroke: colour, width: few ? 2 : 1, dash, points: single ? { show: true, size: 6, fill: colour } : { show: false } });
    tables.push(columns);
    if (data.runs[run].cut) {
      const last = average.findLastIndex((value) => value !== null);
      if (last >= 0) crosses.push({ step: steps[last], value: average[last], colour });
    }
  }

  const style = getComputedStyle(plotBox);
  const axis = { stroke: style.color, grid: { stroke: style.borderTopColor, width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
  const joined = tables.length ? uPlot.join(tables) : [[]];
  if (plot) plot.destroy();
  plot = new uPlot({
    width: plotBox.clientWidth,
    height: plotBox.clientHeight,
    legend: { show: false },
    cursor: { points: { show: false }, y: false },
    focus: { alpha: 0.2 },
    scales: {
      x: { time: false },
      y: { distr: logarithmic ? 3 : 1, ...(find('#outliers').checked ? { range: () => calmRange(joined, main, logarithmic) } : {}) },
    },
    axes: [
      { ...axis, label: 'step', labelSize: 20, labelFont: axis.font, size: 36, values: (_, ticks) => ticks.map(integer) },
      { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : number(tick))) },
    ],
    series,
    bands,
    hooks: {
      draw: [(u) => drawCrosses(u, crosses)],
      setCursor: [(u) => pointAt(u, main)],
    },
  }, joined, plotBox);

  const hidden = rows.size - runs.length;
  find('#plot-note').textContent = [
    'Drag to zoom, double-click to reset. Solid: moving average; faint: raw values, or their range where a long run was thinned. ✕: the run ended early.',
    hidden ? `${integer(hidden)} of ${integer(rows.size)} runs have no line: not chosen, or without this measurement.` : '',
    logarithmic ? 'Values at or below zero have no place on this axis.' : '',
  ].join(' ');
};

/** All that is drawn, or most of it where a few values, as of a diverged run, would flatten the rest. */
const calmRange = (joined, main, logarithmic) => {
  const values = [...main.keys()].flatMap((at) => joined[at].filter((value) => value !== null && value !== undefined));
  if (!values.length) return logarithmic ? [0.1, 1] : [0, 1];
  values.sort((a, b) => a - b);
  const at = (part) => values[Math.round(part * (values.length - 1))];
  const scale = logarithmic ? Math.log : (value) => value;
  const span = (low, high) => scale(high) - scale(low);
  const most = [at(0.01), at(0.96)];
  const [low, high] = span(at(0), at(1)) > 3 * span(...most) && span(...most) > 0 ? most : [at(0), at(1)];
  if (logarithmic) return [low / 1.2, high * 1.2];
  const margin = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return [low - margin, high + margin];
};

const drawCrosses = (u, crosses) => {
  const { ctx, bbox } = u;
  const size = 5 * devicePixelRatio;
  ctx.save();
  ctx.setLineDash([]);
  ctx.lineWidth = 2.5 * devicePixelRatio;
  for (const { step, value, colour } of crosses) {
    const x = u.valToPos(step, 'x', true);
    const y = Math.min(Math.max(u.valToPos(value, 'y', true), bbox.top + size), bbox.top + bbox.height - size);
    if (x < bbox.left - 1 || x > bbox.left + bbox.width + 1) continue;
    ctx.strokeStyle = colour;
    ctx.beginPath();
    ctx.moveTo(x - size, y - size);
    ctx.lineTo(x + size, y + size);
    ctx.moveTo(x - size, y + size);
    ctx.lineTo(x + size, y - size);
    ctx.stroke();
  }
  ctx.restore();
};

const pointAt = (u, main) => {
  const index = u.cursor.idx;
  if (index === null || index === undefined || u.cursor.left < 0) {
    tip.hidden = true;
    return;
  }
  const step = u.data[0][index];
  const pointer = u.cursor.top;
  const lines = [];
  for (const [at, { run, raw, steps }] of main) {
    const value = before(u.data[at], index);
    if (value === null || value === undefined || steps.at(-1) < step) continue;
    lines.push({ run, value, raw: raw[steps.indexOf(step)] ?? undefined, distance: Math.abs(u.valToPos(value, 'y') - pointer) });
  }
  if (!lines.length) {
    tip.hidden = true;
    return;
  }
  lines.sort((a, b) => a.distance - b.distance);
  light(lines[0].distance < 40 ? lines[0].run : -1);
  showTip(lines.slice(0, 8).sort((a, b) => b.value - a.value), step);
};

if (plotBox) {
  let frame = 0;
  const redraw = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(drawCurves);
  };
  for (const button of all('#tags button')) {
    button.addEventListener('click', () => {
      tag = Number(button.dataset.tag);
      for (const other of all('#tags button')) other.setAttribute('aria-pressed', other === button);
      drawCurves();
    });
  }
  find('#smoothing').addEventListener('input', (event) => {
    find('#smoothing-value').textContent = Number(event.target.value).toFixed(2);
    redraw();
  });
  for (const control of ['#logarithmic', '#outliers']) find(control).addEventListener('change', redraw);
  find('#reset').addEventListener('click', redraw);
  for (const change of ['plotted', 'theme']) page.addEventListener(change, redraw);
  page.addEventListener('lit', () => {
    if (!plot) return;
    const line = [...plot.series.keys()].find((at) => at > 0 && plot.series[at].run === lit);
    plot.setSeries(line ?? null, { focus: true });
  });
  plotBox.addEventListener('pointerleave', () => {
    tip.hidden = true;
    light(-1);
  });
  new ResizeObserver(redraw).observe(plotBox);
}
