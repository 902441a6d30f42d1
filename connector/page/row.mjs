/** The frame of every control: its label, its help, and the place where faults are shown. */

import { freshId, h, prose } from "./dom.mjs";

/** Wrap inputs as a labelled row with help and a place for errors. */
export function row(field, inputs, { id, legend = false, head = null, beside = false, compact = false } = {}) {
  const errorId = freshId("error");
  const helpId = freshId("help");
  const error = h("p", { class: "error", id: errorId });
  const help = field.help ? h("p", { class: "help", id: helpId }, prose(field.help)) : null;
  const name = legend ? h("legend", {}, field.label) : h("label", { for: id }, field.label);
  const title = head ? h("div", { class: "field-head" }, name, head) : name;
  const element = h(legend ? "fieldset" : "div", { class: `field${beside ? " beside" : ""}${compact ? " compact" : ""}`, "data-name": field.name },
    beside ? [...inputs, title] : [title, ...inputs], help, error);
  const described = [help && helpId, errorId].filter(Boolean).join(" ");
  const targets = legend ? [element] : inputs.flatMap((each) => each.matches("input,select,textarea") ? [each] : [...each.querySelectorAll("input,select,textarea")]);
  for (const each of targets) each.setAttribute("aria-describedby", described);
  return {
    element,
    mark(_, detail) {
      error.textContent = error.textContent ? `${error.textContent}; ${detail}` : detail;
      element.classList.add("bad");
      if (!legend) for (const each of targets) each.setAttribute("aria-invalid", "true");
      for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    },
    clear() {
      error.textContent = "";
      element.classList.remove("bad");
      for (const each of targets) each.removeAttribute("aria-invalid");
    },
    faults: () => [],
  };
}
