
// Copying commands, and one run with all its settings.
for (const button of all('.copy')) {
  button.addEventListener('click', async () => {
    const code = button.parentElement.querySelector('pre code');
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  });
}

/** YAML in block style. A word that could be read as something else is quoted, as JSON does it. */
const yaml = (value, indent) => {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return /^[A-Za-z_][\w./-]*$/.test(value) && !/^(true|false|null|nan|inf)$/i.test(value) ? value : JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => yaml(item, '')).join(', ')}]`;
  const entries = Object.entries(value);
  if (!entries.length) return '{}';
  return entries.map(([key, inner]) => {
    const isMap = typeof inner === 'object' && inner !== null && !Array.isArray(inner) && Object.keys(inner).length;
    return `\n${indent}${yaml(key, '')}:${isMap ? '' : ' '}${yaml(inner, `${indent}  `)}`;
  }).join('');
};
const configOf = (run) => {
  const config = {};
  for (const [key, value] of Object.entries({ ...data.config, ...data.runs[run].own })) {
    const path = key.split('.');
    let map = config;
    for (const part of path.slice(0, -1)) map = map[part] ??= {};
    map[path.at(-1)] = value;
  }
  return `run:${yaml(config, '  ')}\n`;
};
const runChoice = find('#run-choice');
const tellRun = () => {
  runChoice.value = oneRun;
  find('#run-facts').replaceChildren(...data.runs[oneRun].facts.map(([label, value]) => {
    const pair = make('div');
    pair.append(make('dt', '', label), make('dd', '', value));
    return pair;
  }));
  find('#run-config').textContent = configOf(oneRun);
};
if (runChoice) {
  runChoice.append(...data.runs.map(({ id }, run) => option(run, id)));
  runChoice.addEventListener('change', () => showRun(Number(runChoice.value)));
  page.addEventListener('run', tellRun);
  tellRun();
}
