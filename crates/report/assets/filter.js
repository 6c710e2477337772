
// The words of the filter box: what they mean for a run.
const ALIASES = { fid: 'frechet', img: 'speed/images_per_second' };
const columnsOf = () => [
  { key: 'id', names: ['run', 'name'], value: (run) => data.runs[run].id },
  { key: 'status', names: [], value: (run) => data.runs[run].status },
  { key: 'seed', names: [], isNumber: true, value: (run) => data.runs[run].seed },
  ...data.settings.map(({ key, name, ordered }, at) => ({ key, names: [name], isNumber: ordered, value: (run) => data.runs[run].settings[at] ?? null })),
  ...data.measures.map(({ key, label }, at) => ({ key, names: [label], isNumber: true, value: (run) => data.runs[run].values[at] ?? null })),
  { key: 'selected_step', names: ['step'], isNumber: true, value: (run) => data.runs[run].selected_step ?? null },
  { key: 'time', names: ['secs'], isNumber: true, value: (run) => data.runs[run].secs },
  ...Object.keys(data.config).map((key) => ({ key, names: [], value: () => data.config[key] })),
];
const knownColumns = columnsOf();

/** The column that is meant: its key or name, a part of it between dots and slashes, or how either begins. */
const columnNamed = (text, needsNumber) => {
  const wanted = (ALIASES[text.toLowerCase()] ?? text).toLowerCase();
  const usable = knownColumns.filter((column) => column.isNumber || !needsNumber);
  const names = (column) => [column.key, ...column.names].map((name) => name.toLowerCase());
  const parts = (column) => column.key.toLowerCase().split(/[./]/);
  return usable.find((column) => names(column).includes(wanted))
    ?? usable.find((column) => parts(column).at(-1) === wanted)
    ?? usable.find((column) => parts(column).includes(wanted))
    ?? usable.find((column) => [...names(column), ...parts(column)].some((name) => name.startsWith(wanted)));
};

/** A term as a question to a run; `problem` says why there is none. */
const understood = (term) => {
  const [, key, sign, quoted] = term.match(/^([^<>=!]+)(<=|>=|!=|=|<|>)(.*)$/) ?? [];
  if (!key) {
    const word = term.replaceAll('"', '').toLowerCase();
    return { asks: (run) => rows.get(run).textContent.toLowerCase().includes(word) };
  }
  const wanted = quoted.replaceAll('"', '');
  const bound = /^-?\d{16,}$/.test(wanted) ? BigInt(wanted) : Number(wanted);
  const needsNumber = sign.startsWith('<') || sign.startsWith('>');
  if (wanted === '') return { asks: () => true };
  if (needsNumber && Number.isNaN(bound)) return { problem: `“${wanted}” is not a number` };
  const column = columnNamed(key, needsNumber);
  if (!column) return { problem: `no ${needsNumber ? 'column of numbers' : 'column'} “${key}”` };
  const equals = (value) => [written(value), readable(value)].some((text) => text.toLowerCase() === wanted.toLowerCase()) || (isNumber(value) && wanted.trim() !== '' && value == bound);
  const compare = {
    '=': equals, '!=': (value) => !equals(value),
    '<': (value) => value < bound, '>': (value) => value > bound, '<=': (value) => value <= bound, '>=': (value) => value >= bound,
  }[sign];
  return {
    column: column.key.toLowerCase() === key.toLowerCase() ? undefined : `${key} is ${column.key}`,
    asks: (run) => {
      const value = column.value(run);
      return needsNumber ? isNumber(value) && compare(value) : compare(value);
    },
  };
};

/** All terms must hold; `a|b` holds if either does, `-a` if `a` does not. */
const query = (text) => {
  const [questions, notes] = [[], []];
  for (const term of text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? []) {
    const negated = term.length > 1 && (term.startsWith('-') || term.startsWith('!'));
    const any = (negated ? term.slice(1) : term).split('|').filter(Boolean).map(understood);
    notes.push(...any.flatMap(({ problem, column }) => problem ?? column ?? []));
    const asked = any.filter(({ asks }) => asks);
    if (asked.length) questions.push((run) => asked.some(({ asks }) => asks(run)) !== negated);
  }
  return { holds: (run) => questions.every((question) => question(run)), notes };
};

const applyFilters = () => {
  const text = find('#filter').value;
  const { holds, notes } = query(text);
  out.clear();
  for (const [run, row] of rows) {
    if (!holds(run) || isBrushedOut(run)) out.add(run);
    row.hidden = out.has(run);
  }
  const left = rows.size - out.size;
  find('#matches').textContent = [
    text.trim() || brushes.size ? `${integer(left)} of ${integer(rows.size)} runs` : '',
    brushes.size ? 'brushed' : '',
    ...new Set(notes),
  ].filter(Boolean).join(' · ');
  announce('filtered');
  announce('plotted');
};
