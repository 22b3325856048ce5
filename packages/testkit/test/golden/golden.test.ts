import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTestRequest, TestModel } from "inference-testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WorkerTestHarness } from "../../src/harness/index.js";
import { matchers } from "../../src/matchers/index.js";

const U64 = 18_446_744_073_709_551_615n;
const request = (prompt = "Hello", maxTokens = 5) =>
  makeTestRequest(`job-${maxTokens}`, prompt, maxTokens, { seed: U64 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "inference-testkit-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const start = (script = ["Hel", "lo", " you"]) => WorkerTestHarness.startMock({ stub: { content: { script } } });
const path = () => join(folder, "hello.json");

/** The matcher as a runner calls it. */
function match(
  worker: WorkerTestHarness,
  { mode = "new", options = {}, body = request(), ...context }: MatchOptions = {},
) {
  const runner = { snapshotState: { _updateSnapshot: mode }, ...context };
  return matchers.toMatchGolden.call(runner, worker, "hello", body, { folder, ...options });
}
interface MatchOptions {
  readonly mode?: string;
  readonly options?: Parameters<typeof matchers.toMatchGolden>[3];
  readonly body?: ReturnType<typeof request>;
  readonly isNot?: boolean;
  readonly task?: unknown;
}

describe("a transcript", () => {
  test("is recorded by the first run and compared by the next one, with all 64 bits of the seed", async () => {
    await using worker = await start();

    expect((await match(worker)).pass).toBe(true);
    const recorded = await readFile(path(), "utf8");
    expect(recorded).toContain(`"seed":${U64}`);
    expect(recorded).toContain('"tokens": ["Hel","lo"," you"');
    expect((await match(worker, { mode: "none" })).pass).toBe(true);
    expect(await readFile(path(), "utf8")).toBe(recorded);
  });

  test("that differs fails with the first other token, and `-u` records the new one", async () => {
    await using worker = await start();
    await match(worker);
    await worker.stub.configure({ content: { script: ["Hel", "p", " me"] } });
    const failed = await match(worker);

    expect(failed.pass).toBe(false);
    expect(failed.message()).toContain("[GOLDEN_DIFFERENT] `hello` differs from ");
    expect(failed.message()).toContain('first difference at token 1 of 3, after "Hel"');
    expect(failed.message()).toContain('golden:   "lo", then " you');
    expect(failed.message()).toContain("run the tests with `-u`");
    expect((await match(worker, { mode: "all" })).pass).toBe(true);
    expect((await match(worker, { mode: "none" })).pass).toBe(true);
    expect(await readdir(folder)).toEqual(["hello.json"]);
  });

  test("that is missing fails where nothing may be recorded", async () => {
    await using worker = await start();
    const result = await match(worker, { mode: "none" });

    expect(result.pass).toBe(false);
    expect(result.message()).toMatch(
      /^\[GOLDEN_MISSING\] `hello` has no golden transcript: .*hello\.json does not exist/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  test("within the declared tolerance passes", async () => {
    await using worker = await start();
    await match(worker);
    await worker.stub.configure({ content: { script: ["Hel", "lo", " me"] } });
    const options = { close: { sameCharacters: 5 } };

    expect((await match(worker, { options })).pass).toBe(true);
    expect((await match(worker)).pass).toBe(false);
  });
});

describe("a transcript of another worker or request", () => {
  const other = { options: { key: { device: "H100" } } };

  test("is neither right nor wrong: the test is skipped with what differs", async () => {
    await using worker = await start();
    await match(worker);
    const notes: (string | undefined)[] = [];
    const task = { context: { skip: (note?: string) => void notes.push(note) } };

    expect((await match(worker, { ...other, task })).pass).toBe(true);
    expect(notes[0]).toContain("`hello` was recorded with another worker or request; the nearest differs in:");
    expect(notes[0]).toMatch(/worker\.device: ".*" then, "H100" now/);
    expect(notes[0]).toContain("Run with `-u` to record one here.");
  });

  test("fails where nothing may be recorded", async () => {
    await using worker = await start();
    await match(worker);
    const result = await match(worker, { ...other, mode: "none" });

    expect(result.pass).toBe(false);
    expect(result.message()).toContain("[GOLDEN_MISSING]");
  });

  test("stays when one is recorded beside it", async () => {
    await using worker = await start();
    await match(worker);
    await match(worker, { ...other, mode: "all" });
    await match(worker, { mode: "all", body: request("Hello", 4) });

    for (const options of [{}, other, { body: request("Hello", 4) }])
      expect((await match(worker, { ...options, mode: "none" })).pass).toBe(true);
  });

  test("names the fields of the request that changed", async () => {
    await using worker = await start();
    await match(worker);
    const result = await match(worker, { mode: "none", body: request("Hi", 4) });

    expect(result.message()).toContain('request.prompt: "Hello" then, "Hi" now');
    expect(result.message()).toContain("request.max_tokens: 5 then, 4 now");
  });
});

test("records of one name at the same time are all kept", async () => {
  await using worker = await start();
  const lengths = [1, 2, 3, 4, 5, 6];
  await Promise.all(lengths.map((length) => match(worker, { mode: "all", body: request("Hello", length) })));

  for (const length of lengths)
    expect((await match(worker, { mode: "none", body: request("Hello", length) })).pass).toBe(true);
});

describe("bad input", () => {
  test.each([
    ["not json", "is not JSON"],
    ['{"version":2,"transcripts":[]}', "has version 2; this inference-testkit reads 1"],
    ['{"version":1}', "has no list `transcripts`"],
    ['{"version":1,"transcripts":[{"worker":{},"request":{},"text":1,"stopReason":"eos"}]}', "in `transcripts[0]`"],
  ])("a file with %s is refused", async (content, reason) => {
    await using worker = await start();
    await writeFile(path(), content);

    await expect(match(worker)).rejects.toThrow("[GOLDEN_INVALID] The golden transcript ");
    await expect(match(worker)).rejects.toThrow(reason);
    expect(await readFile(path(), "utf8")).toBe(content);
  });

  test.each(["../up", "a/b", "", ".hidden", "x".repeat(101)])("the name %j is refused", async (name) => {
    await using worker = await start();

    await expect(matchers.toMatchGolden.call({}, worker, name, request(), { folder })).rejects.toThrow(
      "[INVALID_OPTION] Expected `name` to be a file name",
    );
  });

  test("without a folder, a runner that names no test file is told to give one", async () => {
    await using worker = await start();

    await expect(matchers.toMatchGolden.call({}, worker, "hello", request())).rejects.toThrow("Expected `folder`");
  });

  test("`.not` and anything but a worker are refused", async () => {
    await using worker = await start();

    await expect(match(worker, { isNot: true })).rejects.toThrow("without `.not`");
    await expect(match({} as never)).rejects.toThrow("given a worker for `toMatchGolden`");
  });

  test("an answer that fails is not recorded", async () => {
    await using worker = await start();
    await worker.faults.arm([{ id: "vram-oom", at: { afterTokens: 2 } }]);

    await expect(match(worker)).rejects.toThrow("[COMPLETION_FAILED] Expected a complete answer to compare");
    expect(await readdir(folder)).toEqual([]);
  });
});

test("the llama engine gives the same tokens after a restart, keyed by the hash of its model", async () => {
  const model = await TestModel.synthetic();
  await using worker = await WorkerTestHarness.start(model.path, -1, { threads: 1 });
  await match(worker);
  await worker.restart();
  const again = await match(worker, { mode: "none" });

  expect(again.pass, again.message()).toBe(true);
  expect(await readFile(path(), "utf8")).toMatch(/"model":"[0-9a-f]{64}"/);
});
