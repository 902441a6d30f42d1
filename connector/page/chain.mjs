/** The chain of steps that every photo runs through, and the catalogue to choose them from. */

import { call } from "./api.mjs";
import { h, icon, notice } from "./dom.mjs";
import { stepForm } from "./stepform.mjs";

/** Return the chain over the steps of the catalogue; `changed` is called when a step comes or goes. */
export function chainOf(steps, drawers, changed) {
  const cards = [];
  const list = h("ol", { class: "chain" });
  const troubles = h("div");
  const choices = steps.map((each) => h("button", { type: "button", class: "choice", onclick: () => add(each) },
    icon(each.name), h("span", {}, h("strong", {}, each.title), h("span", { class: "muted" }, each.summary))));
  const catalogue = h("details", { class: "catalogue", open: true },
    h("summary", {}, icon("add"), h("span", {}, "Choose a step")), h("div", { class: "choices" }, choices));
  const element = h("div", {}, list, troubles, catalogue);

  async function add(summary) {
    troubles.replaceChildren();
    try {
      const step = await call(summary.links.self);
      const item = h("li");
      const tool = (name, words, action) => h("button", { type: "button", class: "quiet icon-only", "aria-label": `${words}: ${step.title}`, onclick: action }, icon(name));
      const form = stepForm(step, [
        tool("up", "Move up", () => move(item, -1)), tool("down", "Move down", () => move(item, 1)), tool("cancel", "Remove", () => remove(item)),
      ], drawers);
      item.append(form.element);
      cards.push({ item, form, source: step.inputs.find((each) => each.role === "source") });
      show();
      form.element.querySelector(".fields input, .fields select")?.focus({ preventScroll: true });
    } catch (error) {
      troubles.replaceChildren(notice(error));
    }
  }

  function move(item, by) {
    const from = cards.findIndex((each) => each.item === item);
    const [card] = cards.splice(from, 1);
    cards.splice(Math.max(0, from + by), 0, card);
    show();
    item.querySelector(`[aria-label^="Move ${by < 0 ? "up" : "down"}"]`).focus();
  }

  function remove(item) {
    cards.splice(cards.findIndex((each) => each.item === item), 1);
    show();
    catalogue.querySelector("summary").focus();
  }

  function show() {
    list.replaceChildren(...cards.map((each) => each.item));
    shareRoles();
    list.classList.toggle("several", cards.length > 1);
    catalogue.open = cards.length === 0;
    catalogue.querySelector("summary span").textContent = cards.length ? "Add another step" : "Choose a step";
    changed();
  }

  function shareRoles() {
    const first = new Map();
    cards.forEach(({ form }, index) => form.roles.forEach((each) => {
      each.share(first.get(each.role) ?? 0);
      if (!first.has(each.role)) first.set(each.role, index + 1);
    }));
  }

  /** Show a fault at /steps/{index}/…; a path that names no step is looked for in each. */
  function mark(path, detail) {
    if (path[0] === "steps" && cards[+path[1]]) {
      const rest = path[2] === "parameters" ? path.slice(3) : path.slice(2);
      return cards[+path[1]].form.mark(rest, detail);
    }
    const rest = path[0] === "parameters" ? path.slice(1) : path;
    return cards.some((each) => each.form.mark(rest, detail));
  }

  return {
    element,
    get empty() { return cards.length === 0; },
    /** Whether a photo must be there to begin with; some steps make pictures from their settings alone. */
    get needsPhoto() { return Boolean(cards[0]?.source?.required); },
    focus: () => catalogue.querySelector("summary").focus(),
    read: () => ({ steps: cards.map(({ form }, index) => ({
      // What lies between two steps is kept, so that each step's report can be read.
      step: form.name, parameters: form.read(), ...(index < cards.length - 1 && { keep: true }),
    })) }),
    extras: () => cards.flatMap(({ form }) => form.roles).filter((each) => !each.shared)
      .map((each) => ({ role: each.role, files: each.files.files() })).filter((each) => each.files.length),
    faults: () => cards.flatMap(({ form }, index) => form.faults().map((each) => ({ ...each, path: ["steps", `${index}`, "parameters", ...each.path] }))),
    mark,
    markPointer: (pointer, detail) => mark(pointer.replace(/^\//, "").split("/").map((each) => each.replaceAll("~1", "/").replaceAll("~0", "~")), detail),
    clear: () => cards.forEach((each) => each.form.clear()),
  };
}
