/** Drawing on the photo: a rectangle for a zone, or a mask with a brush. */

import { h, once } from "./dom.mjs";

/** Let the person draw a rectangle; `done` gets [left, top, right, bottom] as shares of the picture. */
export async function pickZone(photo, name, done) {
  if (!photo) return say("Add a photo first: zones are drawn on it.");
  const { canvas, draw } = await opened(photo);
  if (!canvas) return say("This browser cannot show the photo. Write the zone’s numbers instead.");
  const pen = canvas.getContext("2d");
  let zone = null;
  strokes(canvas, (from, to) => {
    zone = [Math.min(from.x, to.x), Math.min(from.y, to.y), Math.max(from.x, to.x), Math.max(from.y, to.y)];
    draw();
    pen.fillStyle = "rgb(11 107 93 / 35%)";
    pen.strokeStyle = "#fff";
    pen.lineWidth = Math.max(2, canvas.width / 400);
    pen.fillRect(zone[0], zone[1], zone[2] - zone[0], zone[3] - zone[1]);
    pen.strokeRect(zone[0], zone[1], zone[2] - zone[0], zone[3] - zone[1]);
  });
  draw();
  const used = await dialog(name, "Drag a rectangle over the area.", canvas, []);
  if (!used || !zone) return undefined;
  const share = (value, whole) => Math.round(Math.min(1, Math.max(0, value / whole)) * 1e4) / 1e4;
  return done(zone.map((value, index) => share(value, index % 2 ? canvas.height : canvas.width)));
}

/** Let the person paint a mask; `done` gets it as a PNG file of the photo's size: white = painted. */
export async function paintMask(photo, done) {
  if (!photo) return say("Add a photo first: the mask is painted on it.");
  const { canvas, draw, source } = await opened(photo);
  if (!canvas) return say("This browser cannot show the photo. Add the mask as a file instead.");
  const layer = new OffscreenCanvas(canvas.width, canvas.height);
  const brush = layer.getContext("2d");
  const size = h("input", { type: "range", min: 1, max: 30, value: 8, id: "brush" });
  const erase = h("input", { type: "checkbox", id: "erase", role: "switch" });
  const show = () => {
    draw();
    const pen = canvas.getContext("2d");
    pen.globalAlpha = 0.55;
    pen.drawImage(layer, 0, 0);
    pen.globalAlpha = 1;
  };
  strokes(canvas, (from, to, last) => {
    brush.globalCompositeOperation = erase.checked ? "destination-out" : "source-over";
    brush.strokeStyle = "#f0f";
    brush.lineWidth = (Number(size.value) / 100) * canvas.width;
    brush.lineCap = "round";
    brush.beginPath();
    brush.moveTo(last.x, last.y);
    brush.lineTo(to.x, to.y + 0.01); // a dot has no length, and would not be drawn
    brush.stroke();
    show();
  });
  show();
  const clear = h("button", { type: "button", class: "small", onclick: () => { brush.clearRect(0, 0, layer.width, layer.height); show(); } }, "Clear");
  const used = await dialog("Paint what is to change", "Paint over it; a mask file can be added instead.", canvas, [
    h("label", { for: "brush" }, "Brush"), size, erase, h("label", { for: "erase" }, "Erase"), clear]);
  if (!used) return undefined;
  return done(await maskOf(layer, source, photo.name));
}

/** White where the layer was painted, black elsewhere, in the photo's own size. */
async function maskOf(layer, source, name) {
  const whole = new OffscreenCanvas(source.naturalWidth, source.naturalHeight);
  const pen = whole.getContext("2d");
  pen.imageSmoothingEnabled = false;
  pen.drawImage(layer, 0, 0, whole.width, whole.height);
  pen.globalCompositeOperation = "source-in";
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, whole.width, whole.height);
  pen.globalCompositeOperation = "destination-over";
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, whole.width, whole.height);
  const content = await whole.convertToBlob({ type: "image/png" });
  return new File([content], `${name.replace(/\.[^.]*$/, "")}.mask.png`, { type: "image/png" });
}

/** Show the photo on a canvas no larger than a screen: masks need no more than that to be drawn. */
async function opened(photo) {
  const source = new Image();
  source.src = URL.createObjectURL(photo);
  try {
    await source.decode();
  } catch {
    return { canvas: null };
  }
  const scale = Math.min(1, 2000 / Math.max(source.naturalWidth, source.naturalHeight));
  const canvas = h("canvas", {
    class: "drawing", role: "img", "aria-label": photo.name,
    width: Math.max(1, Math.round(source.naturalWidth * scale)), height: Math.max(1, Math.round(source.naturalHeight * scale)),
  });
  return { canvas, source, draw: () => canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height) };
}

function strokes(canvas, drawn) {
  let from = null;
  let last = null;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * canvas.width, y: ((event.clientY - box.top) / box.height) * canvas.height };
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    from = at(event);
    last = from;
    drawn(from, from, from);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const to = at(event);
    drawn(from, to, last);
    last = to;
  });
}

async function dialog(title, words, canvas, tools) {
  const box = h("dialog", { class: "dialog wide", "aria-label": title },
    h("form", { method: "dialog" }, h("h2", {}, title), h("p", { class: "muted" }, words),
      h("div", { class: "drawing-frame" }, canvas), h("div", { class: "row" }, tools),
      h("div", { class: "row end" },
        h("button", { type: "button", class: "quiet", onclick: () => box.close("") }, "Cancel"),
        h("button", { type: "submit", value: "use", class: "primary" }, "Use"))));
  document.body.append(box);
  box.showModal();
  await once(box, "close");
  const used = box.returnValue === "use";
  box.remove();
  return used;
}

async function say(words) {
  const box = h("dialog", { class: "dialog", "aria-label": "Notice" }, h("form", { method: "dialog" }, h("p", {}, words),
    h("div", { class: "row end" }, h("button", { type: "submit", class: "primary" }, "OK"))));
  document.body.append(box);
  box.showModal();
  await once(box, "close");
  box.remove();
}
