
// How the discriminator's logits of real and generated images are distributed, a pair of outlines for each step.
const ROW = 32;
/** How far an outline may reach into the rows above. */
const REACH = 1.3;

/** Round numbers within a range, some four of them. */
const roundNumbers = (low, high) => {
  const rough = (high - low) / 4 || 1;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((digit) => digit * size >= rough) * size;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(Math.floor(high / step) - first + 1, 0) }, (_, at) => (first + at) * step);
};

const heightsOf = ([least, greatest, base64]) => {
  const counts = [...atob(base64)].map((char) => char.charCodeAt(0));
  const sum = counts.reduce((total, count) => total + count, 0);
  const width = (greatest - least) / counts.length;
  // As densities, so that outlines of one step can be compared; a single value has none and becomes a spike.
  return { least, width, heights: counts.map((count) => count / sum / (width || 1)) };
};

const logitsFigure = (run, colours, room) => {
  const steps = data.runs[run].logits;
  if (!steps.length) return null;
  const pairs = steps.map(([step, both]) => ({ step, both: both.map(heightsOf) }));
  const ends = steps.flatMap(([, both]) => both.flatMap(([least, greatest]) => [least, greatest]));
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const [left, right, top] = [64, 18, ROW * (REACH - 0.6)];
  const width = Math.max(room, 320);
  const bottom = top + ROW * pairs.length;
  const span = high - low || 1;
  const x = (value) => left + ((value - low) / span) * (width - left - right);
  const drawing = svg('svg', { viewBox: `0 0 ${width} ${bottom + 22}`, width, height: bottom + 22, role: 'img', 'aria-label': `Logits of real and generated images of ${data.runs[run].id} at ${pairs.length} steps` });
  for (const value of roundNumbers(low, high)) {
    drawing.append(svg('line', { x1: x(value), x2: x(value), y1: 4, y2: bottom, class: 'rule' }),
      svg('text', { x: x(value), y: bottom + 16, 'text-anchor': 'middle' }, number(value)));
  }
  pairs.forEach(({ step, both }, row) => {
    const base = top + ROW * (row + 1) - 4;
    const most = Math.max(...both.flatMap(({ heights }) => heights));
    drawing.append(svg('text', { x: left - 10, y: base, 'text-anchor': 'end' }, integer(step)));
    both.forEach(({ least, width: part, heights }, kind) => {
      const wide = part || span / 200;
      const y = (height) => base - (height / most) * ROW * REACH * 0.9;
      const points = heights.map((height, at) => `V${y(height).toFixed(1)}H${x(least + wide * (at + 1)).toFixed(1)}`);
      drawing.append(svg('path', { d: `M${x(least).toFixed(1)} ${base}${points.join('')}V${base}Z`, class: 'outline', fill: colours[kind], stroke: colours[kind] }));
    });
    drawing.append(svg('line', { x1: left, x2: width - right, y1: base, y2: base, class: 'rule' }));
  });
  const figure = make('figure');
  const legend = make('p', 'legend');
  legend.append(make('b', '', 'logits by step'), ...['fake', 'real'].map((name, at) => entry({ name, colour: colours[1 - at] })));
  const box = make('div', 'wide-figure');
  box.append(drawing);
  figure.append(legend, box);
  return figure;
};
