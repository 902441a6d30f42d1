/** Numbers, times and names as people read them. Pure: no document is needed. */

export const STATES = {
  QUEUED: "Waiting",
  RUNNING: "Working",
  FINISHED: "Finished",
  FAILED: "Failed",
  CANCELLED: "Cancelled",
};
export const ENDED = new Set(["FINISHED", "FAILED", "CANCELLED"]);

const NAMES = {
  color: "Colour",
  detector: "Detector",
  changedShare: "Changed",
  deliveredLossless: "Delivered without loss",
  keepColors: "Keep the source’s colours",
  memoryMb: "Memory for a tile",
  largestDifferenceOfOriginal: "Largest difference in the original",
  largestDifferenceOutside: "Largest difference outside the mask",
  largestDifferenceOutsideMask: "Largest difference outside the mask",
  minSize: "Smallest size",
  onResidual: "If something is still seen",
  notCopiedShare: "Not copied from",
  thresholds: "Thresholds by class",
};

/** Return a wire name or a choice as a label: "keepZones" → "Keep zones". */
export function label(name) {
  if (Object.hasOwn(NAMES, name)) return NAMES[name];
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .toLowerCase()
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Return "1 photo", "3 photos". */
export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** Return bytes as people know them, in powers of 1000. */
export function size(bytes) {
  if (bytes === null || bytes === undefined) return "";
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** Return seconds as a length of time: "80 ms", "2.4 s", "3 min 5 s". */
export function duration(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Return how long ago (or, for what is to come, in how long) something is: "5 min ago". */
export function age(iso, now = Date.now()) {
  const seconds = (now - Date.parse(iso)) / 1000;
  const steps = [
    [60, 1, "s"],
    [3600, 60, "min"],
    [86400, 3600, "h"],
    [Infinity, 86400, "d"],
  ];
  const distance = Math.abs(seconds);
  const [, divisor, unit] = steps.find(([limit]) => distance < limit);
  if (seconds < 0) return `in ${Math.max(1, Math.round(distance / divisor))} ${unit}`;
  const value = Math.floor(distance / divisor);
  return distance < 5 ? "just now" : `${value} ${unit} ago`;
}

/** Return a share 0..1 in percent, never rounding up to a whole that is not reached. */
export function percent(share) {
  return `${Math.floor(share * 100)} %`;
}

/** Return a number without noise: at most three digits behind the point. */
export function plain(number) {
  return Number.isInteger(number) ? number.toLocaleString("en") : String(+number.toPrecision(3));
}

/** Return a media type as people call it: "image/jpeg" → "JPEG". */
export function format(mimeType) {
  const name = (mimeType || "").split("/").pop().replace(/^x-/, "");
  const known = { heic: "HEIC", heif: "HEIF", webp: "WebP", "": "This file" };
  return known[name] ?? name.toUpperCase();
}

/** Return what became of a job's items: "2 of 5 finished, 1 failed". */
export function counts(given) {
  const total = Object.values(given).reduce((sum, each) => sum + each, 0);
  const said = [`${given.finished.toLocaleString("en")} of ${total.toLocaleString("en")} finished`];
  for (const state of ["running", "failed", "cancelled"]) {
    if (given[state]) said.push(`${given[state].toLocaleString("en")} ${state}`);
  }
  return said.join(", ");
}
