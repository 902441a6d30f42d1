/** One job: its state while it runs, its items, and what came of them. */

import { address, ask, call, save } from "./api.mjs";
import { h, icon, notice } from "./dom.mjs";
import { follow } from "./events.mjs";
import { itemView } from "./item.mjs";
import { announce, badge, stepNames } from "./status.mjs";
import { age, counts, ENDED, percent, STATES } from "./words.mjs";

const INLINE = 100; // items that a job itself carries
const QUICK = 250; // ms between two looks at a small job that changes
const SLOW = 1000; // ms, at a large one: each look carries a hundred reports
const LARGE = 20;

/**
 * Return a view of a job: {element, enter, leave}. `failed` is told of each field that the service
 * found at fault while the job ran.
 */
export function stage(jobId, { failed = () => {} } = {}) {
  let job = null;
  let items = [];
  let chosen = null;
  let view = null; // of the chosen item, while its state stays
  let stopping = null;
  let timer = 0;
  let seen = 0;
  let next = null;
  const told = new Set(); // failures whose fields are marked
  const path = `/v1/jobs/${encodeURIComponent(jobId)}`;
  const head = h("div", { class: "stage-head" });
  const progress = h("progress", { max: 1, value: 0, "aria-label": "Progress of the job" });
  const phase = h("p", { class: "phase muted" });
  const troubles = h("div");
  const strip = h("ul", { class: "strip", "aria-label": "Photos of this job" });
  const more = h("button", { type: "button", class: "small", hidden: true, onclick: () => attempt(loadMore) }, "Show more photos");
  const spot = h("div", { class: "spot" });
  const element = h("section", { class: "stage", "aria-label": "Job" }, head, progress, phase, troubles, strip, more, spot);

  async function load() {
    const before = job?.status;
    job = await call(path);
    const known = items.slice(INLINE);
    items = [...job.items, ...known];
    if (job.items.length === INLINE && next === null) next = (await call(`${path}/items?limit=${INLINE}`)).next ?? "";
    if (before && before !== job.status) announce(`Job: ${STATES[job.status]}`);
    show();
    for (const item of items) {
      const failure = `${item.id} ${item.attempts}`;
      if (!item.error || told.has(failure)) continue;
      told.add(failure);
      item.error.errors.forEach(failed);
    }
  }

  async function loadMore() {
    const page = await call(`${path}/items?limit=${INLINE}&cursor=${next}`);
    items.push(...page.items);
    next = page.next ?? "";
    show();
  }

  function show() {
    const ended = ENDED.has(job.status);
    showHead(ended);
    progress.hidden = ended;
    progress.value = job.progress;
    showPhase();
    strip.hidden = items.length < 2;
    strip.replaceChildren(...items.map(thumb));
    more.hidden = !next;
    if (!items.some((each) => each.id === chosen)) chosen = items[0]?.id ?? null;
    showItem();
  }

  function showHead(ended) {
    const button = (name, words, action, kind = "") => h("button", { type: "button", class: `small ${kind}`, onclick: () => attempt(action) }, icon(name), words);
    const several = job.counts.finished > 0;
    const focused = head.contains(document.activeElement) && document.activeElement.textContent;
    head.replaceChildren(
      h("div", { class: "stage-title" }, h("h2", {}, stepNames(job)), badge(job.status)),
      h("p", { class: "muted small" }, h("a", { href: `#/jobs/${job.id}` }, "Job ", h("code", {}, job.id)),
        ` · made ${age(job.createdAt)} · ${counts(job.counts)}`,
        job.queuePosition ? ` · place ${job.queuePosition} in the queue` : "",
        job.expiresAt ? ` · deleted ${age(job.expiresAt)}` : ""),
      h("div", { class: "row" },
        !ended && button("cancel", "Cancel", () => act("cancel")),
        job.status === "FAILED" && button("retry", "Retry what failed", () => act("retry")),
        several && button("download", "Download all (zip)", () => save(`${path}/results.zip`, `${job.id}.zip`)),
        ended && button("cancel", "Delete", remove, "quiet")));
    if (focused) [...head.querySelectorAll("button")].find((each) => each.textContent === focused)?.focus();
  }

  function showPhase() {
    const running = items.filter((each) => each.status === "RUNNING");
    phase.hidden = ENDED.has(job.status);
    phase.textContent = job.status === "QUEUED" ? "Waiting for a worker…"
      : `${percent(job.progress)}${running[0]?.phase ? ` · ${running[0].phase}` : ""}`;
  }

  function thumb(item) {
    const made = item.parts.find((each) => each.type === "BASE_PART" && each.url);
    const picture = made?.mimeType.match(/jpeg|png|webp|gif|bmp/) ? h("img", { alt: "", src: address(made.url), loading: "lazy" }) : h("span", { class: "thumb-none" }, icon("photo"));
    return h("li", {}, h("button", {
      type: "button", "aria-pressed": String(item.id === chosen),
      onclick: () => { chosen = item.id; show(); },
    }, picture, h("span", { class: "thumb-name" }, item.id), badge(item.status, true)));
  }

  function showItem() {
    const item = items.find((each) => each.id === chosen);
    const key = item && `${item.id} ${item.status} ${item.attempts}`;
    if (view?.key === key) view.update(item);
    else {
      view = item ? { key, ...itemView(item, job) } : null;
      spot.replaceChildren(...(view ? [view.element] : []));
    }
  }

  async function act(what) {
    await call(`${path}/${what}`, { method: "POST" });
    await load();
    if (what === "retry") watch();
  }

  async function remove() {
    if (!window.confirm("Delete this job and its pictures for good?")) return;
    await ask(path, { method: "DELETE" });
    leave();
    element.replaceChildren(h("p", { class: "notice" }, "The job and its pictures are deleted."));
    announce("The job is deleted");
  }

  async function attempt(action) {
    troubles.replaceChildren();
    try {
      await action();
    } catch (error) {
      if (!stopping?.signal.aborted) troubles.replaceChildren(notice(error));
    }
  }

  function happened(event, id) {
    seen = id;
    const item = items.find((each) => each.id === event.itemId);
    if (event.type === "item.progress" && item) {
      Object.assign(item, { status: "RUNNING", progress: event.progress, phase: event.phase });
      if (items.length === 1) job.progress = progress.value = event.progress;
      showPhase();
      if (items.length === 1 && job.status === "RUNNING") return;
    }
    timer ||= setTimeout(() => { timer = 0; attempt(load); }, items.length > LARGE ? SLOW : QUICK);
  }

  function watch() {
    stopping?.abort();
    stopping = new AbortController();
    const { signal } = stopping;
    attempt(async () => {
      await load();
      if (ENDED.has(job.status)) return;
      await follow(jobId, seen, happened, signal);
      if (!signal.aborted) await load();
    });
  }

  function leave() {
    stopping?.abort();
    clearTimeout(timer);
    timer = 0;
  }

  return { element, enter: watch, leave };
}
