/** The API key: asked for when the service wants one, kept in this tab alone, never in an address. */

import { h, once } from "./dom.mjs";

const STORED = "retusche.key";
let asking = null;

/** Return the key, or "". */
export function currentKey() {
  return sessionStorage.getItem(STORED) ?? "";
}

/** Forget the key. */
export function forgetKey() {
  sessionStorage.removeItem(STORED);
  document.dispatchEvent(new Event("keychange"));
}

/**
 * Ask for a key, once for all that need one; returns when there is another than `refused`.
 * Rejects when the person does not want to give one.
 */
export async function askForKey(refused, reason) {
  if (currentKey() !== refused) return; // somebody else has asked meanwhile
  asking ??= prompted(refused, reason).finally(() => {
    asking = null;
  });
  await asking;
}

async function prompted(refused, reason) {
  const input = h("input", {
    type: "password", id: "key", name: "key", autocomplete: "off", spellcheck: false, required: true,
    "aria-describedby": "key-help key-error",
  });
  const error = h("p", { class: "error", id: "key-error" }, refused ? `The key was refused: ${reason}` : "");
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": "key-title" },
    h("form", { method: "dialog" },
      h("h2", { id: "key-title" }, "API key"),
      h("p", { id: "key-help" }, "This service is for known callers. The key stays in this tab and is forgotten when you close it."),
      h("label", { for: "key" }, "Key"), input, error,
      h("div", { class: "row end" },
        h("button", { type: "button", class: "quiet", onclick: () => dialog.close("") }, "Not now"),
        h("button", { type: "submit", value: "use", class: "primary" }, "Use this key"))));
  document.body.append(dialog);
  dialog.showModal();
  input.focus();
  await once(dialog, "close");
  const given = dialog.returnValue === "use" ? input.value.trim() : "";
  dialog.remove();
  if (!given) throw new Error("An API key is needed for this.");
  sessionStorage.setItem(STORED, given);
  document.dispatchEvent(new Event("keychange"));
}
