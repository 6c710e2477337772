
// The table of runs: sorted by a column, filtered by words and comparisons, and the choice of what is plotted.
const headers = all('#table thead th');

const cellOf = (row, column) => row.children[column + 1];
const textOf = (cell) => cell.dataset.sort ?? cell.textContent.trim();
const isMissing = (cell) => cell.matches('.none, .lost');

const sortBy = (header) => {
  const column = headers.indexOf(header);
  const order = header.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
  for (const other of headers) other.removeAttribute('aria-sort');
  header.setAttribute('aria-sort', order > 0 ? 'ascending' : 'descending');
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  const sorted = [...rows.values()].sort((a, b) => {
    const [left, right] = [cellOf(a, column), cellOf(b, column)];
    if (isMissing(left) || isMissing(right)) return isMissing(left) - isMissing(right);
    const [x, y] = [textOf(left), textOf(right)];
    const difference = Number(x) - Number(y);
    return order * (Number.isNaN(difference) ? compare(x, y) : difference);
  });
  find('#table tbody').append(...sorted);
};

/** `lr=1e-4`, `loss/generator<2`, or a word that occurs anywhere in the row. */
const matches = (row, term) => {
  const [, key, sign, wanted] = term.match(/^([^<>=]+)(<=|>=|=|<|>)(.+)$/) ?? [];
  const column = headers.findIndex((header) => header.dataset.key === key);
  if (column < 0) return row.textContent.toLowerCase().includes(term.toLowerCase());
  const cell = cellOf(row, column);
  const value = Number(textOf(cell));
  const bound = Number(wanted);
  switch (sign) {
    case '=': return textOf(cell) === wanted || cell.textContent.trim() === wanted || value === bound;
    case '<': return value < bound;
    case '>': return value > bound;
    case '<=': return value <= bound;
    default: return value >= bound;
  }
};

const showRows = () => {
  const terms = find('#filter').value.split(/\s+/).filter(Boolean);
  for (const [run, row] of rows) {
    const out = !terms.every((term) => matches(row, term));
    row.hidden = out;
    if (out) filteredOut.add(run);
    else filteredOut.delete(run);
    row.classList.toggle('off', !chosen.has(run));
    row.querySelector('.line').setAttribute('aria-pressed', chosen.has(run));
  }
  const left = rows.size - filteredOut.size;
  find('#matches').textContent = terms.length ? `${left} of ${rows.size}` : '';
  tell('plotted');
};

for (const header of headers) {
  const button = make('button');
  button.type = 'button';
  button.append(...header.childNodes);
  button.addEventListener('click', () => sortBy(header));
  header.append(button);
}
for (const [run, row] of rows) {
  lights(row, run);
  row.addEventListener('focusin', () => light(run));
  row.addEventListener('focusout', () => light(-1));
  const button = row.querySelector('.line');
  button.disabled = false;
  button.addEventListener('click', () => {
    if (!chosen.delete(run)) chosen.add(run);
    showRows();
  });
}
if (rows.size) {
  let typing = 0;
  find('#filter').addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(showRows, 80);
  });
  find('#plot-all').addEventListener('click', () => {
    for (const run of rows.keys()) chosen.add(run);
    showRows();
  });
  find('#plot-none').addEventListener('click', () => {
    chosen.clear();
    showRows();
  });
}
