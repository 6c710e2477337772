
// Pieces of SVG.
const svg = (tag, attributes = {}, text) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
};
const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
