/** Starts the page: what is shown goes by the part of the address behind "#". */

import { call } from "./api.mjs";
import { h, icon, notice } from "./dom.mjs";
import { jobList } from "./jobs.mjs";
import { currentKey, forgetKey } from "./key.mjs";
import { stage } from "./stage.mjs";
import { work } from "./work.mjs";

const main = document.getElementById("main");
let shown = { element: null, leave() {} };
let bench = null;
let turn = 0;

async function show() {
  turn += 1;
  const mine = turn;
  const [, view = "", id = ""] = location.hash.split("/");
  shown.leave();
  mark(view === "jobs" ? "jobs" : "work");
  let found;
  try {
    found = view === "jobs" ? (id ? oneJob(decodeURIComponent(id)) : jobList()) : await workbench();
  } catch (error) {
    found = { element: h("div", { class: "page" }, notice(error), again()), leave() {} };
  }
  if (mine !== turn) return; // the person has gone on meanwhile
  shown = found;
  main.replaceChildren(shown.element);
  if (mine > 1) main.focus({ preventScroll: true }); // what was focused is no longer there
  document.title = view === "jobs" ? "Jobs – Retusche" : "Retusche";
  shown.enter?.();
}

/** The workbench keeps its photos and settings while one looks elsewhere. */
async function workbench() {
  bench ??= work((await call("/v1/steps")).steps);
  return bench;
}

function oneJob(id) {
  const view = stage(id);
  const element = h("div", { class: "page" },
    h("h1", { class: "visually-hidden" }, "Job"), h("p", {}, h("a", { href: "#/jobs" }, "← All jobs")), view.element);
  return { ...view, element };
}

function again() {
  return h("button", { type: "button", onclick: show }, icon("retry"), "Try again");
}

function mark(view) {
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function showKey() {
  const forget = () => { forgetKey(); location.reload(); };
  document.getElementById("tools").replaceChildren(...(currentKey()
    ? [h("button", { type: "button", class: "quiet small", onclick: forget }, icon("key"), "Forget the key")] : []));
}

async function showVersion() {
  const root = await call("./", { headers: { Accept: "application/json" } });
  document.getElementById("version").textContent = `Retusche ${root.version}`;
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
document.addEventListener("keychange", showKey);
window.addEventListener("hashchange", show);
showKey();
show();
showVersion().catch(() => {}); // the footer is no reason to disturb
