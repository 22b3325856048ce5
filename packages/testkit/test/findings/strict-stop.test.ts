import { describe, expect, test } from "vitest";
import { WorkerTestHarness } from "../../src/harness/index.js";
import { errorOf, normalise } from "../launch/helpers.js";
import { failingCodes, findingsErrorOf, launchMisbehaving, runJob } from "./support.js";

const STREAM_WAYS = [
  ["other-seed", "SEED_MISMATCH"],
  ["invalid-utf8", "INVALID_UTF8"],
] as const;

describe("stop() of a worker that misbehaves", () => {
  test("lists every finding with its job, and says how to allow them", async () => {
    const worker = await launchMisbehaving(["other-seed", "invalid-utf8"]);
    await runJob(worker);
    const error = await findingsErrorOf(worker);
    expect(normalise(error.message, { [worker.workerId]: "<worker>" })).toMatchInlineSnapshot(`
      "[FINDINGS_NOT_ALLOWED] 2 findings about worker <worker>
        SEED_MISMATCH (job "job-1"): \`seed\` is 7, but \`started\` reports 8
        INVALID_UTF8 (job "job-1"): 1 byte sequence of the 342 bytes of the stream is not UTF-8
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
