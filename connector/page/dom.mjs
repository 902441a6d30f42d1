/** Making elements. Text is always text: nothing is ever parsed as HTML. */

const SVG = "http://www.w3.org/2000/svg";
let last = 0;

/** Return an element: `h("button", {class: "primary", onclick: run}, "Run")`. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" && "value" in element && tag !== "button") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((each) => each !== null && each !== undefined && each !== false));
  return element;
}

/** Return an id that no other element has. */
export function freshId(prefix = "f") {
  last += 1;
  return `${prefix}-${last}`;
}

/** Return a promise of the next event of this type. */
export function once(target, type) {
  return new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
}

let pressed = false;
document.addEventListener("pointerdown", () => { pressed = true; }, true);
for (const type of ["pointerup", "pointercancel"]) document.addEventListener(type, () => { pressed = false; }, true);

/** Act now, or once the pointer is up: what moves under a pressed pointer is never clicked. */
export function released(action) {
  if (!pressed) action();
  else document.addEventListener("pointerup", () => setTimeout(action), { once: true });
}

const ICONS = {
  add: "M12 5v14M5 12h14",
  anonymize: "M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 21c0-4 3.6-7 8-7 1 0 2 .2 2.900.5M15 16l6 6M21 16l-6 6",
  cancel: "M6 6l12 12M18 6L6 18",
  down: "M6 9l6 6 6-6",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  draw: "M4 20l4.500-1L19 8.500 15.500 5 5 15.500zM13.500 7l3.500 3.500",
  generic: "M4 5h16v14H4zM4 15l5-4 4 3 3-2 4 3",
  inpaint: "M4 5h16v14H4zM8 12a4 4 0 1 0 8 0 4 4 0 0 0-8 0",
  key: "M8 15a4 4 0 1 1 3.800-5.200H21V13h-2v2.500h-3V13h-4.200A4 4 0 0 1 8 15",
  outpaint: "M8 8h8v8H8zM4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4",
  photo: "M4 6h16v13H4zM4 16l5-4.500 4 3.500 3-2 4 3M15.500 10h.01",
  retry: "M20 12a8 8 0 1 1-2.500-5.800M20 4v4.500h-4.500",
  "style-transfer": "M5 19c4 1 6-1 6-4l-2-2c-3 0-3 4-4 6M10.500 12.500L19 4l1.500 1.500L12 14",
  up: "M6 15l6-6 6 6",
  upscale: "M4 4h7v7H4zM14 4h6v6M20 4l-7 7M14 20h6v-6",
};

/** Return a line icon; it says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = {
    viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "1.7",
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", class: "icon",
  };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name] ?? ICONS.generic);
  svg.append(path);
  return svg;
}

/** Return text in which `words` between backticks stand as code. */
export function prose(text) {
  return text.split(/`([^`]+)`/).map((piece, index) => (index % 2 ? h("code", {}, piece) : piece));
}

/** Return a notice of a problem, for people. */
export function notice(error) {
  const { problem } = error;
  const fields = (problem?.errors ?? []).map((each) => h("li", {}, h("code", {}, each.pointer), ` ${each.detail}`));
  return h("div", { class: "notice bad", role: "alert" },
    h("p", { class: "strong" }, problem?.title ?? "Something went wrong"),
    fields.length > 0 ? h("ul", {}, fields) : h("p", {}, error.message),
    problem?.retryable && h("p", { class: "muted" }, "Trying again may help."),
    problem?.traceId && h("p", { class: "muted small" }, "Trace ", h("code", {}, problem.traceId)));
}
