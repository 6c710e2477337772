
// The table of runs: sorted by a column, held against a baseline, written as CSV, and the choice of what is plotted.
const table = find('#table');
let headers = all('#table thead th');
const cellOf = (row, header) => row.children[header.cellIndex];

const sortBy = (header) => {
  const order = header.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
  for (const other of headers) other.removeAttribute('aria-sort');
  header.setAttribute('aria-sort', order > 0 ? 'ascending' : 'descending');
  const { value } = knownColumns.find(({ key }) => key === header.dataset.key);
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  const isRanked = data.measures.some(({ key, direction }) => direction && key === header.dataset.key);
  const sorted = [...rows.keys()].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    // Diverged and collapsed runs rank after all others, whichever way the column is sorted.
    const [p, q] = [a, b].map((run) => isRanked && data.runs[run].degenerate);
    if (p !== q) return p - q;
    if (x === null || y === null) return (x === null) - (y === null);
    return order * (isNumber(x) && isNumber(y) ? ascending(x, y) : compare(written(x), written(y)));
  });
  table.tBodies[0].append(...sorted.map((run) => rows.get(run)));
};
const makeSortable = (header) => {
  const button = make('button');
  button.type = 'button';
  button.append(...header.childNodes);
  button.addEventListener('click', () => sortBy(header));
  header.append(button);
};

/** The run that others are held against, -1 for none. */
let baseline = -1;
const holdAgainst = (run) => {
  baseline = run;
  for (const mark of table.querySelectorAll('.delta')) mark.remove();
  for (const [at, row] of rows) {
    row.classList.toggle('baseline', at === run);
    row.querySelector('.pin')?.setAttribute('aria-pressed', at === run);
    for (const header of headers) {
      const cell = cellOf(row, header);
      const column = knownColumns.find(({ key }) => key === header.dataset.key);
      if (['id', 'status'].includes(column.key)) continue;
      const [value, other] = run < 0 ? [null, null] : [column.value(at), column.value(run)];
      const differs = run >= 0 && at !== run && written(value) !== written(other);
      const isSetting = cell.matches('.setting') || column.key === 'seed';
      cell.classList.toggle('differs', differs && isSetting);
      if (differs && !isSetting && typeof value === 'number' && typeof other === 'number') cell.append(make('small', 'delta', signed(Number((value - other).toPrecision(3)))));
    }
  }
};

let oneRun = 0;
const showRun = (run) => {
  oneRun = run;
  announce('run');
};

const choosePlotted = (runs) => {
  chosen.clear();
  for (const run of runs) chosen.add(run);
  markChosen();
  announce('plotted');
};
const markChosen = () => {
  for (const [run, row] of rows) {
    row.classList.toggle('off', !chosen.has(run));
    row.querySelector('.line').setAttribute('aria-pressed', chosen.has(run));
  }
};
/** The best runs where that is known, else some from all over the sweep. */
const SOME = 12;
const some = () => {
  const left = [...rows.keys()].filter((run) => !out.has(run));
  const goal = data.measures.findIndex(({ direction }) => direction);
  if (goal >= 0) {
    const { direction, floor } = data.measures[goal];
    const far = (run) => {
      const value = data.runs[run].values[goal];
      if (typeof value !== 'number' || data.runs[run].status !== 'done') return Infinity;
      return { lower: value, higher: -value, half: Math.abs(value - 0.5), floor: Math.abs(value - (floor ?? 0)) }[direction];
    };
    return left.sort((a, b) => far(a) - far(b) || a - b).slice(0, SOME);
  }
  return left.filter((_, at) => Math.floor((at * SOME) / left.length) !== Math.floor(((at - 1) * SOME) / left.length));
};

/** Columns for what all runs have in common, made when they are asked for. */
const addCommonColumns = () => {
  if (table.dataset.whole) return;
  table.dataset.whole = true;
  for (const [key, value] of Object.entries(data.config)) {
    const header = make('th', 'extra setting', key);
    header.scope = 'col';
    header.dataset.key = key;
    table.tHead.rows[0].append(header);
    makeSortable(header);
    for (const row of rows.values()) row.append(make('td', 'extra setting', readable(value)));
  }
  headers = all('#table thead th');
};

const csv = () => {
  const columns = knownColumns.filter(({ key }) => !(key in data.config));
  const cell = (value) => {
    if (value === null || value === undefined) return '';
    if (isNumber(value)) return String(value);
    // A spreadsheet would run what begins like this.
    const text = written(value).replace(/^(?=[=+\-@\t])/, "'");
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const shown = [...table.tBodies[0].rows].filter((row) => !row.hidden).map((row) => Number(row.dataset.run));
  const lines = [columns.map(({ key }) => cell(key)), ...shown.map((run) => columns.map(({ value }) => cell(value(run))))];
  return lines.map((line) => line.join(',')).join('\n') + '\n';
};

if (rows.size) {
  headers.forEach(makeSortable);
  for (const [run, row] of rows) {
    lights(row, run);
    row.addEventListener('focusin', () => light(run));
    row.addEventListener('focusout', () => light(-1));
    const { id } = data.runs[run];
    const line = row.querySelector('.line');
    line.disabled = false;
    line.addEventListener('click', () => {
      if (!chosen.delete(run)) chosen.add(run);
      markChosen();
      announce('plotted');
    });
    const name = make('button', 'id', id);
    name.type = 'button';
    name.addEventListener('click', () => {
      showRun(run);
      find('#one-run').scrollIntoView();
      find('#run-choice').focus({ preventScroll: true });
    });
    const pin = make('button', 'pin', '⚑');
    pin.type = 'button';
    pin.setAttribute('aria-pressed', false);
    pin.setAttribute('aria-label', `Hold others against ${id}`);
    pin.addEventListener('click', () => holdAgainst(baseline === run ? -1 : run));
    row.querySelector('th').replaceChildren(name, ' ', pin);
  }
  let typing = 0;
  find('#filter').addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(applyFilters, 80);
  });
  find('#differing').addEventListener('change', (event) => {
    if (!event.target.checked) addCommonColumns();
    table.classList.toggle('everything', !event.target.checked);
    holdAgainst(baseline);
  });
  find('#plot-all').addEventListener('click', () => choosePlotted(rows.keys()));
  find('#plot-some').addEventListener('click', () => choosePlotted(some()));
  find('#plot-none').addEventListener('click', () => choosePlotted([]));
  find('#csv').addEventListener('click', () => {
    const link = make('a');
    link.href = URL.createObjectURL(new Blob([csv()], { type: 'text/csv' }));
    link.download = 'runs.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  if (rows.size > 48) choosePlotted(some());
}
