/** One item of a job: before and after, the mask, the report, the files. */

import { address, saveBlob } from "./api.mjs";
import { compare } from "./compare.mjs";
import { h, icon, notice } from "./dom.mjs";
import { placement } from "./match.mjs";
import { reportView } from "./report.mjs";
import { format, percent, size, STATES } from "./words.mjs";

/** Return a view of an item: {element, update(item)}; `update` takes the progress of the same state. */
export function itemView(item, job) {
  if (item.status === "FINISHED") return { element: finished(item, job), update() {} };
  const said = h("p", { class: "muted" });
  const update = (given) => { said.textContent = waiting(given); };
  update(item);
  const error = item.error && failure(item);
  return { element: h("div", { class: "item" }, error ?? said), update };
}

function waiting(item) {
  const again = item.attempts > 1 ? `, attempt ${item.attempts}` : "";
  const how = item.status === "RUNNING" ? `: ${percent(item.progress)}${item.phase ? `, ${item.phase}` : ""}` : "";
  return `${item.id} – ${STATES[item.status].toLowerCase()}${again}${how}`;
}

function failure(item) {
  const { code, detail, errors } = item.error;
  const told = notice(Object.assign(new Error(detail), { problem: { title: `${item.id} could not be finished`, errors } }));
  told.append(h("p", { class: "muted small" }, h("code", {}, code), ` · attempt ${item.attempts}`));
  return told;
}

function finished(item, job) {
  const own = item.parts.filter((each) => each.report === null);
  const source = own.find((each) => each.role === "source");
  const made = item.parts.filter((each) => each.report !== null);
  const results = made.filter((each) => each.type === "BASE_PART");
  const masks = made.filter((each) => each.role === "mask" && each.type === "META");
  const reports = distinct(made.map((each) => each.report));
  const shown = results[0] ?? source;
  const several = results.length > 1 ? h("p", { class: "muted" }, `${results.length} results; the first is shown.`) : null;
  return h("div", { class: "item" },
    shown && compare({
      before: source?.url ? address(source.url) : null, beforeName: format(source?.mimeType),
      after: address(shown.url), afterName: format(shown.mimeType), name: item.id,
      mask: masks[0] ? address(masks[0].url) : null,
      width: shown.width, height: shown.height, frame: placement(reports),
    }),
    several, files(results.length ? results : [shown].filter(Boolean), made, masks, reports, item),
    reports.map((report, index) => reportView(report, reports.length > 1 ? index + 1 : 0)),
    reports.length === 0 && h("p", { class: "muted" }, `Job ${job.id} made no report.`));
}

function files(results, made, masks, reports, item) {
  const between = made.filter((each) => each.type === "META" && !masks.includes(each));
  const link = (part, words, kind = "") => h("a", { class: `button ${kind}`, href: address(part.url), download: part.filename || item.id },
    icon("download"), words, h("span", { class: "muted small" }, ` ${[format(part.mimeType), size(part.sizeBytes)].join(", ")}`));
  const report = h("button", {
    type: "button",
    onclick: () => saveBlob(new Blob([JSON.stringify(reports, null, 1)], { type: "application/json" }), `${item.id}.report.json`),
  }, icon("download"), "Report");
  return h("div", { class: "row files" },
    results.map((each, index) => link(each, results.length > 1 ? `Picture ${index + 1}` : "Picture", index ? "" : "primary")),
    masks.map((each) => link(each, "Mask")), between.map((each) => link(each, "In between")), report);
}

function distinct(reports) {
  return [...new Map(reports.map((each) => [JSON.stringify(each), each])).values()];
}
