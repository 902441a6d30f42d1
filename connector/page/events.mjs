/** Server-sent events over `fetch`, since a browser's EventSource can send no key. */

import { ask, pause } from "./api.mjs";
import { EventParser } from "./stream.mjs";

/**
 * Follow a job from behind an event until it has ended or `signal` stops it; a connection that breaks
 * is taken up behind the last event. Calls `seen(event, id)` with {type, itemId, …} for each.
 */
export async function follow(jobId, after, seen, signal) {
  let last = after;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const answer = await ask(`/v1/jobs/${jobId}/events`, { signal, headers: { "Last-Event-ID": `${last}` } });
      if (answer.status === 204) return;
      for await (const event of read(answer.body)) {
        failures = 0;
        last = event.id || last;
        seen(JSON.parse(event.data), last);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error.problem && !error.problem.retryable) throw error;
      failures += 1;
    }
    await pause(Math.min(10_000, 100 * 2 ** failures), signal);
  }
}

async function* read(body) {
  const parser = new EventParser();
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(value);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
