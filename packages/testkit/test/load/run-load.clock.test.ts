import type { Health } from "inference-worker-protocol";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { runLoad, type LoadOptions } from "../../src/load/index.js";
import type { LoadTarget } from "../../src/load/run/load-target.js";
import { request } from "./results.js";
import { finishJob, serveLoad } from "./run/load-server.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
});

/** A worker whose every answer takes this long, on a clock that otherwise stands still. */
const serveSlowly = (answerMs: number) =>
  serveLoad((job) => {
    vi.advanceTimersByTime(answerMs);
    finishJob(job);
  });

const serial = (stop: LoadOptions["stop"]): LoadOptions => ({ profile: { kind: "serial" }, requests: [request], stop });

describe("why a closed loop ended", () => {
  test.each([
    [3, "all 3 requests were sent"],
    [1, "the request was sent"],
  ])("after %i requests: %s", async (count, message) => {
    const { client } = await serveSlowly(10);

    expect((await runLoad(client, serial({ count, durationMs: 1_000 }))).ended).toEqual({ by: "count", message });
  });

  test.each([
    [30, 2, "2 requests were sent in the given time"],
    [50, 1, "1 request was sent in the given time"],
  ])("after 50 ms with answers that take %i ms: %i sent", async (answerMs, count, message) => {
    const { client, jobs } = await serveSlowly(answerMs);

    const result = await runLoad(client, serial({ durationMs: 50 }));

    expect(result.ended).toEqual({ by: "time", message });
    expect(result).toMatchObject({ status: "complete", plan: { requestCount: null } });
    expect(result.records.map(({ status }) => status)).toEqual(new Array(count).fill("ok")); // also the last one
    expect(jobs).toHaveLength(count);
  });
});

test("the warm-up has the duration of its requests", async () => {
  const { client } = await serveSlowly(30);

  const { warmup } = await runLoad(client, { ...serial({ count: 1 }), warmup: { count: 3 } });

  expect(warmup).toEqual({ attempted: 3, ok: 3, durationMs: 90 });
});

describe("the health endpoint", () => {
  /** The worker with another answer of its health endpoint. */
  async function serveHealth(health: LoadTarget["health"]): Promise<LoadTarget> {
    const { client } = await serveSlowly(1);
    return {
      baseUrl: client.baseUrl,
      model: "requested",
      health,
      execute: (...args) => client.execute(...args),
      cancel: (...args) => client.cancel(...args),
      metrics: (...args) => client.metrics(...args),
    };
  }

  test("is asked once, for 5 s at most, and names the model and the device", async () => {
    const asked: unknown[] = [];
    const target = await serveHealth((options) => {
      asked.push(options);
      return Promise.resolve({ model: "from-health", device: "H100" } as unknown as Health);
    });

    const { machine } = await runLoad(target, serial({ count: 1 }));

    expect(machine).toMatchObject({ model: "from-health", gpu: "H100" });
    expect(asked).toEqual([{ timeoutMs: 5_000 }]);
  });

  test("need not exist: the model is then the one that the requests name", async () => {
    const target = await serveHealth(() => Promise.reject(new Error("answered 404")));

    const { machine } = await runLoad(target, serial({ count: 1 }));

    expect(machine).toMatchObject({ model: "requested", gpu: null });
  });
});
