// The data island, and what the parts of the page tell each other. Text goes through `textContent` only.
const find = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};

const data = JSON.parse(find('#data').textContent);
for (const element of all('[data-script]')) element.hidden = false;

const rows = new Map(all('#table tbody tr').map((row) => [Number(row.dataset.run), row]));
const tiles = new Map(all('.tile').map((tile) => [Number(tile.dataset.run), tile]));

/** Runs that are plotted: chosen by the reader and not filtered out. */
const chosen = new Set(rows.keys());
const filteredOut = new Set();
const isPlotted = (run) => chosen.has(run) && !filteredOut.has(run);

const page = new EventTarget();
const tell = (name) => page.dispatchEvent(new Event(name));

/** The run under the pointer or the focus, -1 for none; told to table, curves and samples alike. */
let lit = -1;
const light = (run) => {
  if (run === lit) return;
  lit = run;
  for (const parts of [rows, tiles]) for (const [at, part] of parts) part.classList.toggle('lit', at === run);
  tell('lit');
};
const lights = (element, run) => {
  element.addEventListener('pointerenter', () => light(run));
  element.addEventListener('pointerleave', () => light(-1));
};

const floats = (base64) => {
  const text = atob(base64);
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  return new Float32Array(bytes.buffer);
};
const integer = (value) => Math.round(value).toLocaleString('en-US');
const number = (value) => {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e6 || (size && size < 1e-3) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
};
