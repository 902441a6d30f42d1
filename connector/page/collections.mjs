/** Controls of fields that hold any number of things: lists of objects, and values by name. */

import { control, group } from "./controls.mjs";
import { h, icon } from "./dom.mjs";
import { row } from "./row.mjs";

/** A list of objects, such as zones: each a group that can be taken away. */
export function many(field) {
  const entries = [];
  const list = h("div", { class: "entries" });
  const one = field.label.replace(/s$/, "");
  const remove = (entry) => {
    entries.splice(entries.indexOf(entry), 1);
    entry.element.remove();
    add.focus();
  };
  const append = () => {
    const inner = group({ ...field.item, name: "", label: one, help: "" });
    const entry = { inner, element: null };
    entry.element = h("div", { class: "entry" }, inner.element,
      h("button", { type: "button", class: "quiet icon-only", "aria-label": `Remove this ${one.toLowerCase()}`, onclick: () => remove(entry) }, icon("cancel")));
    entries.push(entry);
    list.append(entry.element);
    return inner;
  };
  const add = h("button", {
    type: "button", class: "small",
    onclick: () => append().element.querySelector("input,select")?.focus(),
  }, icon("add"), `Add ${article(one)} ${one.toLowerCase()}`);
  const tools = h("div", { class: "row" }, add);
  const shell = row(field, [list, tools], { legend: true });
  return {
    ...shell,
    tools,
    append,
    read: () => entries.map((each) => each.inner.read()),
    faults: () => entries.flatMap((each, index) => each.inner.faults().map((fault) => ({ ...fault, path: [index, ...fault.path] }))),
    mark([index, ...rest], detail) {
      const found = entries[+index];
      if (found) found.inner.mark(rest, detail);
      else shell.mark([], detail);
    },
    clear() { shell.clear(); entries.forEach((each) => each.inner.clear()); },
  };
}

function article(word) {
  return /^[aeiou]/i.test(word) ? "an" : "a";
}

/** Values by name, such as a threshold for each class. */
export function map(field) {
  const rows = [];
  const list = h("div", { class: "entries" });
  const append = () => {
    const key = h("input", { type: "text", "aria-label": `${field.label}: name`, placeholder: "name", autocomplete: "off" });
    const inner = control({ ...field.item, name: "", label: `${field.label}: value`, help: "", default: null, slider: false });
    const entry = { key, inner };
    const element = h("div", { class: "entry pair" }, key, inner.element,
      h("button", {
        type: "button", class: "quiet icon-only", "aria-label": "Remove this entry",
        onclick: () => { rows.splice(rows.indexOf(entry), 1); element.remove(); add.focus(); },
      }, icon("cancel")));
    rows.push(entry);
    list.append(element);
    key.focus();
  };
  const add = h("button", { type: "button", class: "small", onclick: append }, icon("add"), "Add an entry");
  const shell = row(field, [list, add], { legend: true });
  const named = () => rows.filter((each) => each.key.value.trim());
  return {
    ...shell,
    read: () => Object.fromEntries(named().map((each) => [each.key.value.trim(), each.inner.read() ?? null])),
    faults: () => named().flatMap((each) => each.inner.faults().map((fault) => ({ ...fault, path: [each.key.value.trim(), ...fault.path] }))),
    mark([key, ...rest], detail) {
      const found = rows.find((each) => each.key.value.trim() === key);
      if (found) found.inner.mark(rest, detail);
      else shell.mark([], detail);
    },
    clear() { shell.clear(); rows.forEach((each) => each.inner.clear()); },
  };
}
