/**
 * One control for each kind of field of `schema.mjs`.
 *
 * A control: {element, read(), faults(), mark(path, detail), clear()}. `read` gives the value, undefined
 * where nothing is given; `faults` what the person must mend first, as [{path, detail}]; `mark` shows
 * what the service found at a path below the field.
 */

import { many, map } from "./collections.mjs";
import { freshId, h, released } from "./dom.mjs";
import { number, tuple } from "./numbers.mjs";
import { row } from "./row.mjs";
import { isDefault } from "./schema.mjs";
import { label } from "./words.mjs";

const KINDS = { choice, switch: toggle, number, color, text, mixed: text, tags, tuple, list: many, map, group, json };

/** Return the control of a field. */
export function control(field) {
  return KINDS[field.kind](field);
}

/** Return the object of what differs from the defaults, over a list of controls by name. */
export function readAll(controls) {
  const found = {};
  for (const { field, control: each } of controls) {
    const value = each.read();
    if (!isDefault(field, value) || (field.required && value !== undefined)) found[field.name] = value;
  }
  return found;
}

/** Return every fault below a list of controls, with whole paths. */
export function faultsOf(controls) {
  return controls.flatMap(({ field, control: each }) =>
    each.faults().map((fault) => ({ ...fault, path: [field.name, ...fault.path] })));
}

/** Show a fault at the field that its path names; return whether there is one. */
export function markIn(controls, [name, ...rest], detail) {
  const found = controls.find((each) => each.field.name === name);
  found?.control.mark(rest, detail);
  return found !== undefined;
}

function choice(field) {
  const few = field.choices.length <= 4 && !field.nullable;
  return few ? radios(field) : select(field);
}

function radios(field) {
  const group = freshId("choice");
  const inputs = field.choices.map((each) => {
    const input = h("input", { type: "radio", name: group, value: String(each) });
    input.checked = each === field.default;
    return input;
  });
  const options = inputs.map((input, index) => h("label", {}, input, h("span", {}, label(String(field.choices[index])))));
  const shell = row(field, [h("div", { class: "segments" }, options)], { legend: true });
  return { ...shell, read: () => field.choices[inputs.findIndex((each) => each.checked)] };
}

function select(field) {
  const id = freshId();
  const options = field.choices.map((each, index) => h("option", { value: index }, label(String(each))));
  if (field.nullable || field.default === null) options.unshift(h("option", { value: "" }, "Not set"));
  const input = h("select", { id }, options);
  const chosen = field.choices.indexOf(field.default);
  input.value = chosen < 0 ? "" : String(chosen);
  return { ...row(field, [input], { id }), read: () => (input.value === "" ? undefined : field.choices[+input.value]) };
}

function toggle(field) {
  const id = freshId();
  const input = h("input", { type: "checkbox", id, role: "switch" });
  input.checked = field.default === true;
  return { ...row(field, [input], { id, beside: true }), read: () => input.checked };
}

function color(field) {
  const id = freshId();
  const input = h("input", { id, type: "color", value: field.default ?? "#000000" });
  const written = h("output", { for: id, class: "mono" }, input.value);
  input.addEventListener("input", () => { written.textContent = input.value; });
  return { ...row(field, [h("span", { class: "row" }, input, written)], { id }), read: () => input.value };
}

function text(field) {
  const id = freshId();
  const list = freshId("list");
  const suggested = field.suggestions?.length > 0;
  const input = h("input", {
    id, type: "text", autocomplete: "off", spellcheck: false, value: field.default ?? "",
    list: suggested ? list : undefined, placeholder: field.default === null ? "Not set" : undefined,
  });
  const options = suggested && h("datalist", { id: list }, field.suggestions.map((each) => h("option", { value: each })));
  const shell = row(field, [input, options].filter(Boolean), { id });
  const read = () => {
    const written = input.value.trim();
    if (written === "" && (field.nullable || field.default !== "")) return undefined;
    return field.kind === "mixed" && written !== "" && Number.isFinite(Number(written)) ? Number(written) : written;
  };
  return { ...shell, read };
}

/** Several words or numbers: each a chip that can be taken away. */
function tags(field) {
  const id = freshId();
  const list = freshId("list");
  const values = [...(field.default ?? [])];
  const chips = h("ul", { class: "chips", "aria-label": field.label });
  const suggestions = field.item.suggestions?.length ? field.item.suggestions : quotedIn(field.help);
  const input = h("input", { id, type: "text", class: "tag-input", autocomplete: "off", list: suggestions.length ? list : undefined, placeholder: "Add…" });
  const options = h("datalist", { id: list }, suggestions.map((each) => h("option", { value: each })));
  const shell = row(field, [h("div", { class: "tags" }, chips, input), options], { id });
  const show = () => chips.replaceChildren(...values.map((each, index) =>
    h("li", {}, String(each), h("button", {
      type: "button", "aria-label": `Remove ${each}`,
      onclick: () => { values.splice(index, 1); shell.clear(); show(); input.focus(); },
    }, "×"))));
  const take = () => {
    const words = input.value.split(",").map((each) => each.trim()).filter(Boolean);
    values.push(...words.map((each) => (field.item.kind === "number" && Number.isFinite(+each) ? +each : each)));
    input.value = "";
    if (words.length) show();
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === ",") {
      if (input.value.trim()) event.preventDefault();
      take();
    } else if (event.key === "Backspace" && !input.value && values.length) {
      values.pop();
      show();
    }
  });
  input.addEventListener("change", () => released(take));
  show();
  const mark = (path, detail) => {
    chips.children[+path[0]]?.classList.add("bad");
    shell.mark(path, path.length ? `${values[+path[0]] ?? path[0]}: ${detail}` : detail);
  };
  return { ...shell, mark, clear() { shell.clear(); show(); }, read: () => { take(); return [...values]; } };
}

function quotedIn(help) {
  return [...help.matchAll(/"([^"\s]+)"/g)].map((found) => found[1]);
}

/** An object of its own fields. */
export function group(field) {
  const controls = field.fields.map((each) => ({ field: each, control: control(each) }));
  const shell = row(field, controls.map((each) => each.control.element), { legend: true });
  return {
    ...shell,
    controls,
    read() {
      const changed = readAll(controls); // where anything differs, the rest of the object's own default goes with it
      return Object.keys(changed).length ? { ...field.default, ...changed } : {};
    },
    faults: () => faultsOf(controls),
    mark: (path, detail) => { if (!path.length || !markIn(controls, path, detail)) shell.mark(path, detail); },
    clear() { shell.clear(); controls.forEach((each) => each.control.clear()); },
  };
}

/** Whatever else a schema asks for: as JSON. */
function json(field) {
  const id = freshId();
  const given = field.default === null ? "" : JSON.stringify(field.default);
  const input = h("textarea", { id, rows: 2, spellcheck: false, class: "mono", placeholder: "JSON", value: given });
  const read = () => (input.value.trim() ? JSON.parse(input.value) : undefined);
  const faults = () => {
    try {
      read();
      return [];
    } catch {
      return [{ path: [], detail: "this is not JSON" }];
    }
  };
  return { ...row(field, [input], { id }), read, faults };
}
