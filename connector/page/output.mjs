/** What the results are written as. */

import { control } from "./controls.mjs";
import { h } from "./dom.mjs";

const FORMATS = [["", "As the source"], ["image/jpeg", "JPEG"], ["image/png", "PNG (lossless)"], ["image/webp", "WebP"], ["image/tiff", "TIFF"]];
const LOSSY = new Set(["", "image/jpeg", "image/webp"]);

/** Return the part of the form that says how results are encoded. */
export function outputForm() {
  const format = h("select", { id: "output-format" }, FORMATS.map(([value, name]) => h("option", { value }, name)));
  const quality = control({
    kind: "number", name: "quality", label: "Quality", help: "1 to 100; not set: the source’s own.",
    integer: true, minimum: 1, maximum: 100, nullable: true, default: null,
  });
  format.addEventListener("change", () => { quality.element.hidden = !LOSSY.has(format.value); });
  const element = h("section", { class: "card output", "aria-label": "Result’s format" },
    h("div", { class: "field" }, h("label", { for: "output-format" }, "Format of the result"), format), quality.element);
  return {
    element,
    read() {
      const lossy = LOSSY.has(format.value);
      const output = { mimeType: format.value || undefined, quality: lossy ? quality.read() : undefined };
      return output.mimeType || output.quality ? { output } : {};
    },
  };
}
