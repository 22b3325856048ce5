import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  assertSuccessfulCompletion,
  collectSseEvents,
  isTestkitError,
  makeTestRequest,
  readEvidence,
  WorkerTestHarness,
} from "inference-testkit";
import { runLoad } from "inference-testkit/load";
import { expect, test } from "vitest";
import { RECORDED } from "./support/recorded-dialects.js";
import { startRecordedServer } from "./support/recorded-server.js";
import { createTemporaryFolder } from "./support/temporary-folder.js";

const recordedOf = (name: string) => RECORDED[name] as (typeof RECORDED)[string];

test.each(Object.keys(RECORDED))("a recording of %s keeps the bytes of every message, and replays", async (name) => {
  const recorded = recordedOf(name);
  await using server = await startRecordedServer(recorded);
  await using folder = await createTemporaryFolder();
  const worker = await WorkerTestHarness.attach(server.url, { dialect: name as never });
  await worker.recordTo(folder.path, { when: "always" });
  const live = await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hi", 8)));
  await worker.stop();

  const lines = readFileSync(join(folder.path, "transcript.ndjson"), "utf8").trim().split("\n");
  const parsed = lines.map((line) => JSON.parse(line) as { kind: string; text?: string; base64?: string });
  const kept = parsed.filter(({ kind }) => kind === "bytes");
  const bytes = kept.map(({ text, base64 }) =>
    Buffer.from(text ?? base64 ?? "", text === undefined ? "base64" : "utf8"),
  );
  const [seen, sent] = [Buffer.concat(bytes).toString(), recorded.stream.content.toString()];
  // The fields of TGI that are called `token` look like credentials.
  if (name === "tgi") expect(seen).toHaveLength(sent.length);
  else expect(seen).toBe(sent);
  const { jobs } = await readEvidence(folder.path);
  expect(jobs[0]?.stream.events).toEqual(live);
});

test("a redacted recording has the bytes as a hash only", async () => {
  const recorded = recordedOf("openai-chat");
  await using server = await startRecordedServer(recorded);
  await using folder = await createTemporaryFolder();
  const worker = await WorkerTestHarness.attach(server.url, { dialect: "openai-chat" });
  await worker.recordTo(folder.path, { when: "always", redact: true });
  await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hi", 8)));
  await worker.stop();

  const text = readFileSync(join(folder.path, "transcript.ndjson"), "utf8");
  expect(text).toMatch(/"kind":"bytes".*\[redacted: \d+ bytes, sha256 /);
  expect(text).not.toContain("chat.completion.chunk");
});

test.each(["anthropic", "openai-responses"])(
  "the default seed of a test request is left out by %s, which has none, and that is reported",
  async (name) => {
    await using server = await startRecordedServer(recordedOf(name));
    await using worker = await WorkerTestHarness.attach(server.url, { dialect: name as never });

    const response = await worker.execute({ ...makeTestRequest("job-1", "Hi", 8), model: "smollm2" });
    assertSuccessfulCompletion(await collectSseEvents(response));

    expect(response.leftOut).toEqual(["seed"]);
    expect(server.jobs[0]?.body).not.toHaveProperty("seed");
  },
);

test.each([
  ["in the overrides", makeTestRequest("a", "Hi", 8, { seed: 42 })],
  ["in a copy", { ...makeTestRequest("a", "Hi", 8), seed: 7 }],
  ["in a plain request", { job_id: "a", prompt: "Hi", max_tokens: 8, seed: 42 }],
])("a seed that the test chose, %s, is refused by a dialect without seeds", async (_, request) => {
  await using server = await startRecordedServer(recordedOf("anthropic"));
  await using worker = await WorkerTestHarness.attach(server.url, { dialect: "anthropic" });
  const error: unknown = await worker.execute(request).catch((reason: unknown) => reason);

  expect(isTestkitError(error, "INVALID_OPTION"), String(error)).toBe(true);
  expect(server.jobs).toEqual([]);
});

test("a dialect with seeds sends the default one, and nothing is left out", async () => {
  await using server = await startRecordedServer(recordedOf("openai-chat"));
  await using worker = await WorkerTestHarness.attach(server.url, { dialect: "openai-chat" });
  const response = await worker.execute(makeTestRequest("job-1", "Hi", 8));
  await response.text();

  expect(response.leftOut).toEqual([]);
  expect(server.jobs[0]?.body["seed"]).toBe(42);
});

test("client threads leave the default seed out, too", async () => {
  await using server = await startRecordedServer(recordedOf("anthropic"));
  await using worker = await WorkerTestHarness.attach(server.url, { dialect: "anthropic" });
  const requests = ["a", "b", "c", "d"].map((id) => makeTestRequest(id, "Hi", 8));
  const { counts } = await runLoad(worker, {
    profile: { kind: "concurrency", clients: 2 },
    requests,
    stop: { count: 4 },
    clientThreads: 2,
  });

  expect(counts.byStatus).toEqual({ ok: 4 });
});
