
// Samples over steps, all runs at once: one role at a time.
const slider = find('#step');
const shownChoice = find('#shown');
const mainRole = data.roles[0]?.name;
const shownRole = () => shownChoice?.value ?? mainRole;

/** What a run shows in the chosen role: `[step, files]` in the order of steps. */
const momentsOf = (run) => data.runs[run].shown[shownRole()] ?? [];
let steps = [];
/** Whether any run shows the role at several steps. */
let isSeries = false;
const chooseRole = () => {
  const all = data.runs.map((_, run) => momentsOf(run));
  steps = [...new Set(all.flatMap((moments) => moments.map(([step]) => step)))].sort((a, b) => a - b);
  isSeries = all.some((moments) => moments.length > 1);
};
chooseRole();
for (const [run, tile] of tiles) {
  lights(tile, run);
  const media = tile.querySelector('.media');
  if (media) takeFromPage(media, momentsOf(run).at(-1)[1]);
}

/** The newest moment of a run at or before a step. */
const momentAt = (run, step) => {
  const moments = momentsOf(run);
  return moments.findLast(([at]) => at <= step) ?? moments[0];
};
const captionOf = (run, step, at) => {
  const { cut, status } = data.runs[run];
  const isLast = at === momentsOf(run).at(-1)[0];
  return isSeries && cut && at < step && isLast ? `✕ ${status} · step ${integer(at)}` : `step ${integer(at)}`;
};
const show = (media, run, [step, files]) => {
  const what = shownChoice ? shownChoice.selectedOptions[0].textContent : mainRole;
  const title = `${what[0].toUpperCase()}${what.slice(1)} of ${data.runs[run].id} at step ${step}`;
  const nearest = () => {
    const inside = momentsOf(run).filter(([, others]) => !others.some(isLink));
    return inside.sort((a, b) => Math.abs(a[0] - step) - Math.abs(b[0] - step))[0]?.[1];
  };
  showFiles(media, files, title, nearest);
};

const showStep = () => {
  const step = steps[slider && isSeries ? Number(slider.value) : steps.length - 1];
  if (slider) {
    find('#step-value').textContent = integer(step);
    slider.setAttribute('aria-valuetext', `step ${integer(step)}`);
  }
  for (const [run, tile] of tiles) {
    const media = tile.querySelector('.media');
    if (!media) continue;
    const moment = momentAt(run, step);
    tile.classList.toggle('missing', !moment);
    const caption = tile.querySelector('.at');
    caption.classList.remove('over');
    if (!moment) {
      caption.textContent = 'not recorded';
      continue;
    }
    show(media, run, moment);
    caption.textContent = captionOf(run, step, moment[0]);
    caption.classList.toggle('over', caption.textContent.startsWith('✕'));
  }
  const films = all('.media img').filter(isFilm);
  if (films.length > 1) inStep(films);
};
/** The step that the reader chose: it stays when the role changes. */
let wanted = Infinity;
const resetSlider = () => {
  if (!slider) return;
  for (const control of all('#play, #step')) control.disabled = !isSeries;
  slider.max = steps.length - 1;
  slider.value = Math.max(steps.findLastIndex((step) => step <= wanted), 0);
};

if (slider) {
  const moved = () => {
    wanted = steps[Number(slider.value)];
    showStep();
  };
  slider.addEventListener('input', moved);
  const play = find('#play');
  let timer = 0;
  play.addEventListener('click', () => {
    if (timer) {
      clearInterval(timer);
      timer = 0;
    } else {
      timer = setInterval(() => {
        slider.value = (Number(slider.value) + 1) % steps.length;
        moved();
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
    const pictures = columns + (find('.of-data') && innerWidth > 760 ? 1 : 0);
    const room = (find('.beside').clientWidth - 200) / pictures - 16;
    size.value = Math.min(Math.max(room, 110), 260);
    resize();
  }
  resetSlider();
  showStep();
  shownChoice?.addEventListener('change', () => {
    chooseRole();
    resetSlider();
    find('#shown-note').textContent = data.roles.find(({ name }) => name === shownRole()).note;
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
