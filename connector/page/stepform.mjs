/** The card of one step of the chain: its fields, and drop zones for what it takes beside the photo. */

import { control, faultsOf, markIn, readAll } from "./controls.mjs";
import { h, icon } from "./dom.mjs";
import { picker } from "./picker.mjs";
import { fieldsOf } from "./schema.mjs";

const ROLES = { style: "Style picture", mask: "Mask" };

/**
 * Return the card of a described step. `tools` are buttons for its head, `drawers` give a field or a
 * role a way to draw on the photo.
 */
export function stepForm(step, tools, drawers) {
  const { main, more } = fieldsOf(step);
  const made = (fields) => fields.map((field) => ({ field, control: drawn(field, control(field), drawers) }));
  const first = made(main);
  const rest = made(more);
  const controls = [...first, ...rest];
  const roles = step.inputs.filter((each) => each.role !== "source").map((input) => roleZone(input, drawers));
  const head = h("header", { class: "card-head" }, icon(step.name), h("h3", {}, step.title), h("div", { class: "row tight" }, tools));
  const element = h("section", { class: "card step", "aria-label": step.title }, head,
    h("p", { class: "muted" }, step.summary),
    h("div", { class: "fields" }, first.map((each) => each.control.element), roles.map((each) => each.element)),
    rest.length > 0 && h("details", { class: "more" },
      h("summary", {}, "More settings"), h("div", { class: "fields" }, rest.map((each) => each.control.element))),
    models(step.backends ?? []));
  return {
    name: step.name,
    element,
    roles,
    read: () => readAll(controls),
    faults: () => faultsOf(controls),
    mark: (path, detail) => markIn(controls, path, detail),
    clear: () => controls.forEach((each) => each.control.clear()),
  };
}

/** What this installation can do the step with, under which licence, and what it lacks. */
function models(backends) {
  if (!backends.length) return null;
  return h("details", { class: "more" }, h("summary", {}, "Models of this installation"),
    h("ul", { class: "models" }, backends.map((each) => h("li", {},
      h("span", {}, h("strong", {}, each.name), ` ${each.capability}`),
      h("span", { class: each.commercial ? "muted" : "error" }, each.commercial ? each.licence : `${each.licence}: not for commercial use`),
      h("span", { class: "muted" }, each.usable ? each.summary : `Not usable here: ${each.reason}`)))));
}

function drawn(field, made, drawers) {
  const rectangle = field.item?.fields?.some((each) => each.name === "rectangle");
  if (field.kind !== "list" || !rectangle) return made;
  const button = h("button", { type: "button", class: "small", "aria-label": `Draw on the photo: ${field.label}`, onclick: () => drawers.zone(field.label, (given) => {
    const inner = made.append();
    inner.controls.find((each) => each.field.name === "rectangle").control.write(given);
  }) }, icon("draw"), "Draw");
  made.tools.append(button);
  return made;
}

function roleZone(input, drawers) {
  const name = ROLES[input.role] ?? input.role;
  const files = picker({ label: name, hint: input.description, small: true });
  const draw = input.role === "mask" && h("button", {
    type: "button", class: "small", onclick: () => drawers.mask((file) => files.set([file])),
  }, icon("draw"), "Paint on the photo");
  const element = h("div", { class: "field" }, h("p", { class: "field-name" }, name,
    !input.required && h("span", { class: "muted" }, " (optional)")), files.element, draw);
  const note = h("p", { class: "help" });
  return {
    role: input.role,
    files,
    shared: false,
    element: h("div", {}, element, note),
    /** An item has one part of a role: a later step gets the one of the step with this number. */
    share(number) {
      this.shared = number > 0;
      element.hidden = number > 0;
      note.textContent = number > 0 ? `${name}: that of step ${number} holds here too.` : "";
    },
  };
}
