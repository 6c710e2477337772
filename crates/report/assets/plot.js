
// What all line charts share: axes, ranges that a diverged run does not spoil, crosses, the tip beside the pointer.
const tip = find('#tip');
const showTip = (x, y, title, lines) => {
  tip.replaceChildren(make('p', '', title), ...lines.map(({ colour, name, value, more, strong }) => {
    const line = make('div', strong ? 'lit' : '');
    const mark = make('span', 'line');
    mark.style.color = colour;
    line.append(mark, make('span', 'id', name), make('span', '', value));
    if (more) line.append(make('span', 'raw', more));
    return line;
  }));
  tip.hidden = false;
  const right = x + 16;
  const left = right + tip.offsetWidth > innerWidth - 8 ? x - tip.offsetWidth - 16 : right;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${Math.max(8, Math.min(y + 12, innerHeight - tip.offsetHeight - 8))}px`;
};

/** The newest value at or before an index: lines need not share their points. */
const before = (values, index) => {
  while (index > 0 && values[index] === undefined) index -= 1;
  return values[index];
};

/** The values that are in sight; most of them where a few, as of a diverged run, would flatten the rest. */
const rangeOf = (u, lines, logarithmic, calm, floor) => {
  const [from, to] = u.series[0].idxs ?? [0, u.data[0].length - 1];
  const values = [];
  for (const line of lines) {
    for (let at = from; at <= to; at += 1) {
      const value = u.data[line][at];
      if (value !== null && value !== undefined) values.push(value);
    }
  }
  if (!values.length) return logarithmic ? [0.1, 1] : [0, 1];
  values.sort((a, b) => a - b);
  const at = (part) => values[Math.round(part * (values.length - 1))];
  const scale = logarithmic ? Math.log : (value) => value;
  const span = ([low, high]) => scale(high) - scale(low);
  const whole = [at(0), at(1)];
  const most = [at(0.02), at(0.96)];
  const [least, greatest] = calm && span(whole) > 3 * span(most) && span(most) > 0 ? most : whole;
  const withFloor = floor !== undefined && (!logarithmic || floor > 0);
  const [low, high] = withFloor ? [Math.min(least, floor), Math.max(greatest, floor)] : [least, greatest];
  if (logarithmic) return [low / 1.2, high * 1.2];
  const margin = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return [low - margin, high + margin];
};

/** What real samples get, if that is known. */
const drawFloor = (u, floor, colour) => {
  if (floor === undefined) return;
  const { ctx, bbox } = u;
  const y = u.valToPos(floor, 'y', true);
  if (!(y >= bbox.top && y <= bbox.top + bbox.height)) return;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'right';
  const isHigh = y - bbox.top < 20 * devicePixelRatio;
  ctx.fillText('real samples', bbox.left + bbox.width - 4 * devicePixelRatio, y + (isHigh ? 14 : -5) * devicePixelRatio);
  ctx.restore();
};

const drawCrosses = (u, crosses) => {
  const { ctx, bbox } = u;
  const size = 5 * devicePixelRatio;
  ctx.save();
  ctx.setLineDash([]);
  ctx.lineWidth = 2.5 * devicePixelRatio;
  for (const { x, y, colour } of crosses) {
    const left = u.valToPos(x, 'x', true);
    const top = Math.min(Math.max(u.valToPos(y, 'y', true), bbox.top + size), bbox.top + bbox.height - size);
    if (left < bbox.left - 1 || left > bbox.left + bbox.width + 1) continue;
    ctx.strokeStyle = colour;
    ctx.beginPath();
    ctx.moveTo(left - size, top - size);
    ctx.lineTo(left + size, top + size);
    ctx.moveTo(left - size, top + size);
    ctx.lineTo(left + size, top - size);
    ctx.stroke();
  }
  ctx.restore();
};

/**
 * A line chart in a box. `tables` are uPlot's, one for each group of `series` with its own x; `main` are the series
 * that ranges, tips and crosses go by: index to `{ name, colour, value(y, index), ... }`.
 */
const chart = (box, { tables, series, bands = [], main, crosses = [], label, floor, logarithmic = false, calm = false, zoom = null, point, title }) => {
  const style = getComputedStyle(box);
  const font = '12px system-ui, sans-serif';
  const axis = { stroke: style.color, grid: { stroke: style.borderTopColor, width: 1 }, ticks: { show: false }, font };
  const joined = tables.length ? uPlot.join(tables) : [[]];
  const lines = [...main.keys()];
  const u = new uPlot({
    width: box.clientWidth,
    height: box.clientHeight,
    legend: { show: false },
    cursor: { points: { show: false }, y: false },
    focus: { alpha: 0.15 },
    scales: {
      x: { time: false, ...(zoom ? { min: zoom[0], max: zoom[1] } : {}) },
      y: { distr: logarithmic ? 3 : 1, range: (plot) => rangeOf(plot, lines, logarithmic, calm, floor) },
    },
    axes: [
      { ...axis, label, labelSize: 20, labelFont: font, size: 34, values: (_, ticks) => ticks.map((tick) => (label === 'minutes' || Number.isInteger(tick) ? number(tick) : '')) },
      { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : number(tick))) },
    ],
    series: [{}, ...series],
    bands,
    hooks: {
      draw: [(plot) => drawFloor(plot, floor, style.color), (plot) => drawCrosses(plot, crosses)],
      setCursor: [(plot) => {
        const { idx, left, top } = plot.cursor;
        if (idx === null || idx === undefined || left < 0) {
          tip.hidden = true;
          return;
        }
        const x = plot.data[0][idx];
        const found = [];
        for (const [at, line] of main) {
          const value = before(plot.data[at], idx);
          if (value === null || value === undefined || line.last < x) continue;
          found.push({ ...line, y: value, far: Math.abs(plot.valToPos(value, 'y') - top) });
        }
        found.sort((a, b) => a.far - b.far);
        if (!found.length) tip.hidden = true;
        point?.(found, x);
        if (!found.length) return;
        const at = plot.over.getBoundingClientRect();
        const shown = found.slice(0, 8).sort((a, b) => b.y - a.y);
        showTip(at.left + left, at.top + Math.max(top, 0), title(x), shown.map((line) => ({
          colour: line.colour, name: line.name, value: number(line.y), more: line.more?.(x), strong: line.run !== undefined && line.run === lit,
        })));
      }],
    },
  }, joined, box);
  box.onpointerleave = () => {
    tip.hidden = true;
    point?.([], 0);
  };
  return u;
};
/** A line and its name, for a legend. */
const entry = ({ name, colour }) => {
  const mark = make('span', 'line');
  mark.style.color = colour;
  const element = make('span', 'entry');
  element.append(mark, name);
  return element;
};
/** Draws again when the box or the colours change. */
const redraws = (box, draw) => {
  new ResizeObserver(draw).observe(box);
  for (const change of ['plotted', 'theme']) page.addEventListener(change, draw);
};
