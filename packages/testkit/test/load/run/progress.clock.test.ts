import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { LoadResult, RequestRecord } from "../../../src/load/index.js";
import { makeRecord } from "../results.js";
import { LoadProgressFailedError, ProgressState, type LoadProgress } from "../../../src/load/run/progress.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

function watch(planned?: number) {
  const reports: LoadProgress[] = [];
  const records: RequestRecord[] = [];
  const observer = {
    report: (progress: LoadProgress) => void reports.push(progress),
    record: (record: RequestRecord) => void records.push(record),
  };
  return { reports, records, observer, state: new ProgressState("measure", planned, observer) };
}
const ok = (ttftMs: number | null) => makeRecord(0, { sendMs: 10, firstMs: ttftMs === null ? null : 10 + ttftMs });
const failed = makeRecord(1, { status: "truncated", sendMs: 10, firstMs: 11 });

test("every finished request of the measured phase is handed over, those of the warm-up are not", () => {
  const { state, records, observer } = watch();
  const warmup = new ProgressState("warmup", 1, observer);
  for (const progress of [warmup, state]) progress.noteDone(failed);

  expect(records).toEqual([failed]);
});

describe("counts", () => {
  test("sent, running, finished and failed requests, from the start of the phase", () => {
    vi.advanceTimersByTime(70);
    const { state, reports } = watch(9);

    state.noteSent();
    state.noteSent(4);
    state.noteDone(ok(5));
    state.noteDone(failed);
    state.noteDone(failed);
    vi.advanceTimersByTime(500);
    state.reportNow();

    expect([state.running, state.done, state.failed]).toEqual([2, 3, 2]);
    expect(reports.at(-1)).toEqual({
      phase: "measure",
      planned: 9,
      sent: 5,
      running: 2,
      done: 3,
      byStatus: { ok: 1, truncated: 2 },
      elapsedMs: 500,
      ratePerSec: 10,
      recentTtftMs: 5,
    });
  });

  test("nothing at first: no rate, no time to first token", () => {
    const { state, reports } = watch();

    state.reportNow();

    expect(reports).toEqual([
      {
        phase: "measure",
        planned: undefined,
        sent: 0,
        running: 0,
        done: 0,
        byStatus: {},
        elapsedMs: 0,
        ratePerSec: 0,
        recentTtftMs: undefined,
      },
    ]);
  });

  test("a report does not change afterwards", () => {
    const { state, reports } = watch();
    state.noteSent(2);
    vi.advanceTimersByTime(250);

    state.noteDone(ok(1));
    const first = reports.at(-1)!;
    state.noteDone(ok(1));

    expect(first.byStatus).toEqual({ ok: 1 });
  });
});

describe("the recent time to first token", () => {
  test("is the median of ok requests with a token", () => {
    const { state, reports } = watch();

    for (const done of [ok(1), ok(2), ok(30), ok(null), failed]) state.noteDone(done);
    state.reportNow();

    expect(reports.at(-1)!.recentTtftMs).toBe(2);
  });

  test("covers the last 200", () => {
    const { state, reports } = watch();

    for (let count = 0; count < 200; count += 1) state.noteDone(ok(1));
    for (let count = 0; count < 100; count += 1) state.noteDone(ok(3));
    state.reportNow();
    expect(reports.at(-1)!.recentTtftMs).toBe(2);
    state.noteDone(ok(3));
    state.reportNow();

    expect(reports.at(-1)!.recentTtftMs).toBe(3);
  });
});

describe("reports", () => {
  test("immediately, and then at most every 250 ms", () => {
    const { state, reports } = watch();

    state.noteSent();
    state.noteSent();
    vi.advanceTimersByTime(249);
    state.noteDone(ok(1));
    state.reportIfDue();
    expect(reports.map(({ sent }) => sent)).toEqual([1]);
    vi.advanceTimersByTime(1);
    state.noteDone(ok(1));

    expect(reports.map(({ done }) => done)).toEqual([0, 2]);
  });

  test("reportNow() counts as one", () => {
    const { state, reports } = watch();
    vi.advanceTimersByTime(300);

    state.reportNow();
    state.noteSent();

    expect(reports).toHaveLength(1);
  });
});

test("the last activity is when a request was last sent or ended", () => {
  const { state } = watch();
  const startMs = state.lastActivityMs;

  vi.advanceTimersByTime(10);
  expect(state.lastActivityMs).toBe(startMs);
  state.noteSent();
  expect(state.lastActivityMs).toBe(startMs + 10);
  vi.advanceTimersByTime(5);
  state.noteDone(failed);

  expect(state.lastActivityMs).toBe(startMs + 15);
});

test("PROGRESS_FAILED has the result, but not as an own property, which reporters print", () => {
  const result = { kind: "load-result" } as LoadResult;
  const error = new LoadProgressFailedError({ name: "onProgress", cause: new Error("disk full") }, result);

  expect(error).toMatchObject({ code: "PROGRESS_FAILED", cause: new Error("disk full") });
  expect(error.message).toContain("`onProgress` threw: disk full");
  expect(error.result).toBe(result);
  expect(Object.keys(error)).not.toContain("result");
});
