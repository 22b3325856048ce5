import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readEvidence } from "../../src/evidence/index.js";
import { toPageBundle } from "../../src/viewer/page-bundle.js";
import { createBundlePage } from "../../src/viewer/to-html.js";
import { createTemporaryFolder } from "../../../../tests/support/temporary-folder.js";
import { HOSTILE_TEXTS } from "../report/hostile.js";
import { writeSampleBundle, type SampleJob, type SampleParts } from "./sample-bundle.js";

async function pageOf(jobs: readonly SampleJob[], parts?: SampleParts) {
  await using folder = await createTemporaryFolder();
  await writeSampleBundle(folder.path, jobs, parts);
  return toPageBundle(await readEvidence(folder.path), folder.path);
}

test("a job is judged by the order of its events, then by how it ended", async () => {
  const { exchanges } = await pageOf([
    {},
    { gapAt: 1 },
    { isTruncated: true },
    { abortedFor: "enough" },
    { abortedFor: "enough", gapAt: 1 },
    { refused: 503 },
    { isCut: true },
  ]);

  expect(
    exchanges.map(({ status, violation, summary }) => [status, violation?.rule, violation?.index, summary]),
  ).toEqual([
    ["ok", undefined, undefined, "complete"],
    ["fail", "token-index", 2, 'event 2 of 5: expected a token with i=1, got token i=2 t=" w1"'],
    [
      "fail",
      "no-terminal",
      4,
      "event 4 of 4: expected a terminal event (end or error), got the end of the events after 4 events",
    ],
    ["warn", undefined, undefined, "aborted (enough)"],
    ["fail", "token-index", 2, 'event 2 of 4: expected a token with i=1, got token i=2 t=" w1"'],
    ["warn", undefined, undefined, "answered with status 503"],
    ["warn", undefined, undefined, "the bundle had no room for all of it"],
  ]);
});

test("integers beyond 2^53 keep every digit", async () => {
  const { exchanges } = await pageOf([{}]);

  expect(exchanges[0]!.body!.text).toContain('"seed":18446744073709551615');
  expect(exchanges[0]!.seed).toBe("18446744073709551615");
});

test("what a bundle lacks is counted, never silent", async () => {
  const cut = { droppedLineCount: 12, droppedBodyCount: 3 };
  const dropped = { seeds: 1, timings: 2, logLines: 3 };
  const bundle = await pageOf([{}], { cut, metadata: { dropped }, verdicts: { droppedCount: 4 } });

  expect([bundle.cut, bundle.metadata.dropped, bundle.droppedVerdictCount]).toEqual([cut, dropped, 4]);
});

test("a page has no address of its own and no text that ends its script", async () => {
  await using folder = await createTemporaryFolder();
  const jobs = HOSTILE_TEXTS.map((text) => ({ text: () => text.toWellFormed(), headers: { "x-hostile": text } }));
  await writeSampleBundle(folder.path, jobs, { log: HOSTILE_TEXTS, metadata: { testName: HOSTILE_TEXTS.join(" ") } });
  const { html } = await createBundlePage(folder.path);

  expect(html.match(/<script/g)).toHaveLength(2);
  expect(html.match(/<\/script/g)).toHaveLength(2);
  expect(html).not.toMatch(/[\u0000\u2028\u202e]/);
  expect(html).not.toMatch(/\s(?:src|href)="(?!data:,")/);
});

test.for([
  ["metadata.json", "has no `schemaVersion`", "{}"],
  ["metadata.json", "cannot be read", undefined],
  ["transcript.ndjson", "the last line is truncated", '{"kind":"req'],
  ["verdicts.json", "is not valid JSON", "{"],
  ["verdicts.json", "verdicts.json: `verdicts` is missing or has the wrong type", "{}"],
  ["verdicts.json", "`faults` is missing", '{"verdicts":[],"droppedCount":0,"faults":[1]}'],
  ["metadata.json", "`dialect` is missing", '{"schemaVersion":1,"transcript":{"lineCount":8}}'],
  ["metadata.json", "`transcript.lineCount` is missing or has the wrong type", '{"schemaVersion":1}'],
  ["worker.log", "worker.log:1: `text` or `atMs` is missing", '{"start":1}\n'],
  ["seeds.json", "seeds.json: `request` is missing", "{}"],
] as const)("a bundle whose %s is broken is refused: %s", async ([name, problem, text]) => {
  await using folder = await createTemporaryFolder();
  await writeSampleBundle(folder.path, [{}]);
  if (text === undefined) await rm(join(folder.path, name));
  else await writeFile(join(folder.path, name), text);

  await expect(createBundlePage(folder.path)).rejects.toMatchObject({ code: "EVIDENCE_INVALID", message: expect.stringContaining(problem) as string }); // prettier-ignore
  expect(await readFile(join(folder.path, "worker.log"), "utf8")).not.toBe("");
});
