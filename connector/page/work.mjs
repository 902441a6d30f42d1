/** The workbench: photos, the chain of steps with their settings, and what came of it. */

import { call, unique, upload } from "./api.mjs";
import { chainOf } from "./chain.mjs";
import { h, notice } from "./dom.mjs";
import { companion, itemIds } from "./match.mjs";
import { outputForm } from "./output.mjs";
import { paintMask, pickZone } from "./paint.mjs";
import { picker } from "./picker.mjs";
import { stage } from "./stage.mjs";
import { count } from "./words.mjs";

const AT_ONCE = 3; // uploads: enough to fill a line, few enough to see each of them move
const sent = new WeakMap(); // File → what the service called it, so that nothing is sent twice

/** Return the workbench over the steps of the catalogue. */
export function work(steps) {
  const photos = picker({ label: "Photos", changed: (files) => { hint(files); say(); } });
  const output = outputForm();
  const chain = chainOf(steps, {
    zone: (name, done) => pickZone(photos.files()[0], name, done),
    mask: (done) => paintMask(photos.files()[0], done),
  }, () => say());
  const run = h("button", { type: "button", class: "primary large", onclick: () => (running ? running.abort() : start()) });
  const words = h("p", { class: "muted small", id: "sending" });
  const unseen = h("p", { class: "muted small" });
  const bar = h("progress", { max: 1, value: 0, "aria-label": "Sent", hidden: true });
  const faults = h("div");
  const result = h("section", { class: "result", "aria-label": "Result" }, welcome());
  let running = null;
  let unsure = { body: "", key: "" }; // a job that may have been created although no answer came
  let shown = null;

  const element = h("div", { class: "bench" },
    h("section", { class: "photos", "aria-label": "Photos" }, h("h1", {}, "Photos"), photos.element, unseen),
    h("section", { class: "panel", "aria-label": "Settings" }, h("h2", {}, "What should happen"),
      chain.element, output.element, h("div", { class: "go" }, faults, run, bar, words)),
    result);

  function say() {
    const files = photos.files().length;
    run.replaceChildren(running ? "Stop sending" : files ? `Run on ${count(files, "photo")}` : "Run");
  }

  function hint(files) {
    const odd = files.filter((each) => /\.(tiff?|hei[cf])$/i.test(each.name));
    unseen.textContent = odd.length
      ? "TIFF and HEIC cannot be shown by most browsers. They work all the same; with JPEG, PNG or WebP as the result’s format the result can be seen."
      : "";
  }

  async function start() {
    faults.replaceChildren();
    chain.clear();
    const missing = chain.empty ? "Choose what should happen first." : photos.files().length || !chain.needsPhoto ? "" : "Add a photo first.";
    if (missing) return complain(new Error(missing), chain.empty ? chain : photos);
    const wrong = chain.faults();
    if (wrong.length) {
      wrong.forEach(({ path, detail }) => chain.mark(path, detail));
      return complain(new Error(`${count(wrong.length, "setting")} must be mended first; marked above.`));
    }
    running = new AbortController();
    say();
    try {
      open(await created(running.signal));
    } catch (error) {
      if (error.name !== "AbortError") refused(error);
    } finally {
      running = null;
      bar.hidden = true;
      words.textContent = "";
      say();
    }
  }

  function complain(error, at) {
    faults.replaceChildren(notice(error));
    (at ?? { focus: () => element.querySelector("[aria-invalid], .field.bad input")?.focus() }).focus();
  }

  function refused(error) {
    const marked = (error.problem?.errors ?? []).filter((each) => chain.markPointer(each.pointer, each.detail));
    complain(error, marked.length ? undefined : { focus() {} });
  }

  async function created(signal) {
    const files = photos.files();
    const extras = chain.extras();
    const all = [...new Set([...files, ...extras.flatMap((each) => each.files)])];
    for (let attempt = 0; ; attempt += 1) {
      await sendAll(all, signal);
      words.textContent = "Sent. Creating the job…";
      try {
        return await create({ ...chain.read(), items: items(files, extras), ...output.read() }, signal);
      } catch (error) {
        const gone = error.problem?.errors?.some((each) => /\/parts\/\d+\/url$/.test(each.pointer));
        if (attempt || !gone) throw error;
        all.forEach((file) => sent.delete(file)); // the service has forgotten them: they were sent long ago
      }
    }
  }

  /** The same job asked for again after silence is the same job, not a second one. */
  async function create(json, signal) {
    const body = JSON.stringify(json);
    if (unsure.body !== body) unsure = { body, key: unique() };
    const job = await call("/v1/jobs", { method: "POST", signal, json, headers: { "Idempotency-Key": unsure.key } });
    unsure = { body: "", key: "" };
    return job;
  }

  async function sendAll(files, signal) {
    const waiting = files.filter((file) => !sent.has(file));
    const shares = new Map(waiting.map((file) => [file, 0]));
    bar.hidden = waiting.length === 0;
    const show = () => {
      const whole = waiting.reduce((sum, file) => sum + file.size, 0) || 1;
      bar.value = waiting.reduce((sum, file) => sum + file.size * shares.get(file), 0) / whole;
      const done = waiting.filter((file) => sent.has(file)).length;
      words.textContent = `Sending: ${done} of ${count(waiting.length, "file")}`;
    };
    const queue = [...waiting];
    const sender = async () => {
      for (let file = queue.shift(); file; file = queue.shift()) {
        const current = file;
        show();
        sent.set(current, await upload(current, (share) => { shares.set(current, share); show(); }, signal));
        show();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
  }

  function open(job) {
    shown?.leave();
    shown = stage(job.id, { failed: (fault) => chain.markPointer(fault.pointer, fault.detail) });
    result.replaceChildren(shown.element);
    shown.enter();
    result.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  function paste(event) {
    if (photos.add([...event.clipboardData.files])) event.preventDefault();
  }

  say();
  return {
    element,
    enter() { document.addEventListener("paste", paste); shown?.enter(); },
    leave() { document.removeEventListener("paste", paste); shown?.leave(); },
  };
}

/** What a newcomer sees where the result will be. */
function welcome() {
  const says = [
    ["Add photos", "One or many. They go to this service and nowhere else, and are deleted after a day unless it is set otherwise."],
    ["Choose what should happen", "One step, or several one after the other. Every setting has a sensible start."],
    ["Look at the result", "Before and after in one frame, the mask, and a report of what was found, done and left untouched."],
  ];
  return h("ol", { class: "welcome" }, says.map(([title, words]) => h("li", {}, h("strong", {}, title), h("span", { class: "muted" }, words))));
}

function items(files, extras) {
  if (files.length === 0) return [{ parts: extras.flatMap(({ role, files: given }) => given.map((each) => part(each, role))) }];
  const ids = itemIds(files.map((each) => each.name));
  return files.map((file, index) => ({
    id: ids[index],
    parts: [part(file, "source"), ...extras.flatMap(({ role, files: given }) => {
      const found = companion(file, given);
      return found ? [part(found, role)] : [];
    })],
  }));
}

function part(file, role) {
  return { url: `/v1/files/${sent.get(file).id}`, filename: file.name.slice(-255), role };
}
