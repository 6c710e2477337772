
// The effect of settings on a number: a line for one axis, a heat map for two; and which of them matter.
const heatRows = find('#heat-rows');
const heatColumns = find('#heat-columns');

/** Runs by their value of a setting, in the order of the plan, or of size. */
const byValue = (at, runs) => {
  const groups = new Map();
  for (const run of runs) {
    const key = written(data.runs[run].settings[at] ?? null);
    if (!groups.has(key)) groups.set(key, { value: data.runs[run].settings[at] ?? null, runs: [] });
    groups.get(key).runs.push(run);
  }
  const found = [...groups.values()].map((group) => ({ text: readable(group.value), ...group }));
  return data.settings[at].ordered ? found.sort((a, b) => ascending(a.value ?? -Infinity, b.value ?? -Infinity)) : found;
};
const shownRuns = () => [...data.runs.keys()].filter((run) => !out.has(run));
const numbersOf = (runs) => runs.map((run) => ranked(run, target.value)).filter((value) => typeof value === 'number');

const drawLine = (box) => {
  const groups = byValue(0, shownRuns()).map((group) => ({ ...group, numbers: numbersOf(group.runs) }));
  const { place } = placesOf(groups.map(({ value }) => value));
  const stats = groups.map(({ numbers }) => (numbers.length ? meanOf(numbers) : null));
  const ends = stats.flatMap((stat, at) => (stat ? [stat.mean - (stat.half ?? 0), stat.mean + (stat.half ?? 0), ...groups[at].numbers] : []));
  const [width, height, left, bottom] = [Math.max(box.clientWidth - 4, 320), 300, 70, 250];
  // An interval of two seeds may be far wider than all values: these decide the scale.
  const values = groups.flatMap(({ numbers }) => numbers);
  const span = Math.max(...values) - Math.min(...values) || Math.abs(values[0]) || 1;
  const low = Math.max(Math.min(...ends), Math.min(...values) - span);
  const high = Math.min(Math.max(...ends), Math.max(...values) + span);
  const x = (value) => left + 20 + place(value) * (width - left - 60);
  const clamp = (value) => Math.min(Math.max(value, low), high);
  const y = (value) => bottom - ((clamp(value) - low) / (high - low || 1)) * (bottom - 20);
  const drawing = svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': `${data.measures[target.value].label} by ${data.settings[0].name}` });
  for (let at = 0; at <= 4; at += 1) {
    const value = low + ((high - low) * at) / 4;
    drawing.append(svg('line', { x1: left, x2: width, y1: y(value), y2: y(value), class: 'rule' }),
      svg('text', { x: left - 8, y: y(value) + 4, 'text-anchor': 'end', class: 'tick' }, number(value)));
  }
  const points = groups.map(({ value }, at) => (stats[at] ? `${x(value)} ${y(stats[at].mean)}` : null)).filter(Boolean);
  if (data.settings[0].ordered) drawing.append(svg('path', { d: `M${points.join('L')}`, class: 'mean' }));
  groups.forEach(({ value, text, numbers, runs }, at) => {
    drawing.append(svg('text', { x: x(value), y: bottom + 22, 'text-anchor': 'middle', class: 'tick' }, shortened(text, 14)));
    const stat = stats[at];
    if (!stat) {
      drawing.append(svg('text', { x: x(value), y: bottom + 40, 'text-anchor': 'middle', class: 'tick' }, 'no value'));
      return;
    }
    if (stat.half !== null) drawing.append(svg('line', { x1: x(value), x2: x(value), y1: y(stat.mean - stat.half), y2: y(stat.mean + stat.half), class: 'interval' }));
    for (const run of runs) {
      const number = ranked(run, target.value);
      if (typeof number !== 'number') continue;
      const dot = svg('circle', { cx: x(value), cy: y(number), r: 3.5, class: 'dot', 'data-run': run, fill: colourOf(run) });
      dot.append(svg('title', {}, data.runs[run].id));
      dot.addEventListener('pointerenter', () => light(run));
      dot.addEventListener('pointerleave', () => light(-1));
      drawing.append(dot);
    }
    const centre = svg('circle', { cx: x(value), cy: y(stat.mean), r: 5.5, class: 'centre' });
    centre.append(svg('title', {}, `${text}: ${number(stat.mean)}${stat.half === null ? '' : ` ± ${rough(stat.half)}`}, ${numbers.length} runs`));
    drawing.append(centre);
  });
  drawing.append(svg('text', { x: (left + width) / 2, y: height - 8, 'text-anchor': 'middle', class: 'name' }, data.settings[0].name));
  box.replaceChildren(drawing);
  const lost = data.measures[target.value].direction && data.runs.some(({ degenerate }) => degenerate) ? ' Diverged and collapsed runs have no dot.' : '';
  find('#effect-note').textContent = `Ring: mean; bar: its 95 % interval over seeds, cut where it leaves the chart; dots: runs.${lost}`;
};

