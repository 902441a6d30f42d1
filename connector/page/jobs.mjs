/** The list of jobs: what waits, works and has ended, with what can be done about it. */

import { call } from "./api.mjs";
import { h, icon, notice } from "./dom.mjs";
import { announce, badge, stepNames } from "./status.mjs";
import { age, counts, ENDED, percent, STATES } from "./words.mjs";

const PAGE = 20;
const BUSY = 1500; // ms between two looks while something waits or works
const CALM = 10_000;

/** Return the list: {element, enter, leave}. */
export function jobList() {
  let filter = "";
  let cursors = [null]; // of the pages up to the one that is shown
  let next = null;
  let timer = 0;
  let left = false;
  const troubles = h("div");
  const body = h("tbody");
  const table = h("table", { class: "jobs" }, h("caption", { class: "visually-hidden" }, "Jobs, newest first"),
    h("thead", {}, h("tr", {}, ["State", "Steps", "Photos", "Attempts", "Age", "Actions"].map((each) => h("th", { scope: "col" }, each)))), body);
  const empty = h("p", { class: "muted empty", hidden: true });
  const newer = h("button", { type: "button", onclick: () => { cursors.pop(); load(); } }, "← Newer");
  const older = h("button", { type: "button", onclick: () => { cursors.push(next); load(); } }, "Older →");
  const element = h("div", { class: "page" }, h("h1", {}, "Jobs"), filters(), troubles, table, empty, h("div", { class: "row end" }, newer, older));

  function filters() {
    const choices = [["", "All"], ...Object.entries(STATES)].map(([value, name]) => {
      const input = h("input", { type: "radio", name: "state", value });
      input.checked = value === "";
      input.addEventListener("change", () => { filter = value; cursors = [null]; load(); });
      return h("label", {}, input, h("span", {}, name));
    });
    return h("fieldset", { class: "field" }, h("legend", { class: "visually-hidden" }, "State"), h("div", { class: "segments wrap" }, choices));
  }

  async function load() {
    clearTimeout(timer);
    let busy = false;
    try {
      const asked = query();
      const page = await call(`/v1/jobs?${asked}`);
      if (left || asked !== query()) return;
      show(page);
      busy = page.jobs.some((each) => !ENDED.has(each.status));
      if (troubles.dataset.from === "load") troubles.replaceChildren();
    } catch (error) {
      if (left) return;
      trouble(error, "load");
    }
    timer = setTimeout(() => (document.hidden ? rest() : load()), busy ? BUSY : CALM);
  }

  function query() {
    const asked = new URLSearchParams({ limit: PAGE });
    if (filter) asked.set("status", filter);
    if (cursors.at(-1)) asked.set("cursor", cursors.at(-1));
    return `${asked}`;
  }

  function rest() {
    document.addEventListener("visibilitychange", load, { once: true });
  }

  function show(page) {
    next = page.next;
    const focused = document.activeElement?.closest?.("tr")?.dataset.job;
    const words = document.activeElement?.getAttribute?.("aria-label");
    body.replaceChildren(...page.jobs.map(line));
    if (focused) body.querySelector(`tr[data-job="${focused}"] [aria-label="${words}"]`)?.focus();
    table.hidden = page.jobs.length === 0;
    empty.hidden = page.jobs.length > 0;
    empty.textContent = filter ? `No job is ${STATES[filter].toLowerCase()}.` : "No jobs yet. What you run under Work appears here.";
    newer.hidden = cursors.length === 1;
    older.hidden = !next;
  }

  function line(job) {
    const ended = ENDED.has(job.status);
    const name = stepNames(job);
    const button = (kind, words, what) => h("button", { type: "button", class: "small", "aria-label": `${words} ${name}, made ${job.createdAt}`, onclick: () => act(job, what) }, icon(kind), words);
    const cell = (title, ...content) => h("td", { "data-title": title }, ...content);
    return h("tr", { "data-job": job.id },
      cell("State", badge(job.status), job.status === "RUNNING" && h("span", { class: "muted small" }, ` ${percent(job.progress)}`)),
      cell("Steps", h("a", { href: `#/jobs/${job.id}` }, name), job.correlation && h("div", { class: "muted small" }, job.correlation),
        job.error && h("div", { class: "error small" }, job.error.detail)),
      cell("Photos", counts(job.counts)),
      cell("Attempts", String(job.attempts)),
      cell("Age", h("time", { datetime: job.createdAt, title: new Date(job.createdAt).toLocaleString() }, age(job.createdAt))),
      cell("Actions", !ended && button("cancel", "Cancel", "cancel"), job.status === "FAILED" && button("retry", "Retry", "retry")));
  }

  async function act(job, what) {
    try {
      await call(`/v1/jobs/${job.id}/${what}`, { method: "POST" });
      announce(what === "cancel" ? "Cancelled" : "Tried again");
      troubles.replaceChildren();
    } catch (error) {
      trouble(error, "act");
    }
    await load();
  }

  function trouble(error, from) {
    troubles.replaceChildren(notice(error));
    troubles.dataset.from = from;
  }

  return {
    element,
    enter() { left = false; load(); },
    leave() { left = true; clearTimeout(timer); document.removeEventListener("visibilitychange", load); },
  };
}
