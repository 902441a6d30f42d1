/** A step's report as a person reads it; everything else of it stays at hand as JSON. */

import { h } from "./dom.mjs";
import { count, duration, label, percent, plain } from "./words.mjs";

const VERDICTS = {
  "nothing-found": ["neutral", "Nothing found", "Nothing of what was looked for is in the picture; it was left as it is."],
  clean: ["good", "Clean", "Everything found was removed. Looking again found nothing."],
  redacted: ["warn", "Clean, partly covered", "Something was still seen after filling, so it was covered. Looking again found nothing."],
  residual: ["bad", "Something is still seen", "Something to remove is still seen in the result."],
};
const TOLD = new Set(["step", "version", "seed", "parameters", "backends", "timings", "inputs", "messages", "pages", "verdict", "skipped"]);

/** Return a report; `number` is its place in a chain, 0 where it is alone. */
export function reportView(report, number) {
  const title = `${number ? `${number}. ` : ""}${label(report.step)}`;
  return h("section", { class: "report", "aria-label": `Report: ${title}` },
    h("h3", {}, title, h("span", { class: "muted small" }, ` version ${report.version}`)),
    verdict(report), messages(report.messages ?? []),
    h("dl", { class: "facts" }, facts(report)),
    (report.pages ?? []).map((page) => pageView(page, report.pages.length)),
    backends(report.backends ?? []), timings(report.timings ?? {}),
    h("details", {}, h("summary", {}, "The whole report as JSON"), h("pre", { tabindex: "0" }, JSON.stringify(report, null, 2))));
}

function verdict(report) {
  if (report.skipped) return h("p", { class: "verdict warn" }, h("strong", {}, "Skipped"), " This step failed and was left out, as the job allowed.");
  if (typeof report.verdict !== "string") return null;
  const [kind, name, words] = VERDICTS[report.verdict] ?? ["neutral", label(report.verdict), ""];
  return h("p", { class: `verdict ${kind}` }, h("strong", {}, name), ` ${words}`);
}

function messages(given) {
  return given.map((each) => h("p", { class: each.severity === "info" ? "" : "notice warn" }, sentence(each.text)));
}

function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

function facts(report) {
  const rest = Object.entries(report).filter(([key]) => !TOLD.has(key));
  return [...rest, ["seed", report.seed]].flatMap(([key, value]) => fact(label(key), value));
}

function fact(name, value) {
  const words = said(value);
  return words === null ? [] : [h("dt", {}, name), h("dd", {}, words)];
}

function said(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return plain(value);
  if (typeof value === "string") return value || null;
  if (Array.isArray(value) && value.every((each) => typeof each !== "object")) return value.map((each) => said(each)).join(", ") || null;
  return null;
}

function pageView(page, total) {
  const sizes = new Set(["size", "sourceSize", "targetSize", "workingSize"]);
  const skipped = new Set(["number", "verdict", "width", "height"]);
  const whole = page.width && page.height ? { size: [page.width, page.height] } : {};
  const shown = Object.entries({ ...whole, ...page }).filter(([key]) => !skipped.has(key)).flatMap(([key, value]) => {
    if (sizes.has(key) && value) return fact(label(key), `${value[0]} × ${value[1]} px`);
    if (/Share$/.test(key) && typeof value === "number") return fact(label(key), value && value < 0.01 ? "under 1 %" : percent(value));
    if (/^largestDifference/.test(key) && value === 0) return fact(label(key), "0: every pixel is as it was");
    return fact(label(key), value);
  });
  return h("div", { class: "report-page" }, total > 1 && h("h4", {}, `Page ${page.number}`),
    seenTable("Found and removed", page.detections), seenTable("Seen and left alone", page.leftAlone),
    seenTable("Still seen", page.residual), h("dl", { class: "facts" }, shown));
}

function seenTable(title, seen) {
  if (!seen?.length) return null;
  const kinds = Map.groupBy ? Map.groupBy(seen, (each) => each.label) : grouped(seen);
  const words = [...kinds].map(([name, all]) => count(all.length, name, name === "person" ? "people" : `${name}s`)).join(", ");
  const rows = seen.map((each) => h("tr", {}, h("td", {}, each.label), h("td", { class: "number" }, percent(each.score)),
    h("td", { class: "number" }, `${Math.round(each.width)} × ${Math.round(each.height)} px`), h("td", {}, each.shape ?? "")));
  return h("details", { class: "seen" }, h("summary", {}, `${title}: `, h("strong", {}, words)),
    h("div", { class: "table-scroll" }, h("table", {}, h("thead", {}, h("tr", {}, [["What"], ["Certainty", "number"], ["Size", "number"], ["Mask"]].map(([each, kind]) => h("th", { scope: "col", class: kind }, each)))), h("tbody", {}, rows))));
}

function grouped(seen) {
  const found = new Map();
  for (const each of seen) found.set(each.label, [...(found.get(each.label) ?? []), each]);
  return found;
}

function backends(used) {
  if (!used.length) return null;
  const rows = used.map((each) => h("tr", {}, h("td", {}, label(each.capability)), h("td", {}, each.name), h("td", {}, each.licence),
    h("td", {}, each.weights.length ? each.weights.map((file) => h("div", {}, file.name, h("span", { class: "muted small" }, ` ${file.licence}, ${file.sha256.slice(0, 12)}…`))) : "none")));
  return h("details", {}, h("summary", {}, "Models, weights and licences"),
    h("div", { class: "table-scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["For", "Backend", "Licence", "Weights"].map((each) => h("th", { scope: "col" }, each)))), h("tbody", {}, rows))));
}

function timings(given) {
  const phases = Object.entries(given).filter(([name]) => name !== "total");
  const total = given.total ?? phases.reduce((sum, [, seconds]) => sum + seconds, 0);
  if (!total) return null;
  const most = Math.max(...phases.map(([, seconds]) => seconds), 1e-9);
  return h("details", {}, h("summary", {}, "Time: ", h("strong", {}, duration(total))),
    h("table", { class: "bars" }, h("tbody", {}, phases.map(([name, seconds]) => h("tr", {}, h("th", { scope: "row" }, label(name)),
      h("td", {}, h("meter", { min: 0, max: most, value: seconds, "aria-label": `${name}: ${duration(seconds)}` })), h("td", { class: "number" }, duration(seconds)))))));
}
