import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { collectStream, streamEvents, watchStream } from "../../src/events/index.js";
import { WorkerTestHarness, type ProgramOptions, type StopReport } from "../../src/harness/index.js";
import { makeTestRequest } from "../../src/requests/index.js";
import { errorOf, isRunning, normalise } from "../launch/helpers.js";
import { failingCodes, findingsErrorOf, launchMisbehaving, runJob } from "./support.js";

const STREAM_WAYS = [
  ["other-seed", "SEED_MISMATCH"],
  ["invalid-utf8", "INVALID_UTF8"],
  ["counts-low", "TOKENS_OUT_TOO_LOW"],
  ["counts-high", "MAX_TOKENS_EXCEEDED"],
  ["claims-max-tokens", "STOP_REASON_WRONG"],
  ["claims-a-stop", "STOP_REASON_WRONG"],
  ["counts-nanoseconds", "DECODE_TIME_TOO_LONG"],
  ["repeats-the-text", "CUMULATIVE_TEXT"],
  ["stays-open", "STREAM_LEFT_OPEN"],
  ["resets-after-end", "RESET_AFTER_END"],
] as const;

describe("stop() of a worker that misbehaves", () => {
  test("lists every finding with its job, and says how to allow them", async () => {
    const worker = await launchMisbehaving(["other-seed", "invalid-utf8"]);
    await runJob(worker);
    const error = await findingsErrorOf(worker);
    expect(normalise(error.message, { [worker.workerId]: "<worker>" })).toMatchInlineSnapshot(`
      "[FINDINGS_NOT_ALLOWED] 2 findings about worker <worker>
        SEED_MISMATCH (job "job-1"): \`seed\` is 7, but \`started\` reports 8
        INVALID_UTF8 (job "job-1"): 1 byte sequence in the 342 bytes of the stream is not UTF-8
      hint: Correct the worker, or allow what the test provokes: \`allow: ["SEED_MISMATCH","INVALID_UTF8"]\`. See docs/findings.md.
        codes: ["SEED_MISMATCH","INVALID_UTF8"]"
    `);
  });

  test("and ignores SIGTERM fails, and the worker is gone", async () => {
    const worker = await launchMisbehaving(["ignores-sigterm"], { stopGraceMs: 300 });
    expect(await failingCodes(worker)).toEqual(["SIGTERM_IGNORED"]);
    expect(worker.exitInfo).toEqual({ kind: "signalled", signal: "SIGKILL" });
  });

  test.each(STREAM_WAYS)("%s fails with %s", async (way, code) => {
    const worker = await launchMisbehaving([way]);
    await runJob(worker);
    expect(worker.findings).toMatchObject([{ code, jobId: "job-1", status: "fails" }]);
    expect(await failingCodes(worker)).toEqual([code]);
  });

  test.each(STREAM_WAYS)("%s passes if %s is allowed, and the report has it", async (way, code) => {
    const worker = await launchMisbehaving([way], { allow: [code] });
    await runJob(worker);
    expect((await worker.stop())?.findings).toMatchObject([{ code, status: "allowed" }]);
  });

  test("in another way than the allowed one fails", async () => {
    const worker = await launchMisbehaving(["other-seed", "invalid-utf8"], { allow: ["SEED_MISMATCH"] });
    await runJob(worker);
    expect(await failingCodes(worker)).toEqual(["INVALID_UTF8"]);
  });
});

describe("stop() of a worker that passes a limit of the request", () => {
  test("by a stop sequence in its text fails", async () => {
    const worker = await launchMisbehaving([]);
    await runJob(worker, { stop: ["ü"] });
    const error = await findingsErrorOf(worker);
    expect(error.message).toContain(
      'TEXT_AFTER_STOP (job "job-1"): `stop[0]` is "ü", but the text contains it and continues for 5 characters',
    );
  });

  test("by tokens that it does not count fails, also before the stream has ended", async () => {
    const worker = await launchMisbehaving([]);
    const response = await worker.execute(makeTestRequest("job-1", "Hello", 1));
    for await (const { type } of streamEvents(response)) if (type === "token") break;
    await runJob(worker, { max_tokens: 1 });
    expect(await failingCodes(worker)).toEqual(["MAX_TOKENS_EXCEEDED"]);
  });

  test("by ending with eos at exactly the limit does not fail: it is a note", async () => {
    const worker = await launchMisbehaving([]);
    await runJob(worker, { max_tokens: 2 });
    expect((await worker.stop())?.findings).toMatchObject([{ code: "EOS_AT_MAX_TOKENS", status: "note" }]);
  });
});

