// Prints what BPMN's and Zeebe's own models say of a file: node read.mjs PROGRAM FILE
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , program, file] = process.argv;
const require = createRequire(`${program}/node_modules/`);
const { BpmnModdle } = await import(pathToFileURL(require.resolve("bpmn-moddle")));
const zeebe = JSON.parse(readFileSync(require.resolve("zeebe-bpmn-moddle/resources/zeebe.json"), "utf8"));
const { warnings, rootElement } = await new BpmnModdle({ zeebe }).fromXML(readFileSync(file, "utf8"));
const unknown = [];
for (const element of rootElement.rootElements.flatMap((each) => [each, ...(each.flowElements || [])])) {
    // A name that the models do not have is kept as a bare attribute or as a generic element.
    unknown.push(...Object.keys(element.$attrs).map((name) => `${element.id}: ${name}`));
    for (const value of element.extensionElements?.values || []) {
        if (!value.$descriptor || value.$descriptor.isGeneric) unknown.push(`${element.id}: ${value.$type}`);
    }
}
console.log(JSON.stringify({ warnings: warnings.map((each) => each.message), unknown }));
