
// Parallel coordinates: an axis for each setting that differs and one for the number they are held against.
const parallelBox = find('#parallel');
const target = find('#target');
/** Parts of axes that runs must pass, by the axis' key. */
const brushes = new Map();
const isBrushedOut = (run) => [...brushes].some(([key, [low, high]]) => {
  const place = axes.find((axis) => axis.key === key)?.places[run] ?? null;
  return place === null || place < low || place > high;
});

let axes = [];
const axisOf = (key, name, values) => {
  const scale = placesOf(values);
  const distinct = [...new Set(values.filter((value) => value !== null && value !== undefined).map((value) => (scale.ordered ? value : written(value))))];
  let ticks = distinct;
  if (scale.ordered && distinct.length > 8) {
    const { least, greatest, logarithmic } = scale;
    ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => (logarithmic ? least * (greatest / least) ** part : least + (greatest - least) * part));
  }
  return {
    key, name, places: values.map(scale.place),
    ticks: ticks.map((tick) => ({ place: scale.place(tick), text: scale.ordered && distinct.length > 8 ? number(tick) : readable(tick) })),
  };
};

const drawParallel = () => {
  const measure = data.measures[target.value];
  axes = data.settings.map(({ key, name }, at) => axisOf(key, name, data.runs.map((run) => run.settings[at] ?? null)));
  axes.push(axisOf(measure.key, measure.label, data.runs.map((_, run) => ranked(run, target.value))));
  const goal = axes.at(-1);

  const width = Math.max(parallelBox.clientWidth - 4, axes.length * 130);
  const [height, top, bottom, left, right] = [320, 40, 296, 70, width - 110];
  const x = (at) => left + (at * (right - left)) / Math.max(axes.length - 1, 1);
  const y = (place) => bottom - place * (bottom - top);
  const drawing = svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': `Settings of each run and ${measure.label}` });

  const better = { lower: 1, higher: -1 }[measure.direction] ?? 1;
  const order = [...data.runs.keys()].sort((a, b) => better * ((goal.places[b] ?? 2) - (goal.places[a] ?? 2)));
  const opacity = data.runs.length > 100 ? 0.45 : 0.85;
  for (const run of order) {
    const points = axes.map(({ places }, at) => (places[run] === null ? null : `${x(at).toFixed(1)} ${y(places[run]).toFixed(1)}`)).filter(Boolean);
    if (points.length < 2) continue;
    const place = goal.places[run];
    const path = svg('path', {
      d: `M${points.join('L')}`, fill: 'none', class: 'course', 'data-run': run,
      stroke: place === null ? 'gray' : onGround(better > 0 ? 1 - place : place), 'stroke-opacity': out.has(run) ? 0.06 : opacity,
      ...(place === null ? { 'stroke-dasharray': '3 3' } : {}),
    });
    path.append(svg('title', {}, data.runs[run].id));
    path.addEventListener('pointerenter', () => light(run));
    path.addEventListener('pointerleave', () => light(-1));
    drawing.append(path);
  }
  axes.forEach((axis, at) => {
    drawing.append(svg('line', { x1: x(at), x2: x(at), y1: top, y2: bottom, class: 'axis' }));
    drawing.append(svg('text', { x: x(at), y: 18, 'text-anchor': 'middle', class: 'name' }, shortened(axis.name, 24)));
    let last = Infinity;
    for (const { place, text } of [...axis.ticks].sort((a, b) => a.place - b.place)) {
      // One that would stand on another is left out.
      if (place === null || last - y(place) < 13) continue;
      last = y(place);
      drawing.append(svg('text', { x: x(at) + 8, y: y(place) + 4, class: 'tick' }, shortened(text, 18)));
    }
    const brush = svg('rect', { class: 'brush', x: x(at) - 9, width: 18, y: 0, height: 0 });
    const place = () => {
      const [low, high] = brushes.get(axis.key) ?? [0, 0];
      brush.setAttribute('y', y(high));
      brush.setAttribute('height', brushes.has(axis.key) ? Math.max(y(low) - y(high), 2) : 0);
    };
    place();
    const grip = svg('rect', { class: 'grip', 'data-axis': axis.key, x: x(at) - 16, width: 32, y: top - 12, height: bottom - top + 24 });
    drawing.append(brush, grip);
    grip.addEventListener('pointerdown', (event) => {
      grip.setPointerCapture(event.pointerId);
      const at = ({ clientY }) => {
        const { top: edge, height: shown } = drawing.getBoundingClientRect();
        return Math.min(Math.max((bottom - ((clientY - edge) * height) / shown) / (bottom - top), -0.03), 1.03);
      };
      const start = at(event);
      const stretch = (moved) => {
        const end = at(moved);
        if (Math.abs(end - start) < 0.02) brushes.delete(axis.key);
        else brushes.set(axis.key, [Math.min(start, end), Math.max(start, end)]);
        place();
      };
      grip.onpointermove = stretch;
      grip.onpointerup = (moved) => {
        stretch(moved);
        grip.onpointermove = null;
        grip.onpointerup = null;
        applyFilters();
      };
    });
  });
  parallelBox.replaceChildren(drawing);
  lightCourse();
};
const lightCourse = () => {
  parallelBox?.querySelector('.course.lit')?.classList.remove('lit');
  const course = parallelBox?.querySelector(`.course[data-run="${lit}"]`);
  if (course) course.classList.add('lit');
};
