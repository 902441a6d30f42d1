// A picture through a job, with the types that openapi-typescript makes from the contract, and openapi-fetch.
//
// $ npx openapi-typescript openapi/openapi.json --output examples/typescript/retusche.d.ts
// $ npx tsx examples/typescript/job.ts kitchen.jpg twice-as-large.jpg
import { openAsBlob } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import createClient from "openapi-fetch";
import type { paths } from "./retusche.js";

const [source, target] = process.argv.slice(2) as [string, string];
const key = process.env.RETUSCHE_KEY;
const client = createClient<paths>({
  baseUrl: process.env.RETUSCHE_URL ?? "http://localhost:8000",
  headers: key ? { Authorization: `Bearer ${key}` } : {},
});

function taken<T>({ data, error }: { data?: T; error?: { code: string; detail: string } }): T {
  if (data === undefined) throw new Error(`${error?.code}: ${error?.detail}`);
  return data;
}

const form = new FormData();
form.append("file", await openAsBlob(source), basename(source));
const file = taken(
  await client.POST("/v1/files", { body: { file: "" }, bodySerializer: () => form }),
);
const created = taken(
  await client.POST("/v1/jobs", {
    body: {
      steps: [{ step: "upscale", parameters: { factor: 2, detail: 0 } }],
      items: [{ parts: [{ url: file.url }] }],
    },
  }),
);
const params = { path: { job_id: created.id } };
const events = await client.GET("/v1/jobs/{job_id}/events", { params, parseAs: "text" });
console.log(taken(events)); // when the job has ended; parseAs: "stream" gives each as it comes
const job = taken(
  await client.GET("/v1/jobs/{job_id}", { params: { ...params, header: { Prefer: "wait=60" } } }),
);
if (job.status !== "FINISHED") throw new Error(`${job.error?.code}: ${job.error?.detail}`);
const result = job.items[0]!.parts.find((part) => part.type === "BASE_PART")!;
const content = await client.GET("/v1/jobs/{job_id}/parts/{part_id}/content", {
  params: { path: { job_id: job.id, part_id: result.id } },
  parseAs: "arrayBuffer",
});
await writeFile(target, Buffer.from(taken(content) as unknown as ArrayBuffer));
if (result.report?.step === "upscale")
  console.log(`${result.width} × ${result.height} px by ${result.report.backends[0]!.name}`);
