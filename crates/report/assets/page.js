
// The data island, and the events between the parts of the page. Text goes through `textContent` only.
const find = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};
const option = (value, text) => {
  const element = make('option', '', text);
  element.value = value;
  return element;
};
/** At most once a frame. */
const calmly = (action) => {
  let frame = 0;
  return () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(action);
  };
};

/** A whole number beyond what a `Number` holds exactly stands in the data as its digits. */
const whole = (key, value) => {
  const digits = value?.$int;
  return typeof digits === 'string' && /^-?\d+$/.test(digits) ? BigInt(digits) : value;
};
const isNumber = (value) => typeof value === 'number' || typeof value === 'bigint';
/** For `sort`; `Number` and `BigInt` can be compared, not subtracted. */
const ascending = (a, b) => (a < b ? -1 : Number(a > b));

const island = find('#data').textContent;
// It is rarely needed, and takes its time for every value.
const data = JSON.parse(island, island.includes('"$int"') ? whole : undefined);
for (const element of all('[data-script]')) element.hidden = false;

const rows = new Map(all('#table tbody tr').map((row) => [Number(row.dataset.run), row]));
const tiles = new Map(all('.tile').map((tile) => [Number(tile.dataset.run), tile]));

/** Runs that the reader chose to plot, and those that the filter or a brush takes out. */
const chosen = new Set(rows.keys());
const out = new Set();
const isPlotted = (run) => chosen.has(run) && !out.has(run);

const page = new EventTarget();
const announce = (name) => page.dispatchEvent(new Event(name));

/** The run under the pointer or the focus, -1 for none; announced to table, curves, samples and settings. */
let lit = -1;
const light = (run) => {
  if (run === lit) return;
  for (const parts of [rows, tiles]) {
    parts.get(lit)?.classList.remove('lit');
    parts.get(run)?.classList.add('lit');
  }
  lit = run;
  announce('lit');
};
const lights = (element, run) => {
  element.addEventListener('pointerenter', () => light(run));
  element.addEventListener('pointerleave', () => light(-1));
};

const floats = (base64) => Float32Array.from(new Float32Array(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer));
const integer = (value) => Math.round(value).toLocaleString('en-US');
const number = (value) => {
  if (value === null || value === undefined) return '–';
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e6 || (size && size < 1e-3)) return value.toExponential(size < 1 ? 2 : 1).replace(/\.?0+e/, 'e').replace('e+', 'e');
  return Number(value.toPrecision(4)).toLocaleString('en-US', { maximumSignificantDigits: 4 });
};
/** As far as an interval's width is known. */
const rough = (value) => number(Number(value.toPrecision(2)));
const signed = (value) => (value > 0 ? '+' : value < 0 ? '−' : '') + number(Math.abs(value));

/** A run's value of a measure; none where it would rank a diverged or collapsed run among the others. */
const ranked = (run, at) => (data.measures[at].direction && data.runs[run].degenerate ? null : data.runs[run].values[at] ?? null);

/** A value of a setting, as the experiment file has it. */
const written = (value) => {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') {
    const [plain, short] = [String(value), value.toExponential()].map((text) => text.replace('e+', 'e'));
    return !Number.isInteger(value) && short.length < plain.length ? short : plain;
  }
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (typeof value === 'object') return `{${Object.entries(value).map(([key, inner]) => `${key}: ${written(inner)}`).join(', ')}}`;
  return String(value);
};

/** The same to six digits, as the table has it. */
const readable = (value) => written(typeof value === 'number' ? Number(value.toPrecision(6)) : value);

/** Mean of numbers and half its 95 % interval, null where there is none. */
const meanOf = (values) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null;
  const factor = data.half_widths[values.length] ?? null;
  return { mean, deviation, half: factor === null || deviation === null ? null : factor * deviation };
};
