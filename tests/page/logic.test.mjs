// What the page decides without a document: fields from schemas, words, names, places, events.
import assert from "node:assert/strict";
import test from "node:test";

import { companion, itemIds, placement } from "../../connector/page/match.mjs";
import { fieldsOf, isDefault, properties } from "../../connector/page/schema.mjs";
import { EventParser } from "../../connector/page/stream.mjs";
import { age, counts, duration, format, label, percent, plain, size } from "../../connector/page/words.mjs";

const kind = (schema, root = {}) => properties({ properties: { it: schema } }, root)[0];

test("each kind of schema has its kind of field", () => {
  assert.equal(kind({ type: "boolean" }).kind, "switch");
  assert.deepEqual(kind({ enum: ["a", "b"], type: "string" }).choices, ["a", "b"]);
  assert.equal(kind({ type: "string", pattern: "^#[0-9a-fA-F]{6}$" }).kind, "color");
  assert.equal(kind({ type: "array", items: { type: "string" } }).kind, "tags");
  assert.equal(kind({ type: "object", additionalProperties: { type: "number" } }).kind, "map");
  assert.equal(kind({ type: "array", items: { type: "array" } }).kind, "json");
  assert.equal(kind({}).kind, "json");
});

test("null beside a type means: may be left out", () => {
  const field = kind({ anyOf: [{ type: "integer", minimum: 1, maximum: 9 }, { type: "null" }], default: null });
  assert.deepEqual([field.kind, field.nullable, field.minimum, field.maximum, field.integer], ["number", true, 1, 9, true]);
});

test("a number or a word", () => {
  const field = kind({ anyOf: [{ type: "integer" }, { enum: ["4k"], type: "string" }, { type: "null" }] });
  assert.deepEqual([field.kind, field.suggestions, field.nullable], ["mixed", ["4k"], true]);
});

test("exclusive limits are told apart", () => {
  const field = kind({ type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 });
  assert.deepEqual([field.above, field.below, field.step, field.slider], [0, 1, 0.01, true]);
});

test("references, nested objects and rectangles", () => {
  const root = { $defs: { Zone: { type: "object", properties: { rectangle: {
    anyOf: [{ type: "array", description: "[x0, y0]", minItems: 2, maxItems: 2, prefixItems: [{ type: "number" }, { type: "number" }] }, { type: "null" }],
  } } } } };
  const field = kind({ type: "array", items: { $ref: "#/$defs/Zone" } }, root);
  assert.equal(field.kind, "list");
  assert.equal(field.item.kind, "group");
  assert.deepEqual(field.item.fields[0].items.map((each) => each.name), ["x0", "y0"]);
});

test("an object's own default is that of its fields", () => {
  const field = kind({ type: "object", properties: { x: { type: "integer", default: 0 } }, default: { x: 5 } });
  assert.equal(field.fields[0].default, 5);
});

test("backends that can be used here are suggested; what a step has of its own stands first", () => {
  const step = {
    name: "upscale",
    backends: [{ capability: "upscaling", name: "here", usable: true }, { capability: "upscaling", name: "away", usable: false }],
    parameters: { properties: { backend: { type: "string", default: "auto", description: 'Backend; "auto" takes the best.' }, factor: { type: "number" } } },
  };
  const { main, more } = fieldsOf(step);
  assert.deepEqual(main.map((each) => each.name), ["factor"]);
  assert.deepEqual(more[0].suggestions, ["auto", "here"]);
});

test("only what differs from the default is sent", () => {
  assert.ok(isDefault({ kind: "number", default: 2 }, 2));
  assert.ok(isDefault({ kind: "tags", default: null }, []));
  assert.ok(isDefault({ kind: "group", default: null }, {}));
  assert.ok(!isDefault({ kind: "tags", default: ["person"] }, []));
  assert.ok(!isDefault({ kind: "switch", default: true }, false));
});

test("events come whole, however the stream is cut", () => {
  const stream = ': hello\n\nid: 7\nevent: item.progress\ndata: {"a":\ndata: 1}\n\nid: 8\r\nevent: job.finished\r\ndata: {}\r\n\r\n';
  for (const width of [1, 2, 3, 7, 1000]) {
    const parser = new EventParser();
    const found = [];
    for (let at = 0; at < stream.length; at += width) found.push(...parser.push(stream.slice(at, at + width)));
    assert.deepEqual(found, [
      { id: "7", event: "item.progress", data: '{"a":\n1}' }, { id: "8", event: "job.finished", data: "{}" }], `width ${width}`);
  }
});

test("a mask finds its photo", () => {
  const [photo, one, two] = ["bath.jpg", "kitchen.mask.png", "bath.mask.png"].map((name) => ({ name }));
  assert.equal(companion(photo, [one]), one);
  assert.equal(companion(photo, [one, two]), two);
  assert.equal(companion({ name: "hall.jpg" }, [one, two]), undefined);
});

test("items have names of their own", () => {
  assert.deepEqual(itemIds(["a.jpg", "a.png", "b", ".jpg"]), ["a", "a (2)", "b", "photo"]);
});

test("the source lies where the outpainting put it, through the whole chain", () => {
  const grown = (left, width) => ({ pages: [{ left, top: 0, sourceSize: [width - 2 * left, 100], size: [width, 100] }] });
  assert.deepEqual(placement([]), { left: 0, top: 0, width: 1, height: 1 });
  assert.deepEqual(placement([grown(50, 200)]), { left: 0.25, top: 0, width: 0.5, height: 1 });
  assert.deepEqual(placement([grown(50, 200), { pages: [{ size: [9, 9] }] }, grown(100, 400)]), { left: 0.375, top: 0, width: 0.25, height: 1 });
});

test("words for people", () => {
  assert.equal(label("keepZones"), "Keep zones");
  assert.equal(label("style-transfer"), "Style transfer");
  assert.deepEqual([0, 999, 1000, 123456, 5.2e6, 999_950].map(size), ["0 B", "999 B", "1.0 kB", "123 kB", "5.2 MB", "1.0 MB"]);
  assert.deepEqual([0.004, 2.44, 185, 7300].map(duration), ["4 ms", "2.4 s", "3 min 5 s", "2 h 1 min"]);
  assert.equal(percent(0.999), "99 %");
  assert.equal(plain(0.12345), "0.123");
  assert.deepEqual(["image/heic", "image/webp", "image/jpeg", ""].map(format), ["HEIC", "WebP", "JPEG", "This file"]);
  assert.equal(counts({ queued: 1, running: 0, finished: 2, failed: 1, cancelled: 0 }), "2 of 4 finished, 1 failed");
  const now = Date.parse("2026-01-01T12:00:00Z");
  assert.equal(age("2026-01-01T11:55:00Z", now), "5 min ago");
  assert.equal(age("2026-01-02T11:00:00Z", now), "in 23 h");
  assert.equal(age("2026-01-02T11:59:58Z", now), "in 24 h");
});
