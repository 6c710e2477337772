
// Sample grids over steps, all runs at once. A picture is decoded only when it is shown.
const steps = [...new Set(data.runs.flatMap((run) => run.grids.map(([step]) => step)))].sort((a, b) => a - b);
const slider = find('#step');

for (const [run, tile] of tiles) {
  lights(tile, run);
  const image = tile.querySelector('img');
  const grids = data.runs[run].grids;
  grids.at(-1)[1] = image.getAttribute('src').split(',')[1];
}

const showStep = () => {
  const step = steps[Number(slider.value)];
  find('#step-value').textContent = integer(step);
  slider.setAttribute('aria-valuetext', `step ${integer(step)}`);
  for (const [run, tile] of tiles) {
    const { id, cut, status, grids } = data.runs[run];
    const [at, png] = grids.findLast(([at]) => at <= step) ?? grids[0];
    const image = tile.querySelector('img');
    const source = `data:image/png;base64,${png}`;
    if (image.getAttribute('src') !== source) image.src = source;
    const over = cut && at < step && at === grids.at(-1)[0];
    image.alt = `Samples of ${id} at step ${at}`;
    const caption = tile.querySelector('.at');
    caption.textContent = `${over ? `✕ ${status} · ` : ''}step ${integer(at)}`;
    caption.classList.toggle('over', over);
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
  const size = find('#size');
  size.addEventListener('input', () => find('#tiles').style.setProperty('--tile', `${size.value}px`));
  showStep();
}
page.addEventListener('plotted', () => {
  for (const [run, tile] of tiles) tile.hidden = filteredOut.has(run);
});
