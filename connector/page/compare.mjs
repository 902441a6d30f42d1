/** Before and after in one frame, with a line to move between them, and the mask on top. */

import { h, icon } from "./dom.mjs";

/**
 * Return the figure. `before`, `after` and `mask` are addresses; `frame` says where the source lies in
 * the result (shares of its width and height); what the browser cannot show is said in words.
 */
export function compare({ before, beforeName, after, afterName, name, mask, width, height, frame }) {
  const said = h("p", { class: "muted small" });
  const range = h("input", {
    type: "range", min: 0, max: 100, step: 1, value: 50, class: "cut",
    "aria-label": "Before and after: how much of the source is shown", "aria-valuetext": "50 % before",
  });
  const result = h("img", { class: "after", alt: `${name}, after`, draggable: "false" });
  const source = h("img", { class: "before", alt: `${name}, before`, draggable: "false" });
  const layer = h("div", { class: "layer" }, source);
  const shade = h("div", { class: "shade", hidden: true });
  const ends = [h("span", { class: "end left" }, "Before"), h("span", { class: "end right" }, "After")];
  const handle = h("span", { class: "handle" });
  const view = h("div", { class: "compare" }, result, layer, shade, handle, ends, range);
  const scroll = h("div", { class: "compare-scroll" }, view);
  const actual = toggle("Actual size", () => scaled(view, scroll, actual, width));
  const masked = mask && toggle("Mask", () => { shade.hidden = masked.getAttribute("aria-pressed") !== "true"; });
  const tools = h("div", { class: "row tools" }, masked, width > 0 && actual, width > 0 && h("span", { class: "muted small" }, `${width} × ${height} px`));

  if (width && height) view.style.setProperty("--ratio", `${width} / ${height}`);
  for (const side of ["left", "top", "width", "height"]) source.style.setProperty(side, `${frame[side] * 100}%`);
  if (mask) shade.style.setProperty("mask-image", `url("${mask}")`);
  const cut = (value) => {
    view.style.setProperty("--cut", `${value}%`);
    range.value = value;
    range.setAttribute("aria-valuetext", `${Math.round(value)} % before`);
  };
  range.addEventListener("input", () => cut(Number(range.value)));
  drags(view, cut);
  cut(50);

  let unseen = false; // the result itself: nothing else matters then
  const alone = (words) => {
    if (!unseen) said.textContent = words;
    for (const each of [layer, range, ...ends, handle]) each.remove();
  };
  source.addEventListener("error", () => alone(`This browser cannot show the source (${beforeName}); here is the result alone.`));
  result.addEventListener("error", () => {
    unseen = false;
    alone(`This browser cannot show the result (${afterName}). Download it, or choose JPEG, PNG or WebP as the result’s format.`);
    unseen = true;
    scroll.remove();
    tools.remove();
  });
  result.src = after;
  if (before) source.src = before;
  else alone("The source is not kept by this service; here is the result alone.");
  return h("figure", { class: "figure" }, scroll, h("figcaption", {}, tools, said));
}

function toggle(words, action) {
  const button = h("button", { type: "button", class: "small", "aria-pressed": "false" }, icon(words === "Mask" ? "inpaint" : "upscale"), words);
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    action();
  });
  return button;
}

function scaled(view, scroll, button, width) {
  const actual = button.getAttribute("aria-pressed") === "true";
  view.style.setProperty("width", actual ? `${width / window.devicePixelRatio}px` : "");
  view.classList.toggle("actual", actual);
  if (actual) scroll.setAttribute("tabindex", "0");
  else scroll.removeAttribute("tabindex");
}

function drags(view, cut) {
  const at = (event) => {
    const box = view.getBoundingClientRect();
    cut(Math.min(100, Math.max(0, ((event.clientX - box.left) / box.width) * 100)));
  };
  view.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    view.setPointerCapture(event.pointerId);
    at(event);
  });
  view.addEventListener("pointermove", (event) => { if (view.hasPointerCapture(event.pointerId)) at(event); });
}