describe("stop() of a worker that is unhealthy", () => {
  test("and answers 200 fails", async () => {
    const worker = await launchMisbehaving(["unhealthy-200"]);
    expect(await worker.health()).toMatchObject({ status: "unhealthy" });
    expect(await failingCodes(worker)).toEqual(["UNHEALTHY_WITH_200"]);
  });

  test("and answers 200 fails although the test never asks for the health", async () => {
    const worker = await launchMisbehaving(["unhealthy-200"]);
    expect(await failingCodes(worker)).toEqual(["UNHEALTHY_WITH_200"]);
  });

  test("and answers 200 fails also where the test is attached to it", async () => {
    const worker = await launchMisbehaving(["unhealthy-200"], { allow: ["UNHEALTHY_WITH_200"] });
    const attached = await WorkerTestHarness.attach(worker.baseUrl, { dialect: "orcd" });
    expect(await failingCodes(attached)).toEqual(["UNHEALTHY_WITH_200"]);
  });

  test("and answers 503 passes", async () => {
    const worker = await launchMisbehaving(["unhealthy-503"], { ready: { kind: "port" } });
    expect(await worker.health()).toMatchObject({ status: "unhealthy" });
    expect((await worker.stop())?.findings).toEqual([]);
  });
});

describe("what the test does to a connection itself is not blamed on the worker:", () => {
  test("disconnect() after the terminal event", async () => {
    const worker = await launchMisbehaving(["stays-open"]);
    const response = await worker.execute(makeTestRequest("job-1", "Hello", 8), { dedicatedConnection: true });
    const reading = watchStream(response, {}, (events) => {
      if (events.at(-1)?.type === "end") void response.disconnect("reset");
    });
    expect(await reading).toMatchObject({ bodyEnd: "broken" });
    expect((await worker.stop())?.findings).toEqual([]);
  });

  test("stop() while a stream is still open", async () => {
    const worker = await launchMisbehaving(["stays-open"]);
    const response = await worker.execute(makeTestRequest("job-1", "Hello", 8));
    let stopped: Promise<StopReport | undefined> | undefined;
    await watchStream(response, {}, (events) => {
      if (events.at(-1)?.type === "end") stopped ??= worker.stop();
    });
    expect((await stopped)?.findings).toEqual([]);
  });

  test("a short `graceMs`", async () => {
    const worker = await launchMisbehaving(["stays-open"]);
    const response = await worker.execute(makeTestRequest("job-1", "Hello", 8));
    expect(await collectStream(response, { graceMs: 20 })).toMatchObject({ bodyEnd: "left-open" });
    expect((await worker.stop())?.findings).toEqual([]);
  });
});

test("executeAll() gives a job with invalid UTF-8 an outcome of its own", async () => {
  const worker = await launchMisbehaving(["invalid-utf8"], { allow: ["INVALID_UTF8"] });
  const [outcome] = await worker.executeAll([makeTestRequest("job-1", "Hello", 8)]);
  expect(outcome).toMatchObject({
    status: "invalid-utf8",
    message: "it contains 1 byte sequence that is not UTF-8",
    stream: { invalidUtf8Count: 1, outcome: { status: "complete" } },
  });
});

