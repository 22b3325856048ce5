import { describe, expect, test } from "vitest";
import { isTestkitError } from "../../src/errors/index.js";
import { FaultProxy } from "../../src/faults-entry.js";
import { WorkerTestHarness } from "../../src/harness/index.js";
import { errorOf } from "../launch/helpers.js";
import { failingCodes, findingsErrorOf, launchMisbehaving, runJob } from "./support.js";

const COUNTS_LOW = [{ id: "wrong-tokens-out" }] as const;

describe("a finding that the test caused passes, and the report names the cause:", () => {
  test("a fault of the stub", async () => {
    const worker = await WorkerTestHarness.startMock({ stub: { faults: COUNTS_LOW } });
    await runJob(worker);
    expect((await worker.stop())?.findings).toMatchObject([
      { code: "TOKENS_OUT_TOO_LOW", status: "explained", explainedBy: "the fault `wrong-tokens-out`" },
    ]);
  });

  test("a fault of the stub, seen by a harness that is attached to it", async () => {
    await using worker = await WorkerTestHarness.startMock({ stub: { faults: COUNTS_LOW } });
    const attached = await WorkerTestHarness.attach(worker.baseUrl, { dialect: "orcd" });
    await runJob(attached);
    await attached.stop();
    expect(attached.findings).toMatchObject([{ code: "TOKENS_OUT_TOO_LOW", status: "explained" }]);
  });

  test("a fault of the stub, seen through a proxy", async () => {
    await using worker = await WorkerTestHarness.startMock({ stub: { faults: COUNTS_LOW } });
    await using proxy = await FaultProxy.inFrontOf(worker);
    await runJob(proxy.worker);
    expect(proxy.worker.findings).toMatchObject([{ code: "TOKENS_OUT_TOO_LOW", status: "explained" }]);
  });

  test("a fault of a proxy, seen by a harness that is attached to its address, also after the proxy is gone", async () => {
    await using worker = await WorkerTestHarness.startMock({ stub: { content: "unicode" } });
    const proxy = await FaultProxy.inFrontOf(worker.baseUrl, { dialect: "orcd", faults: [{ id: "invalid-utf8" }] });
    const attached = await WorkerTestHarness.attach(proxy.baseUrl, { dialect: "orcd" });
    await runJob(attached);
    await proxy.stop();
    await attached.stop();
    expect(attached.findings).toMatchObject([{ code: "INVALID_UTF8", status: "explained" }]);
  });

  test("a mutant of the stub", async () => {
    const worker = await WorkerTestHarness.startMock({ stub: { mutants: ["length.one-too-many"] } });
    await runJob(worker);
    expect((await worker.stop())?.findings).toMatchObject([
      { code: "MAX_TOKENS_EXCEEDED", status: "explained", explainedBy: "the mutant `length.one-too-many`" },
    ]);
  });

  test("pause() while a stream is open", async () => {
    const worker = await launchMisbehaving(["stays-open"]);
    worker.pause({ forMs: 50 });
    await runJob(worker);
    expect((await worker.stop())?.findings).toMatchObject([
      { code: "STREAM_LEFT_OPEN", status: "explained", explainedBy: "`pause()`" },
    ]);
  });
});

describe("a finding that the test did not cause fails", () => {
  test("beside a fault of another kind", async () => {
    const worker = await launchMisbehaving(["other-seed"]);
    await worker.faults.arm([{ id: "pause", forMs: 20 }]);
    await runJob(worker);
    expect(await failingCodes(worker)).toEqual(["SEED_MISMATCH"]);
  });

  test("if the fault that would explain it never fired, beside FAULT_NEVER_FIRED", async () => {
    const worker = await launchMisbehaving(["resets-after-end"]);
    await worker.faults.arm([{ id: "kill", match: { jobId: "another" } }]);
    await runJob(worker);
    const error = await errorOf(worker.stop());
    expect((error as AggregateError).errors.map((each) => isTestkitError(each) && each.code)).toEqual([
      "FINDINGS_NOT_ALLOWED",
      "FAULT_NEVER_FIRED",
    ]);
  });

  test("when it is seen by a proxy: its stop() throws and everything is closed; a harness lends it what it allows", async () => {
    await using worker = await launchMisbehaving(["other-seed"], { allow: ["SEED_MISMATCH"] });
    await using lenient = await FaultProxy.inFrontOf(worker);
    await runJob(lenient.worker);
    const strict = await FaultProxy.inFrontOf(worker, { allow: [] });
    await runJob(strict.worker);
    const error = await errorOf(strict.stop());
    expect(error).toMatchObject({ code: "FINDINGS_NOT_ALLOWED" });
    expect(await errorOf(fetch(strict.baseUrl))).toBeInstanceOf(TypeError);
  });

  test("by a process that restart() replaced", async () => {
    const worker = await launchMisbehaving(["ignores-sigterm"], { stopGraceMs: 200 });
    await worker.restart();
    const error = await findingsErrorOf(worker);
    expect(error.message.match(/SIGTERM_IGNORED: pid/g)).toHaveLength(2);
  });
});

test.runIf(process.platform === "linux")(
  "forty children that were left behind are killed, and five are listed",
  async () => {
    const worker = await launchMisbehaving(["leaves-many"]);
    await runJob(worker);
    const error = await findingsErrorOf(worker);
    expect(error.message).toContain("CHILD_LEFT_BEHIND: 40 processes outlived");
    expect(error.message).toContain("; and 35 more");
  },
);
