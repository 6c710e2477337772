
// Files by media type: pictures become images, sounds become players.
const isSound = (file) => data.media[file.media].startsWith('audio/');
const urlOf = (file) => file.url ?? `data:${data.media[file.media]};base64,${file.base64}`;
const isLink = (file) => Boolean(file.url) && !file.url.startsWith('data:');

const isFilm = (image) => image.src.startsWith('data:image/apng') || image.src.endsWith('.apng');
/** Films begin when they are decoded, each at its own time: once all are, they begin again together. */
let filming = 0;
const inStep = async (films) => {
  filming += 1;
  const turn = filming;
  await Promise.allSettled(films.map((film) => film.decode()));
  if (turn !== filming) return;
  const sources = films.map((film) => film.src);
  films.forEach((film) => film.removeAttribute('src'));
  films.forEach((film, at) => { film.src = sources[at]; });
};

/** As many elements of a kind in a box as there are files, those that are there kept: a picture is decoded only when it is shown. */
const fill = (box, kind, files, title, onMissing) => {
  while (box.children.length > files.length) box.lastElementChild.remove();
  files.forEach((file, at) => {
    const element = box.children[at] ?? box.appendChild(make(kind));
    const url = urlOf(file);
    const name = file.label ? `${title}: ${file.label}` : title;
    if (kind === 'audio') {
      element.controls = true;
      element.setAttribute('aria-label', name);
    } else {
      element.alt = name;
    }
    element.onerror = () => onMissing(element);
    if (element.getAttribute('src') !== url) element.src = url;
  });
};

/** Shows the files of a moment; one beside the page may be missing there, and `nearest` gives a moment inside it. */
const showFiles = (media, files, title, nearest) => {
  const onMissing = (element) => {
    element.onerror = null;
    const inside = nearest?.();
    if (inside) showFiles(media, inside, title);
    else element.alt = `${title} is not in this file, nor beside it`;
  };
  const [pictures, sounds] = [media.querySelector('.pictures'), media.querySelector('.sounds')];
  fill(pictures, 'img', files.filter((file) => !isSound(file)), title, onMissing);
  fill(sounds, 'audio', files.filter(isSound), title, onMissing);
};

/** The files of the moment that stands in the page itself: their elements have the bytes. */
const takeFromPage = (media, files) => {
  const elements = [...media.querySelectorAll('img'), ...media.querySelectorAll('audio')];
  files.forEach((file, at) => { file.url = elements[at].getAttribute('src'); });
};
