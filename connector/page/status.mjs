/** States of jobs and items, as they are shown everywhere. */

import { h } from "./dom.mjs";
import { label, STATES } from "./words.mjs";

/** Return a state as a word with a mark; `quiet` leaves the word to screen readers. */
export function badge(status, quiet = false) {
  return h("span", { class: `badge ${status.toLowerCase()}` }, h("span", { class: quiet ? "visually-hidden" : "" }, STATES[status] ?? status));
}

/** Return what a job does: "Anonymize, then Upscale". */
export function stepNames(job) {
  return (job.steps ?? []).map(label).join(" → ") || job.template || "Job";
}

/** Say something to screen readers. */
export function announce(text) {
  document.getElementById("live").textContent = text;
}
