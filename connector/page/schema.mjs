/**
 * From the JSON Schema of a step's parameters to the fields of a form. Pure: no document is needed.
 *
 * A field: {name, kind, label, help, required, nullable, default, ...} with one of these kinds:
 *   choice {choices}, switch, number {integer, minimum, maximum, step}, color, text {pattern, suggestions},
 *   mixed (a number or a word), tags {item}, tuple {items}, list {item}, map {item}, group {fields}, json.
 */

import { label } from "./words.mjs";

const MAIN = {
  anonymize: ["classes", "method", "onResidual", "keepZones", "ignoreZones"],
  inpaint: ["dilate", "feather"],
  outpaint: ["aspectRatio", "anchor", "left", "right", "top", "bottom"],
  "style-transfer": ["style", "strength", "keepColors"],
  generate: ["prompt", "negativePrompt", "width", "height", "count"],
  upscale: ["factor", "longestSide", "quality", "detail"],
};
const NEVER_MAIN = new Set(["seed", "backend", "memoryMb"]);
const MAIN_UNKNOWN = 6;
/** Parameters that take the name of a backend, and of which capability; `backend`: the step's first. */
const CAPABILITIES = { detector: "detection", segmenter: "segmentation", inpainter: "inpainting" };

/** Return the fields of a described step (`GET /v1/steps/{step}`): {main, more}. */
export function fieldsOf(step) {
  const fields = properties(step.parameters, step.parameters);
  for (const each of fields) suggest(each, step.backends ?? []);
  const wanted = MAIN[step.name];
  if (wanted) {
    const main = wanted.map((name) => fields.find((each) => each.name === name)).filter(Boolean);
    return { main, more: fields.filter((each) => !main.includes(each)) };
  }
  const candidates = fields.filter((each) => !NEVER_MAIN.has(each.name));
  const main = candidates.slice(0, MAIN_UNKNOWN);
  return { main, more: fields.filter((each) => !main.includes(each)) };
}

function suggest(field, backends) {
  if (field.kind !== "text") return;
  const capability = CAPABILITIES[field.name] ?? (field.name === "backend" && backends[0]?.capability);
  if (!capability) return;
  const usable = backends.filter((each) => each.capability === capability && each.usable);
  field.suggestions = [...new Set([...field.suggestions, ...usable.map((each) => each.name)])];
}

/** Return a field for every property of an object's schema. */
export function properties(schema, root) {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, inner]) => ({
    ...field(inner, root, name),
    required: required.has(name),
  }));
}

function field(given, root, name = "") {
  const { schema, nullable, several } = resolved(given, root);
  const common = {
    name,
    label: label(name || schema.title || ""),
    help: (given.description ?? schema.description ?? "").replace(/\s+/g, " ").trim(),
    nullable,
    default: given.default ?? schema.default ?? null,
  };
  const made = { ...common, ...kindOf(schema, root, several) };
  for (const inner of made.fields ?? []) inner.default = common.default?.[inner.name] ?? inner.default;
  return made;
}

/** Follow `$ref`, and take `null` out of `anyOf`. */
function resolved(given, root) {
  let schema = given;
  let nullable = false;
  let several = null;
  for (let depth = 0; depth < 8; depth += 1) {
    if (schema.$ref) {
      const path = schema.$ref.replace(/^#\//, "").split("/");
      schema = path.reduce((found, key) => found[key.replaceAll("~1", "/").replaceAll("~0", "~")], root);
    } else if (schema.allOf?.length === 1) {
      [schema] = schema.allOf;
    } else if (schema.anyOf) {
      const rest = schema.anyOf.filter((each) => each.type !== "null");
      nullable ||= rest.length < schema.anyOf.length;
      if (rest.length !== 1) {
        several = rest;
        break;
      }
      [schema] = rest;
    } else break;
  }
  return { schema, nullable, several };
}

function kindOf(schema, root, several) {
  if (several) return mixed(several);
  if (schema.const !== undefined) return { kind: "choice", choices: [schema.const] };
  if (schema.enum) return { kind: "choice", choices: schema.enum };
  switch (schema.type) {
    case "boolean":
      return { kind: "switch" };
    case "integer":
    case "number":
      return number(schema);
    case "string":
      return string(schema);
    case "array":
      return array(schema, root);
    case "object":
      return object(schema, root);
    default:
      return { kind: "json" };
  }
}

function mixed(several) {
  if (!several.every((each) => ["integer", "number", "string"].includes(each.type))) {
    return { kind: "json" };
  }
  return { kind: "mixed", suggestions: several.flatMap((each) => each.enum ?? []) };
}

function number(schema) {
  const integer = schema.type === "integer";
  const minimum = schema.minimum ?? schema.exclusiveMinimum;
  const maximum = schema.maximum ?? schema.exclusiveMaximum;
  const range = minimum !== undefined && maximum !== undefined ? maximum - minimum : Infinity;
  return {
    kind: "number",
    integer,
    minimum,
    maximum,
    above: schema.exclusiveMinimum,
    below: schema.exclusiveMaximum,
    step: integer ? 1 : range <= 1 ? 0.01 : 0.1,
    slider: range <= (integer ? 10 : 8),
  };
}

function string(schema) {
  if (schema.pattern === "^#[0-9a-fA-F]{6}$") return { kind: "color" };
  return { kind: "text", pattern: schema.pattern, suggestions: quoted(schema.description) };
}

function array(schema, root) {
  if (schema.prefixItems && schema.minItems === schema.maxItems) {
    const names = (schema.description ?? "").replace(/[[\]\s]/g, "").split(",");
    const items = schema.prefixItems.map((each, index) => field(each, root, names[index] || `${index + 1}`));
    return { kind: "tuple", items };
  }
  const item = field(schema.items ?? {}, root);
  const many = { item, minItems: schema.minItems ?? 0, maxItems: schema.maxItems ?? Infinity };
  if (item.kind === "text" || item.kind === "number") return { kind: "tags", ...many };
  return item.kind === "group" ? { kind: "list", ...many } : { kind: "json" };
}

function object(schema, root) {
  if (schema.properties) return { kind: "group", fields: properties(schema, root) };
  if (typeof schema.additionalProperties === "object") {
    return { kind: "map", item: field(schema.additionalProperties, root) };
  }
  return { kind: "json" };
}

/** Return the words that a description quotes: what may be written into a free field. */
export function quoted(description = "") {
  return [...new Set([...description.matchAll(/"([^"\s]{1,40})"/g)].map((found) => found[1]))];
}

/** Return whether a value is what the field has anyway, so that it need not be sent. */
export function isDefault(field, value) {
  const normal = field.default ?? { tags: [], list: [], map: {} }[field.kind] ?? null;
  if (field.kind === "group" && value !== undefined) return Object.keys(value).length === 0;
  return value === undefined || JSON.stringify(value) === JSON.stringify(normal);
}
