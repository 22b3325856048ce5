import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectStream, makeTestRequest, readEvidence, replay, WorkerTestHarness } from "inference-testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { errorOf } from "../events/support.js";

const FILES = [
  "metadata.json",
  "transcript.ndjson",
  "timings.json",
  "seeds.json",
  "verdicts.json",
  "worker.log",
] as const;

let folder: string;
const good = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inference-testkit-test-"));
  await using worker = await WorkerTestHarness.startMock();
  await worker.recordTo(folder);
  await collectStream(await worker.execute(makeTestRequest("job-1", "Hello", 3)));
  await worker.stop();
  for (const name of FILES) good.set(name, await readFile(join(folder, name), "utf8"));
});

beforeEach(async () => {
  for (const [name, content] of good) await writeFile(join(folder, name), content);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function change(name: (typeof FILES)[number], edit: (content: string) => string): Promise<void> {
  const content = good.get(name)!;
  const edited = edit(content);
  expect(edited).not.toBe(content);
  await writeFile(join(folder, name), edited);
}

/** What reading the bundle fails with, with the folder left out. */
async function problem(): Promise<string> {
  const error = await errorOf(readEvidence(folder));
  expect(error).toMatchObject({ name: "EvidenceError", code: "EVIDENCE_INVALID" });
  return error.message.split("\n", 1)[0]!.replaceAll(`${folder}/`, "");
}

test("a good bundle is read", async () => {
  const { jobs } = await readEvidence(folder);
  expect(jobs[0]!.stream.events).toHaveLength(5);
  expect(await replay(folder, "job-1")).toHaveLength(1);
});

test("a job that is not in the bundle is rejected", async () => {
  expect(await errorOf(replay(folder, "job-2"))).toMatchObject({ code: "INVALID_OPTION" });
});

test.each(FILES)("a symbolic link in place of %s is rejected by name", async (name) => {
  const target = join(folder, `${name}.elsewhere`);
  await writeFile(target, good.get(name)!);
  await rm(join(folder, name));
  await symlink(target, join(folder, name));
  expect(await problem()).toBe(`[EVIDENCE_INVALID] ${name}: cannot be read: it is a symbolic link; a bundle has none`);
  await rm(join(folder, name));
});

test("the bundle has the owner of the port and whether the worker had ended before it was stopped", async () => {
  const own = join(folder, "polled");
  const source = `require("node:http").createServer((_, r) => r.end("{}")).listen(Number(process.argv[1]), "127.0.0.1")`;
  const worker = await WorkerTestHarness.launch({
    command: process.execPath,
    args: ["-e", source, "{port}"],
    ready: { kind: "http" },
  });
  const { portOwner } = worker;
  await worker.recordTo(own);
  await worker.stop();
  const { metadata, verdicts } = await readEvidence(own);
  expect(portOwner).toBeDefined();
  expect(metadata.worker.portOwner).toEqual(portOwner);
  expect(verdicts.stop).toMatchObject({ endedBefore: false, killed: false });
});

test.each(FILES)("without %s it is not a bundle", async (name) => {
  await rm(join(folder, name));
  expect(await problem()).toMatch(new RegExp(`^\\[EVIDENCE_INVALID\\] ${name}: cannot be read: ENOENT`));
});

test.each(FILES)("a truncated %s is rejected", async (name) => {
  await change(name, (content) => content.slice(0, -10));
  expect(await problem()).toMatch(
    new RegExp(`^\\[EVIDENCE_INVALID\\] ${name}(:\\d+: the last line is truncated|: is not valid JSON)`),
  );
});

test("a different file with that name", async () => {
  await change("metadata.json", () => '{"name":"package"}');
  expect(await problem()).toBe(
    "[EVIDENCE_INVALID] metadata.json: has no `schemaVersion`: this is not an evidence bundle",
  );
});

test("a newer version is rejected", async () => {
  await change("metadata.json", (content) => content.replace('"schemaVersion": 1', '"schemaVersion": 2'));
  expect(await problem()).toBe(
    "[EVIDENCE_INVALID] metadata.json: is of version 2; this inference-testkit reads up to 1",
  );
});

test("a transcript without its last lines is rejected, even if each line is complete", async () => {
  await change("transcript.ndjson", (content) => `${content.trimEnd().split("\n").slice(0, -2).join("\n")}\n`);
  expect(await problem()).toBe(
    "[EVIDENCE_INVALID] transcript.ndjson:6: ends with line 6, metadata.json says that there are 8",
  );
});

test.each<[string, (line: Record<string, unknown>) => unknown, string]>([
  ["no object", () => [], "expected a JSON object"],
  [
    "another kind",
    (line) => ({ ...line, kind: "surprise" }),
    "expected `kind` to be one of this version, got `surprise`",
  ],
  ["no request", (line) => ({ ...line, request: 0 }), "`request` is missing or has the wrong type"],
  ["no time", (line) => ({ ...line, atMs: "1" }), "`atMs` is missing or has the wrong type"],
  ["no event", (line) => ({ ...line, event: { type: "token" } }), "is not an event: In `token`"],
])("an event line with %s is rejected", async (_, edit, message) => {
  await change("transcript.ndjson", (content) => editLine(content, 4, edit));
  expect(await problem()).toContain(`[EVIDENCE_INVALID] transcript.ndjson:4: ${message}`);
});

test.each<[string, (line: Record<string, unknown>) => unknown, string]>([
  ["no outcome", (line) => ({ ...line, outcome: {} }), "outcome"],
  ["an unknown outcome", (line) => ({ ...line, outcome: { status: "great" } }), "outcome.status"],
  ["a fault that lacks a fact", (line) => ({ ...line, outcome: { status: "limit-exceeded" } }), "outcome.limit"],
  ["no figures", (line) => ({ ...line, stream: { bytes: 1 } }), "stream.commentCount"],
])("an outcome line with %s is rejected", async (_, edit, field) => {
  await change("transcript.ndjson", (content) => editLine(content, 8, edit));
  expect(await problem()).toBe(`[EVIDENCE_INVALID] transcript.ndjson:8: \`${field}\` is missing or has the wrong type`);
});

/** @param number from 1 */
function editLine(content: string, number: number, edit: (line: Record<string, unknown>) => unknown): string {
  const lines = content.split("\n");
  lines[number - 1] = JSON.stringify(edit(JSON.parse(lines[number - 1]!) as Record<string, unknown>));
  return lines.join("\n");
}
