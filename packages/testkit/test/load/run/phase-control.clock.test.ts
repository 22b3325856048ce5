import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { PhaseControl, type PhaseBounds } from "../../../src/load/run/phase-control.js";
import { makeRecord } from "../results.js";
import { ProgressState } from "../../../src/load/run/progress.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

const endless = { count: Infinity, durationMs: Infinity, errorRate: Infinity };
function start(bounds: Partial<PhaseBounds> = {}) {
  let reportCount = 0;
  const progress = new ProgressState("measure", undefined, {
    report: () => (reportCount += 1),
    record: () => undefined,
  });
  const control = new PhaseControl({ stop: endless, stallTimeoutMs: 1_000, signal: undefined, ...bounds }, progress);
  return { progress, control, reportCount: () => reportCount };
}
const done = (status: "ok" | "truncated") => makeRecord(0, { status, sendMs: 0, firstMs: null });

test("a phase that nothing ends is not cut short", () => {
  const { control } = start();

  vi.advanceTimersByTime(10_000);
  control.close();

  expect(control.ended).toBeUndefined();
  expect(control.cut.signal.aborted).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

test("the first reason counts, and requests are cut off with it", () => {
  const { control } = start();

  control.end("time", "over");
  control.end("abort", "later");

  expect(control.ended).toEqual({ by: "time", message: "over" });
  expect(control.cut.signal.reason).toEqual(new Error("over"));
});

test("many streams may listen to the signal", () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  vi.useRealTimers();
  process.on("warning", note);
  onTestFinished(() => void process.off("warning", note));
  const { control } = start();

  for (let count = 0; count < 50; count += 1) control.cut.signal.addEventListener("abort", () => undefined);
  control.close();

  return new Promise<void>((resolve) => {
    setImmediate(() => {
      expect(warnings).toEqual([]);
      resolve();
    });
  });
});

describe("the signal of the caller", () => {
  test("ends the phase", () => {
    const stop = new AbortController();
    const { control } = start({ signal: stop.signal });
    expect(control.ended).toBeUndefined();

    stop.abort();

    expect(control.ended).toEqual({ by: "abort", message: "the signal fired" });
  });

  test("ends it immediately if it has already fired", () => {
    expect(start({ signal: AbortSignal.abort() }).control.ended).toMatchObject({ by: "abort" });
  });

  test("does nothing after the phase was closed", () => {
    const stop = new AbortController();
    const { control } = start({ signal: stop.signal });

    control.close();
    stop.abort();

    expect(control.ended).toBeUndefined();
  });
});

describe("the error rate", () => {
  const finish = ({ progress }: ReturnType<typeof start>, okCount: number, failedCount: number) => {
    for (let count = 0; count < okCount; count += 1) progress.noteDone(done("ok"));
    for (let count = 0; count < failedCount; count += 1) progress.noteDone(done("truncated"));
  };
  const stop = { ...endless, errorRate: 0.25 };

  test.each([
    [15, 5, false],
    [14, 6, true],
    [0, 19, false],
    [0, 20, true],
  ])("%i ok and %i failed requests end the phase: %s", (okCount, failedCount, ends) => {
    const run = start({ stop });
    finish(run, okCount, failedCount);

    run.control.checkErrors();

    expect(run.control.ended?.by).toBe(ends ? "error-rate" : undefined);
  });

  test("shows its numbers in the message", () => {
    const run = start({ stop });
    finish(run, 14, 6);

    run.control.checkErrors();

    expect(run.control.ended?.message).toBe("6 of 20 requests failed: the error rate is above the limit of 0.25");
  });

  test("without a limit, any is allowed", () => {
    const run = start();
    finish(run, 0, 100);

    run.control.checkErrors();

    expect(run.control.ended).toBeUndefined();
  });
});

describe("a stall", () => {
  test("ends the phase when a request runs and nothing happens for the time limit", () => {
    const { control, progress } = start();
    progress.noteSent(2);
    vi.advanceTimersByTime(900);
    progress.noteDone(done("ok"));

    vi.advanceTimersByTime(900);
    expect(control.ended).toBeUndefined();
    vi.advanceTimersByTime(100);

    expect(control.ended).toEqual({
      by: "stall",
      message: "1 request is in flight, and it has not ended for 1 s",
    });
  });

  test("names the number of requests if several are in flight", () => {
    const { control, progress } = start();
    progress.noteSent(2);

    vi.advanceTimersByTime(2_000);

    expect(control.ended?.message).toBe("2 requests are in flight, and none has ended for 1 s");
  });

  test("is not detected while no request runs", () => {
    const { control, progress } = start();
    progress.noteSent();
    progress.noteDone(done("ok"));

    vi.advanceTimersByTime(60_000);

    expect(control.ended).toBeUndefined();
  });
});

test("reports the progress while nothing happens", () => {
  const { reportCount } = start();

  vi.advanceTimersByTime(1_000);

  expect(reportCount()).toBeGreaterThanOrEqual(3);
});

test("a failure cuts the phase short, and close() throws the first one", () => {
  const { control } = start();
  const first = new Error("no prompt left");

  control.fail(first);
  control.fail(new Error("again"));

  expect(control.ended).toEqual({ by: "abort", message: "it failed" });
  expect(() => control.close()).toThrow(first);
});
