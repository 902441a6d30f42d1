/** Controls of numbers: one, with a slider where its range is small, and a fixed number of them. */

import { freshId, h } from "./dom.mjs";
import { row } from "./row.mjs";

/** A number; a slider stands beside it where the range is small. */
export function number(field) {
  const id = freshId();
  const input = h("input", {
    id, type: "number", min: field.minimum, max: field.maximum, step: field.integer ? 1 : field.step,
    inputmode: field.integer ? "numeric" : "decimal", value: field.default ?? "",
    placeholder: field.default === null ? "Not set" : undefined,
  });
  const slides = field.slider && field.default !== null;
  const slider = slides && h("input", {
    type: "range", min: field.minimum, max: field.maximum, step: field.step, value: field.default,
    "aria-label": `${field.label}, slider`, tabindex: "-1",
  });
  if (slider) {
    slider.addEventListener("input", () => { input.value = slider.value; });
    input.addEventListener("input", () => { slider.value = input.value; });
  }
  const shell = slider ? row(field, [slider], { id, head: input }) : row(field, [input], { id, compact: true });
  return {
    ...shell,
    read: () => (input.value === "" ? undefined : Number(input.value)),
    faults: () => numberFault(field, input).map((detail) => ({ path: [], detail })),
  };
}

function numberFault(field, input) {
  if (input.validity.badInput) return ["a number is needed"];
  if (input.value === "") return field.nullable || field.default !== null ? [] : ["a number is needed"];
  const value = Number(input.value);
  if (field.integer && !Number.isInteger(value)) return ["a whole number is needed"];
  if (field.above !== undefined && value <= field.above) return [`more than ${field.above} is needed`];
  if (field.below !== undefined && value >= field.below) return [`less than ${field.below} is needed`];
  if (field.minimum !== undefined && value < field.minimum) return [`at least ${field.minimum} is needed`];
  if (field.maximum !== undefined && value > field.maximum) return [`at most ${field.maximum} is possible`];
  return [];
}

/** A fixed number of numbers, such as a rectangle's sides. */
export function tuple(field) {
  const inputs = field.items.map((each, index) => h("input", {
    type: "number", step: "any", "aria-label": `${field.label}: ${each.label}`, placeholder: each.name,
    value: field.default?.[index] ?? "",
  }));
  const shell = row(field, [h("div", { class: "tuple" }, inputs)], { legend: true });
  const given = () => inputs.filter((each) => each.value !== "").length;
  return {
    ...shell,
    read: () => (given() ? inputs.map((each) => Number(each.value)) : undefined),
    write: (values) => inputs.forEach((each, index) => { each.value = values[index]; }),
    faults: () => (given() % inputs.length ? [{ path: [], detail: `all ${inputs.length} numbers are needed` }] : []),
  };
}
