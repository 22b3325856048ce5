import { describe, expect, test } from "vitest";
import type { RequestRecord } from "../../../src/load/index.js";
import { runPhase, type Phase } from "../../../src/load/run/run-phase.js";
import { end, token } from "../../events/support.js";
import { startOf } from "../../jobs/job-server.js";
import { finishJob, serveLoad } from "./load-server.js";

const open = (...times: readonly number[]): Phase["schedule"] => ({
  kind: "open",
  arrivals: times.map((atMs, index) => ({ index: 10 + index, stage: index, atMs })),
});
const closed = (over: object): Phase["schedule"] => ({
  kind: "closed",
  clients: 1,
  count: 6,
  durationMs: Infinity,
  first: 0,
  step: 1,
  ...over,
});

async function run(schedule: Phase["schedule"], over: Partial<Phase> = {}, answer = finishJob) {
  const { client: target, jobs } = await serveLoad(answer);
  const [seen, failures]: [RequestRecord[], unknown[]] = [[], []];
  let sentCount = 0;
  const result = await runPhase({
    target,
    schedule,
    requestAt: (index) => ({ job_id: `job-${index}` }),
    timeouts: undefined,
    client: 3,
    cutSignal: new AbortController().signal,
    onSent: () => (sentCount += 1),
    onRecord: (record) => seen.push(record),
    onFailure: (error) => failures.push(error),
    ...over,
  });
  return { ...result, jobs, seen, failures, sentCount };
}

describe("an open loop", () => {
  test("sends each arrival at its time, never before, with its index and stage", async () => {
    const { records, seen, sentCount } = await run(open(0, 5, 20));

    const byIndex = [...records].sort((one, other) => one.index - other.index);
    expect(byIndex).toMatchObject([
      { index: 10, stage: 0, client: 3, schedMs: 0, status: "ok", jobId: "job-10" },
      { index: 11, stage: 1, client: 3, schedMs: 5, status: "ok", jobId: "job-11" },
      { index: 12, stage: 2, client: 3, schedMs: 20, status: "ok", jobId: "job-12" },
    ]);
    for (const { handOverMs, schedMs } of records) expect(handOverMs).toBeGreaterThanOrEqual(schedMs);
    expect(seen).toEqual(records);
    expect(sentCount).toBe(3);
  });

  test("waits for the common start", async () => {
    const startAtMs = performance.now() + 30;

    const { records } = await run(open(0), { startAtMs });

    expect(records).toMatchObject([{ schedMs: 0 }]);
    expect(records[0]!.handOverMs).toBeGreaterThanOrEqual(0);
  });

  test("a request that cannot be created is reported and not sent", async () => {
    const error = new Error("no prompt left");
    const requestAt = (index: number) => {
      if (index === 10) throw error;
      return { job_id: "job" };
    };

    const { records, failures, sentCount } = await run(open(0, 1), { requestAt });

    expect(failures).toEqual([error]);
    expect(records).toMatchObject([{ index: 11 }]);
    expect(sentCount).toBe(1);
  });
});

describe("a closed loop", () => {
  test("takes every `step`-th request, starting with the first", async () => {
    const { records } = await run(closed({ first: 1, step: 2 }));

    expect(records.map(({ index }) => index)).toEqual([1, 3, 5]);
    expect(records).toMatchObject([{ stage: 0, client: 3 }, {}, {}]);
  });

  test("has no more lanes than requests", async () => {
    const { records } = await run(closed({ clients: 50, count: 2 }));

    expect(records).toHaveLength(2);
  });

  test("sends nothing after it is cut short", async () => {
    const cut = new AbortController();
    let receivedCount = 0;

    const { records, jobs } = await run(closed({}), { cutSignal: cut.signal }, (job) => {
      receivedCount += 1;
      if (receivedCount === 2) cut.abort(new Error("enough"));
      else finishJob(job);
    });

    expect(jobs).toHaveLength(2);
    expect(records.map(({ status }) => status)).toEqual(["ok", "aborted"]);
  });

  test("sends nothing after its time is up", async () => {
    const { records } = await run(closed({ count: Infinity, durationMs: 0 }));

    expect(records).toEqual([]);
  });

  test("waits for the common start", async () => {
    const startAtMs = performance.now() + 30;

    const { records } = await run(closed({ count: 1 }), { startAtMs });

    expect(records[0]!.schedMs).toBeGreaterThanOrEqual(0);
  });
});

test("the inter-token latencies are the times between the tokens", async () => {
  const { records, itl } = await run(closed({ count: 1 }), {}, (job) => {
    job.send(startOf(job), token(0));
    setTimeout(() => job.finish(token(1), end()), 10);
  });

  const gapMs = records[0]!.longestStallMs!;
  expect(Math.abs(itl.quantile(1) - gapMs)).toBeLessThanOrEqual(0.002 + gapMs * 0.001); // three significant digits
});

test("inter-token latencies of ok requests are pooled, and no others", async () => {
  const good = await run(closed({ count: 2 }));
  const bad = await run(closed({ count: 2 }), {}, (job) => job.finish(startOf(job), token(0), token(1)));

  expect(good.itl.count).toBe(2);
  expect(bad.records).toMatchObject([{ status: "truncated" }, { status: "truncated" }]);
  expect(bad.itl.count).toBe(0);
});
