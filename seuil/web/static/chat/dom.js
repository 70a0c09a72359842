// Elements made one by one, never as markup: what people write stays text.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element: h("p", {class: "x", onclick: f, hidden: true}, "text", child, null…). */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// The drawings of templates/parts/icons.html that the chat needs.
const PATHS = {
  tick: "M5 12.5l4.5 4.5L19 7.5",
  cross: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  query: "M9 9.2a3 3 0 1 1 4.4 2.7c-.9.5-1.4 1.1-1.4 2.1M12 17.5v.1",
  alert: "M12 4l9 16H3zM12 10v4.5M12 17.2v.1",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  arrow: "M5 12h14M13 6l6 6-6 6",
  phone:
    "M6.5 3.5h3l1.5 4-2 1.5a11 11 0 0 0 6 6l1.5-2 4 1.5v3a2 2 0 0 1-2.2 2A16.5 16.5 0 0 1 4.5 5.7a2 2 0 0 1 2-2.2z",
};

/** Draw an icon in the text's colour, silent for screen readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({
    class: "icon", viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true", focusable: "false",
  })) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Text for screen readers only. */
export const hidden = (...children) => h("span", { class: "visually-hidden" }, ...children);

/** No-break spaces and curly apostrophes, as seuil/web/typography.py sets them. */
export const french = (text) =>
  text
    .replace(/ (?=[:;?!»€%])/g, "\u00a0")
    .replace(/(?<=«) /g, "\u00a0")
    .replace(/(?<=\p{L})'(?=[\p{L}«])/gu, "’");
