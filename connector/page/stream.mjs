/** The text form of server-sent events (WHATWG HTML, section 9.2). Pure. */

/** Takes pieces of a stream and gives whole events: {id, event, data}. */
export class EventParser {
  #rest = "";

  /** Return the events that a piece of text completes. */
  push(text) {
    const whole = this.#rest + text;
    const held = whole.endsWith("\r") ? "\r" : ""; // its "\n" may come with the next piece
    const blocks = whole.slice(0, whole.length - held.length).replace(/\r\n?/g, "\n").split("\n\n");
    this.#rest = blocks.pop() + held;
    return blocks.map(parsed).filter((each) => each.data !== "");
  }
}

function parsed(block) {
  const found = { id: "", event: "message", data: "" };
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue; // a comment, or a field without a value
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") found.data += (found.data && "\n") + value;
    else if (name in found) found[name] = value;
  }
  return found;
}