const drawHeat = (box) => {
  const [down, across] = [Number(heatRows.value), Number(heatColumns.value)];
  const runs = shownRuns();
  const lines = byValue(down, runs);
  const columns = byValue(across, runs);
  const cell = (line, column) => {
    const shared = line.runs.filter((run) => column.runs.includes(run));
    // Only seeds repeat an experiment: a mean over several configurations has no interval.
    const isRepeated = new Set(shared.map((run) => data.runs[run].group)).size === 1;
    return { numbers: numbersOf(shared), isRepeated };
  };
  const cells = lines.map((line) => columns.map((column) => cell(line, column)));
  const known = cells.flat().filter(({ numbers }) => numbers.length).map(({ numbers }) => meanOf(numbers).mean);
  const { place } = placesOf(known);
  const better = data.measures[target.value].direction === 'lower' ? -1 : 1;
  const table = make('table', 'heat');
  const head = make('tr');
  head.append(make('td', '', ''), ...columns.map(({ text }) => {
    const th = make('th', '', text);
    th.scope = 'col';
    return th;
  }));
  const body = make('tbody');
  lines.forEach((line, at) => {
    const row = make('tr');
    const th = make('th', '', line.text);
    th.scope = 'row';
    row.append(th, ...cells[at].map(({ numbers, isRepeated }) => {
      if (!numbers.length) return make('td', 'none', '–');
      const { mean, half } = meanOf(numbers);
      const td = make('td', '', number(mean));
      td.append(make('small', '', `${half === null || !isRepeated ? '' : `± ${rough(half)} · `}n=${numbers.length}`));
      const at = place(mean) ?? 0.5;
      const part = better > 0 ? at : 1 - at;
      const ground = viridis(0.15 + 0.85 * part);
      td.style.background = ground;
      td.style.color = inkOn(ground);
      return td;
    }));
    body.append(row);
  });
  const thead = make('thead');
  thead.append(head);
  table.append(make('caption', '', `${data.settings[down].name} by rows, ${data.settings[across].name} by columns`), thead, body);
  box.replaceChildren(table);
  const averaged = data.settings.length > 2 ? ' Other settings are averaged over: filter to hold one still.' : '';
  find('#effect-note').textContent = `Mean over runs${data.half_widths.length > 2 ? ' ± 95 % interval over seeds' : ''}.${averaged}`;
};

const drawEffect = () => {
  const box = find('#effect');
  const { label } = data.measures[target.value];
  const isLine = data.settings.length === 1;
  find('#effect-title').textContent = isLine ? `${label} by ${data.settings[0].name}` : label;
  if (!numbersOf(shownRuns()).length) box.replaceChildren(make('p', 'empty', 'No run in sight has a value.'));
  else if (isLine) drawLine(box);
  else drawHeat(box);
};

const drawImportance = () => {
  const shares = data.importance[target.value];
  find('#importance-box').hidden = !shares;
  if (!shares) return;
  const { direction } = data.measures[target.value];
  const names = [...data.settings.map(({ name }) => name), 'seed: the noise floor'];
  const order = [...shares.keys()].sort((a, b) => shares[b][0] - shares[a][0]);
  const most = Math.max(...shares.map(([share]) => share), 0.01);
  find('#importance').replaceChildren(...order.map((at) => {
    const [share, rho] = shares[at];
    const item = make('div', at === shares.length - 1 ? 'factor noise' : 'factor');
    item.setAttribute('role', 'listitem');
    const track = make('span', 'track');
    const fill = make('span', 'fill');
    fill.style.width = `${(100 * share) / most}%`;
    track.append(fill);
    item.append(make('span', 'factor-name', names[at]), track, make('span', 'share', share.toFixed(2)),
      make('span', 'rho', rho === null ? '' : `ρ ${rho < 0 ? '−' : '+'}${Math.abs(rho).toFixed(2)}`));
    return item;
  }));
  find('#importance-note').textContent = [
    'Growth of a random forest’s error, in parts of the variance, when a setting is permuted; by ranks.',
    'What is not well above the seed is noise.',
    'ρ: Spearman’s rank correlation' + (direction ? ' with being worse.' : '.'),
    direction ? 'Diverged and collapsed runs count as worst.' : '',
  ].join(' ');
};

if (parallelBox) {
  const ranked = data.measures.map(({ direction }, at) => ({ direction, at }));
  target.append(...ranked.map(({ at }) => option(at, data.measures[at].label)));
  if (!data.measures.length) {
    parallelBox.replaceChildren(make('p', 'empty', 'No run has recorded a value yet.'));
    for (const box of ['#effect-box', '#importance-box']) find(box).hidden = true;
  } else {
    const names = () => data.settings.map(({ name }, at) => option(at, name));
    heatRows.append(...names());
    heatColumns.append(...names());
    heatColumns.value = Math.min(1, data.settings.length - 1);
    for (const label of all('.axis-choice')) label.hidden = data.settings.length < 3;
    const drawAll = calmly(() => {
      drawParallel();
      drawEffect();
      drawImportance();
    });
    for (const choice of [target, heatRows, heatColumns]) choice.addEventListener('change', drawAll);
    target.addEventListener('change', () => {
      // The last axis is another one now.
      for (const { key } of data.measures) brushes.delete(key);
      applyFilters();
    });
    find('#clear-brushes').addEventListener('click', () => {
      brushes.clear();
      applyFilters();
    });
    page.addEventListener('lit', () => {
      lightCourse();
      find('#effect .dot.lit')?.classList.remove('lit');
      find(`#effect .dot[data-run="${lit}"]`)?.classList.add('lit');
    });
    page.addEventListener('filtered', drawAll);
    redraws(parallelBox, drawAll);
  }
}