describe.runIf(process.platform === "linux")("stop() of a worker that leaves a child behind", () => {
  test.each([
    ["leaves-holder-of-port", "`socket:["],
    ["leaves-writer", "the file /"],
  ])("with a session of its own, an empty environment and no parent (%s) kills it and fails", async (way, shared) => {
    const folder = mkdtempSync(join(tmpdir(), "findings-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const worker = await launchMisbehaving([way], { env: { FILE_OF_WRITER: join(folder, "log") } });
    await runJob(worker);
    const error = await findingsErrorOf(worker);
    expect(error.details["codes"]).toEqual(["CHILD_LEFT_BEHIND"]);
    expect(error.message).toMatch(/: 1 process outlived pid \d+ and had to be killed: \d+ \(\/bin\/sleep 321\)/);
    // The look every 20 ms may have seen its parent; then nothing else is needed to know it.
    if (error.message.includes("which shares")) expect(error.message).toContain(`which shares ${shared}`);
    expect(survivorOf(error.message)).not.toSatisfy(isRunning);
  });

  test("that ignores no signal but gets none fails", async () => {
    const worker = await launchMisbehaving(["leaves-stubborn-child"]);
    await runJob(worker);
    expect(await failingCodes(worker)).toEqual(["CHILD_LEFT_BEHIND"]);
  });

  test("after the test killed the worker passes: it could not end its child", async () => {
    const worker = await launchMisbehaving(["leaves-stubborn-child"]);
    await runJob(worker);
    worker.kill("SIGKILL");
    expect((await worker.stop())?.findings).toMatchObject([
      { code: "CHILD_LEFT_BEHIND", status: "explained", explainedBy: '`kill("SIGKILL")`' },
    ]);
  });

  test("that ends a while after it passes", async () => {
    const worker = await launchMisbehaving(["has-slow-child"]);
    await runJob(worker);
    expect(await worker.stop()).toMatchObject({ findings: [], survivors: [] });
  });
});

describe("stop() of a worker that ends with an error", () => {
  test.each(["crashes-after-end", "exits-with-3"])("(%s) is PROCESS_DIED", async (way) => {
    const worker = await launchMisbehaving([way]);
    await runJob(worker);
    expect(await errorOf(worker.stop())).toMatchObject({ code: "PROCESS_DIED" });
  });

  test.each(["crashes-after-end", "exits-with-3"])("(%s) passes if EXIT_FAILED is allowed", async (way) => {
    const worker = await launchMisbehaving([way], { allow: ["EXIT_FAILED"] });
    await runJob(worker);
    const report = await worker.stop();
    expect(report?.findings).toMatchObject([{ code: "EXIT_FAILED", status: "allowed" }]);
    expect(report?.findings[0]?.message).toMatch(/^The worker ended with (signal SIGABRT before|exit code 3 after)/);
  });
});

describe("stop() of a worker that ends by itself with exit code 0", () => {
  const quit = async (options: Partial<ProgramOptions> = {}) => {
    const worker = await launchMisbehaving(["quits-after-end"], options);
    await runJob(worker);
    await worker.internals.process?.current.exited;
    return worker;
  };

  test("fails", async () => {
    const error = await findingsErrorOf(await quit());
    expect(error.message).toMatch(/ENDED_UNASKED: pid \d+ ended with exit code 0 before it was stopped/);
  });

  test("fails also if restart() replaced it", async () => {
    const worker = await quit();
    await worker.restart();
    expect(await failingCodes(worker)).toEqual(["ENDED_UNASKED"]);
  });

  test("passes if it is allowed, or if the test waits for that end", async () => {
    const allowed = await quit({ allow: ["ENDED_UNASKED"] });
    expect((await allowed.stop())?.findings).toMatchObject([{ code: "ENDED_UNASKED", status: "allowed" }]);
    const awaited = await quit();
    await awaited.waitForExit();
    expect((await awaited.stop())?.findings).toEqual([]);
  });
});

describe.runIf(process.platform === "linux")("stop() of a worker that listens on all addresses", () => {
  test("fails, and names the address", async () => {
    const worker = await launchMisbehaving(["listens-everywhere"]);
    await runJob(worker);
    const error = await findingsErrorOf(worker);
    expect(error.message).toMatch(/LISTENS_BEYOND_LOOPBACK: it listens on 0\.0\.0\.0:\d+, not only on 127\.0\.0\.1/);
  });

  test("passes if the test asks for an address that is not loopback", async () => {
    const worker = await launchMisbehaving(["listens-everywhere"], { host: "0.0.0.0" });
    await runJob(worker);
    expect((await worker.stop())?.findings).toEqual([]);
  });
});

describe("stop() passes without a finding", () => {
  test("of a healthy worker", async () => {
    const worker = await launchMisbehaving([]);
    expect(await runJob(worker)).toMatchObject({ invalidUtf8Count: 0, bodyEnd: "closed" });
    expect(worker.findings).toEqual([]);
    expect(await worker.stop()).toMatchObject({ findings: [], killed: false });
  });

  test("of a worker that is to be killed at once", async () => {
    const worker = await launchMisbehaving(["ignores-sigterm"], { stopGraceMs: 0 });
    expect(await worker.stop()).toMatchObject({ findings: [], killed: true });
  });
});

test("an unknown code in `allow` is rejected, with the nearest one", async () => {
  const error = await errorOf(WorkerTestHarness.startMock({ allow: ["SIGTERM_IGNORD" as "SIGTERM_IGNORED"] }));
  expect(error.message).toMatch(/^\[INVALID_OPTION\] Expected `allow\[0\]` to be one of SIGTERM_IGNORED, /);
  expect(error.message).toContain('got `"SIGTERM_IGNORD"`; did you mean `SIGTERM_IGNORED`?');
});

function survivorOf(message: string): number {
  return Number(/(\d+) \(\/bin\/sleep 321\)/.exec(message)?.[1]);
}
