import { describe, expect, test } from "vitest";
import { isTestkitError } from "../../src/errors/index.js";
import { WorkerTestHarness, type ProgramOptions } from "../../src/harness/index.js";
import { errorOf, workerOptions } from "../launch/helpers.js";

const RUN_COUNT = 12;

function launch(ends: readonly string[], options: Partial<ProgramOptions> = {}): Promise<WorkerTestHarness> {
  const program = workerOptions(["ends-after-answer", "{port}", ...ends]);
  return WorkerTestHarness.launch({ ...program, ready: { kind: "http" }, dialect: "orcd", ...options });
}

async function stopAfterAnswer(worker: WorkerTestHarness): Promise<Error> {
  await (await worker.request("/work")).text();
  return errorOf(worker.stop());
}

describe("stop() right after the last answer", () => {
  test.each(["at-once", "slowly"])(
    `of a worker that exits with 1 %s is PROCESS_DIED ${RUN_COUNT} times`,
    async (how) => {
      for (let run = 1; run <= RUN_COUNT; run += 1) {
        const error = await stopAfterAnswer(await launch([how]));
        expect(isTestkitError(error, "PROCESS_DIED"), `run ${run}`).toBe(true);
        expect(error.message).toContain("ended with exit code 1");
      }
    },
  );

  test("of a worker that exits with 1 on its own is not excused by `shutdownExitCodes`", async () => {
    for (let run = 1; run <= RUN_COUNT; run += 1) {
      const error = await stopAfterAnswer(await launch(["at-once"], { shutdownExitCodes: [1] }));
      expect(error.message, `run ${run}`).toContain("exit code 1 before it was stopped");
    }
  });
});

describe("a worker that answers SIGTERM with an exit code", () => {
  test.each(["1", "2", "137"])("%s is PROCESS_DIED", async (code) => {
    const error = await stopAfterAnswer(await launch(["code", code]));
    expect(isTestkitError(error, "PROCESS_DIED")).toBe(true);
    expect(error.message).toContain(`ended with exit code ${code} after SIGTERM`);
    expect(error.message).toContain(`set \`shutdownExitCodes: [${code}]\``);
  });

  test.each(["0", "143"])("%s is a normal stop", async (code) => {
    const worker = await launch(["code", code]);
    expect(await worker.stop()).toMatchObject({ exit: { code: Number(code) }, endedBefore: false, killed: false });
  });

  test("in `shutdownExitCodes` is a normal stop", async () => {
    const worker = await launch(["code", "17"], { shutdownExitCodes: [3, 17] });
    expect(await worker.stop()).toMatchObject({ exit: { code: 17 } });
  });

  test("or does not handle the signal is a normal stop", async () => {
    const worker = await launch(["code-less"]);
    expect(await worker.stop()).toMatchObject({ exit: { kind: "signalled", signal: "SIGTERM" }, endedBefore: false });
  });

  test("after waitForExit() or kill() is expected", async () => {
    const worker = await launch(["code", "9"]);
    worker.kill("SIGTERM");
    expect(await worker.waitForExit()).toEqual({ kind: "exited", code: 9 });
    expect(await worker.stop()).toMatchObject({ endedBefore: true });
  });

  test("that is not an exit code is rejected as an option", async () => {
    const error = await errorOf(WorkerTestHarness.startMock({ shutdownExitCodes: [-1] }));
    expect(error.message).toContain("Expected `shutdownExitCodes[0]` to be a whole number from 0 to 255, got `-1`");
  });
});

describe("a process that restart() replaced", () => {
  test("and that had crashed is PROCESS_DIED in stop(), with its own exit code and log", async () => {
    const worker = await launch(["at-once"]);
    await (await worker.request("/work")).text();
    await worker.restart();
    expect((await worker.request("/health")).status).toBe(200);
    const error = await errorOf(worker.stop());
    expect(isTestkitError(error, "PROCESS_DIED")).toBe(true);
    expect(error.message).toContain("ended with exit code 1 before it was restarted");
  });

  test("and that fails while shutting down is PROCESS_DIED in stop(), together with the end of the last one", async () => {
    const worker = await launch(["code", "9"]);
    await worker.restart();
    const error = await errorOf(worker.stop());
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors).toEqual([
      expect.objectContaining({
        code: "PROCESS_DIED",
        message: expect.stringContaining("exit code 9 after SIGTERM") as string,
      }),
      expect.objectContaining({ code: "PROCESS_DIED" }),
    ]);
  });

  test("after kill() or waitForExit() is expected", async () => {
    const worker = await launch(["at-once"]);
    worker.kill("SIGKILL");
    await worker.restart();
    await (await worker.request("/work")).text();
    expect(await worker.waitForExit()).toEqual({ kind: "exited", code: 1 });
    await worker.restart();
    expect(await worker.stop()).toMatchObject({ endedBefore: false });
  });

  test("is reported once if the restart fails", async () => {
    const worker = await launch(["at-once"]);
    await (await worker.request("/work")).text();
    await errorOf(worker.restart({ signal: AbortSignal.abort(new Error("enough")) }));
    const error = await errorOf(worker.stop());
    expect(error).not.toBeInstanceOf(AggregateError);
    expect(error.message).toContain("ended with exit code 1 before it was restarted");
  });
});

test("a busy worker is also stopped", async () => {
  const source = `require("node:http").createServer((_, r) => { r.end("{}"); const go = () => { const e = Date.now() + 20; while (Date.now() < e); setImmediate(go); }; if (_.url !== "/health") go(); }).listen(Number(process.argv[1]), "127.0.0.1")`;
  const worker = await WorkerTestHarness.launch({
    command: process.execPath,
    args: ["-e", source, "{port}"],
    ready: { kind: "http" },
    dialect: "orcd",
  });
  await (await worker.request("/work")).text();
  expect(await worker.stop()).toMatchObject({ exit: { signal: "SIGTERM" }, endedBefore: false, killed: false });
});
