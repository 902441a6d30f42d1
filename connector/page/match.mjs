/** Which style and mask belong to which photo, and what the items of a job are called. Pure. */

function stem(filename) {
  return filename.replace(/\.[^.]*$/, "").replace(/[.\-_ ]mask$/i, "").toLowerCase();
}

/**
 * Return the companion of a photo among the files of a role: the only one there is, else the one of
 * the photo's name ("kitchen.mask.png" for "kitchen.jpg"); undefined where none fits.
 */
export function companion(photo, files) {
  if (files.length <= 1) return files[0];
  return files.find((each) => stem(each.name) === stem(photo.name));
}

/** Return a unique id for each file name, readable in an archive: "kitchen", "kitchen (2)". */
export function itemIds(filenames) {
  const taken = new Set();
  return filenames.map((filename) => {
    // eslint-disable-next-line no-control-regex
    const wanted = filename.replace(/\.[^.]*$/, "").replace(/[\x00-\x1f\x7f]/g, "").slice(0, 200) || "photo";
    let id = wanted;
    for (let number = 2; taken.has(id); number += 1) id = `${wanted} (${number})`;
    taken.add(id);
    return id;
  });
}

/**
 * Return where the source lies in the result, as shares of its width and height, by the reports of
 * the chain: an outpainting adds on each side; everything else keeps the frame.
 */
export function placement(reports) {
  let frame = { left: 0, top: 0, width: 1, height: 1 };
  for (const report of reports) {
    const page = report?.pages?.[0];
    if (!page?.sourceSize || !page?.size || page.left === undefined) continue;
    const [w, h] = page.sourceSize;
    const [width, height] = page.size;
    frame = {
      left: (frame.left * w + page.left) / width,
      top: (frame.top * h + page.top) / height,
      width: (frame.width * w) / width,
      height: (frame.height * h) / height,
    };
  }
  return frame;
}
