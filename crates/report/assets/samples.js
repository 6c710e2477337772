
// Sample grids over steps, all runs at once. A picture is decoded only when it is shown.
const steps = [...new Set(data.runs.flatMap((run) => run.grids.map(([step]) => step)))].sort((a, b) => a - b);
const slider = find('#step');

const isLink = (source) => source.endsWith('.png');
const urlOf = (source) => (isLink(source) ? source : `data:image/png;base64,${source}`);
for (const [run, tile] of tiles) {
  lights(tile, run);
  const image = tile.querySelector('img');
  if (image) data.runs[run].grids.at(-1)[1] = image.getAttribute('src').replace('data:image/png;base64,', '');
}

/** The newest grid at or before a step. */
const gridAt = (run, step) => {
  const { grids } = data.runs[run];
  return grids.findLast(([at]) => at <= step) ?? grids[0];
};
/** A grid that lies beside the page may be missing there: the nearest one inside it takes its place. */
const show = (image, run, grid) => {
  const url = urlOf(grid[1]);
  if (image.getAttribute('src') !== url) image.src = url;
  image.onerror = () => {
    const inside = shownChoice?.value ? [] : data.runs[run].grids.filter(([, source]) => !isLink(source));
    const nearest = inside.sort((a, b) => Math.abs(a[0] - grid[0]) - Math.abs(b[0] - grid[0]))[0];
    image.onerror = null;
    if (nearest) image.src = urlOf(nearest[1]);
    else image.alt = `This picture of ${data.runs[run].id} is not in this file, nor beside it`;
  };
};
const toldAt = (run, step, at) => {
  const { cut, status, grids } = data.runs[run];
  return cut && at < step && at === grids.at(-1)[0] ? `✕ ${status} · step ${integer(at)}` : `step ${integer(at)}`;
};

// What the matrix shows: grids by step, or a picture of which each run has one.
const shownChoice = find('#shown');
const NOTES = {
  '': find('#shown-note')?.textContent,
  interpolation: 'Samples on straight ways between two latents, a row or a curve for each: jumps are modes, equal ends are a collapse.',
  neighbours: 'A row of samples, and under each the training image whose pixels are nearest: pairs that are alike are learnt by heart.',
};
/** The picture of a run that is shown at a step: `[step, source]`. */
const pictureAt = (run, step) => (shownChoice?.value ? data.runs[run].pictures[shownChoice.value] : gridAt(run, step));
const describe = (run, at) => {
  const what = shownChoice?.value ? shownChoice.selectedOptions[0].textContent : 'samples';
  return `${what[0].toUpperCase()}${what.slice(1)} of ${data.runs[run].id} at step ${at}`;
};

const showStep = () => {
  const step = steps[slider ? Number(slider.value) : steps.length - 1];
  if (slider) {
    find('#step-value').textContent = integer(step);
    slider.setAttribute('aria-valuetext', `step ${integer(step)}`);
  }
  for (const [run, tile] of tiles) {
    const image = tile.querySelector('img');
    if (!image) continue;
    const picture = pictureAt(run, step);
    tile.classList.toggle('missing', !picture);
    const caption = tile.querySelector('.at');
    caption.classList.remove('over');
    if (!picture) {
      caption.textContent = 'not recorded';
      continue;
    }
    show(image, run, picture);
    image.alt = describe(run, picture[0]);
    caption.textContent = shownChoice?.value ? `step ${integer(picture[0])}` : toldAt(run, step, picture[0]);
    caption.classList.toggle('over', caption.textContent.startsWith('✕'));
  }
};

if (slider) {
  slider.max = steps.length - 1;
  slider.value = steps.length - 1;
  slider.addEventListener('input', showStep);
  const play = find('#play');
  let timer = 0;
  play.addEventListener('click', () => {
    if (timer) {
      clearInterval(timer);
      timer = 0;
    } else {
      timer = setInterval(() => {
        slider.value = (Number(slider.value) + 1) % steps.length;
        showStep();
      }, 700);
    }
    play.textContent = timer ? 'Pause' : 'Play';
    play.setAttribute('aria-pressed', Boolean(timer));
  });
}
if (steps.length) {
  const size = find('#size');
  const matrix = find('#matrix');
  const resize = () => find('.beside').style.setProperty('--tile', `${size.value}px`);
  size.addEventListener('input', resize);
  // Columns fill the width unless the pictures would be too large or too small for it.
  if (!matrix.matches('.flow')) {
    const columns = matrix.tHead.rows[0].cells.length - 1;
    const pictures = columns + (find('.real') && innerWidth > 760 ? 1 : 0);
    const room = (find('.beside').clientWidth - 200) / pictures - 16;
    size.value = Math.min(Math.max(room, 110), 260);
    resize();
  }
  showStep();
  shownChoice?.addEventListener('change', () => {
    for (const control of all('#play, #step')) control.disabled = Boolean(shownChoice.value);
    find('#shown-note').textContent = NOTES[shownChoice.value];
    showStep();
  });
}
page.addEventListener('filtered', () => {
  for (const [run, tile] of tiles) tile.classList.toggle('out', out.has(run));
  for (const row of all('#matrix tbody tr')) {
    const cells = [...row.querySelectorAll('.tile')];
    row.hidden = cells.length > 0 && cells.every((cell) => cell.classList.contains('out'));
  }
});
