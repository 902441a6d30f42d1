/** Calls to the service: addresses, the key, problems as errors, uploads with progress. */

import { askForKey, currentKey } from "./key.mjs";

/** A problem document (RFC 9457) that the service answered with, or the network's silence in its form. */
export class ServiceError extends Error {
  constructor(problem) {
    super(problem.detail || problem.title);
    this.problem = { errors: [], retryable: false, ...problem };
  }
}

const NO_ANSWER = {
  status: 0,
  code: "no-answer",
  title: "The service does not answer",
  detail: "The service does not answer. Is it running, and is the network there?",
  retryable: true,
};

/** Return where a path of the API or a link of the service lies, as seen from this page's own address. */
export function address(link) {
  const from = link.indexOf("/v1/");
  return new URL(from < 0 ? link : link.slice(from + 1), document.baseURI).href;
}

/** Ask, and return the Response of a success. Asks the person for a key where one is needed. */
export async function ask(path, { method = "GET", json, headers = {}, signal } = {}) {
  const options = { method, signal, headers: { Accept: "*/*", ...headers }, cache: "no-store" };
  if (json !== undefined) {
    options.body = JSON.stringify(json);
    options.headers["Content-Type"] = "application/json";
  }
  for (;;) {
    const key = currentKey();
    if (key) options.headers.Authorization = `Bearer ${key}`;
    const answer = await reached(address(path), options);
    if (answer.ok) return answer;
    const problem = problemOf(answer.status, await answer.text());
    if (answer.status !== 401) throw new ServiceError(problem);
    await askForKey(key, problem.detail);
  }
}

/** Ask, and return the JSON of the answer. */
export async function call(path, options) {
  return (await ask(path, options)).json();
}

async function reached(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ServiceError(NO_ANSWER);
  }
}

function problemOf(status, text) {
  try {
    const found = JSON.parse(text);
    if (typeof found.title === "string") return { status, ...found };
  } catch {
    // a proxy in front answers in its own words
  }
  return { status, code: "unknown", title: `The service answered ${status}`, detail: `The service answered ${status}.` };
}

/** Send a file ahead, and return what `POST /v1/files` says. `progress` gets 0..1. */
export async function upload(file, progress, signal) {
  for (;;) {
    const key = currentKey();
    const { status, text } = await sent(file, key, progress, signal);
    if (status === 201) return JSON.parse(text);
    const problem = problemOf(status, text);
    if (status !== 401) throw new ServiceError(problem);
    await askForKey(key, problem.detail);
  }
}

/** `fetch` cannot tell how far an upload is; XMLHttpRequest can. */
function sent(file, key, progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address(`/v1/files?filename=${encodeURIComponent(file.name.slice(-255))}`));
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    if (key) request.setRequestHeader("Authorization", `Bearer ${key}`);
    request.upload.onprogress = (event) => progress(event.total ? event.loaded / event.total : 0);
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = () => reject(new ServiceError(NO_ANSWER));
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** Fetch a file of the service and let the browser save it: a plain link could not carry the key. */
export async function save(path, filename) {
  const content = await (await ask(path)).blob();
  saveBlob(content, filename);
}

/** Let the browser save bytes that the page holds. */
export function saveBlob(content, filename) {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Wait, or until `signal` stops it. */
export function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Return a fresh random name, also where the page came over plain http and `randomUUID` is missing. */
export function unique() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
