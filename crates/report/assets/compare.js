
// Two runs beside each other, or one over the other.
const compare = find('#compare');
const compareStep = find('#compare-step');
const sides = ['a', 'b'].map((side) => ({
  choice: find(`#run-${side}`), media: find(`#media-${side}`), caption: find(`#caption-${side}`),
}));
const showPair = () => {
  const step = steps[isSeries ? Number(compareStep.value) : steps.length - 1];
  find('#compare-value').textContent = integer(step);
  for (const { choice, media, caption } of sides) {
    const run = Number(choice.value);
    const moment = momentAt(run, step);
    media.hidden = !moment;
    caption.textContent = moment ? captionOf(run, step, moment[0]) : 'not recorded';
    if (moment) show(media, run, moment);
  }
};
const withSamples = [...data.runs.keys()].filter((run) => data.runs[run].shown[mainRole]);
const openPair = (run) => {
  const [a, b] = sides;
  a.choice.value = run;
  if (b.choice.value === a.choice.value || out.has(Number(b.choice.value))) {
    const others = [...tiles.keys()].filter((other) => other !== run && withSamples.includes(other));
    b.choice.value = others.find((other) => !out.has(other)) ?? others[0] ?? run;
  }
  compareStep.max = steps.length - 1;
  compareStep.value = slider ? slider.value : 0;
  compareStep.closest('label').hidden = !slider || !isSeries;
  showPair();
  compare.showModal();
};
if (steps.length) {
  for (const { choice } of sides) {
    choice.append(...withSamples.map((run) => option(run, data.runs[run].id)));
    choice.addEventListener('change', showPair);
  }
  compareStep.addEventListener('input', showPair);
  find('#compare-close').addEventListener('click', () => compare.close());
  const flip = find('#compare-flip');
  flip.addEventListener('click', () => {
    const second = flip.getAttribute('aria-pressed') !== 'true';
    flip.setAttribute('aria-pressed', second);
    compare.classList.add('flipping');
    compare.classList.toggle('second', second);
  });
  compare.addEventListener('close', () => {
    compare.classList.remove('flipping', 'second');
    flip.setAttribute('aria-pressed', false);
  });
  for (const [run, tile] of tiles) {
    const button = tile.querySelector('.open');
    if (!button) continue;
    button.disabled = false;
    button.addEventListener('click', () => openPair(run));
  }
}
