/** A place to drop, choose or paste pictures, with small previews of what lies there. */

import { h, icon } from "./dom.mjs";
import { format, size } from "./words.mjs";

const PICTURE = /\.(jpe?g|png|webp|gif|bmp|tiff?|hei[cf]|avif)$/i;
const ACCEPT = "image/*,.heic,.heif,.tif,.tiff,.avif";

/** Return a picker: {element, files(), set(files), changed}. `changed` is called after every change. */
export function picker({ label, hint, small = false, changed = () => {} }) {
  let files = [];
  const input = h("input", { type: "file", accept: ACCEPT, multiple: true, class: "visually-hidden", "aria-label": `Choose: ${label}` });
  const list = h("ul", { class: "thumbs", "aria-label": label });
  const words = h("span", { class: "drop-words" }, h("strong", {}, small ? "Drop or choose" : "Drop photos here"),
    h("span", { class: "muted" }, small ? hint : "or click to choose, or paste. JPEG, PNG, WebP, TIFF, HEIC, AVIF"));
  const zone = h("label", { class: `drop${small ? " small" : ""}` }, input, icon("photo"), words);
  const element = h("div", { class: "picker" }, zone, list);

  const thumbs = new Map(); // File → its element: a hundred photos are not decoded again for one more
  const show = () => {
    for (const [file, shown] of thumbs) {
      if (files.includes(file)) continue;
      URL.revokeObjectURL(shown.querySelector("img")?.src);
      thumbs.delete(file);
    }
    for (const file of files) {
      if (!thumbs.has(file)) thumbs.set(file, thumb(file, () => set(files.filter((each) => each !== file))));
    }
    list.replaceChildren(...files.map((file) => thumbs.get(file)));
    zone.classList.toggle("filled", files.length > 0);
    changed(files);
  };
  const set = (given) => { files = given; show(); };
  const add = (given) => {
    const pictures = given.filter((each) => each.type.startsWith("image/") || PICTURE.test(each.name));
    if (pictures.length) set([...files, ...pictures]);
    return pictures.length;
  };

  input.addEventListener("change", () => { add([...input.files]); input.value = ""; });
  for (const type of ["dragenter", "dragover"]) {
    zone.addEventListener(type, (event) => { event.preventDefault(); zone.classList.add("over"); });
  }
  for (const type of ["dragleave", "drop"]) zone.addEventListener(type, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => { event.preventDefault(); add([...event.dataTransfer.files]); });
  return { element, add, set, files: () => [...files], focus: () => input.focus() };
}

function thumb(file, remove) {
  const said = `${file.name}, ${size(file.size)}`;
  const picture = h("img", { alt: "", src: URL.createObjectURL(file), loading: "lazy", decoding: "async" });
  picture.addEventListener("error", () => picture.replaceWith(unseen(file)), { once: true });
  return h("li", { title: said }, picture,
    h("span", { class: "thumb-name" }, file.name),
    h("button", { type: "button", class: "thumb-remove", "aria-label": `Remove ${file.name}`, onclick: remove }, "×"));
}

function unseen(file) {
  const kind = format(file.type || `x/${file.name.split(".").pop()}`);
  return h("span", { class: "thumb-none", title: `This browser cannot show ${kind}. It works all the same.` }, kind);
}
