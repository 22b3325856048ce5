import { setTimeout as setTimeoutAsync } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { ExecuteResponse } from "../../src/client/index.js";
import { isTestkitError } from "../../src/errors/index.js";
import { assertStreamed, collectStream, judgeStreaming, type CollectedStream } from "../../src/events/index.js";
import { FaultProxy } from "../../src/faults-entry.js";
import { WorkerTestHarness } from "../../src/harness/index.js";
import { assertAllOk } from "../../src/jobs/index.js";
import { matchers } from "../../src/matchers/index.js";
import { makeTestRequest } from "../../src/requests/index.js";

const SLOW = { timing: { itlMs: 20 } };
const request = (tokens = 16) => makeTestRequest("job-1", "Hello", tokens);

function codeOf(check: () => void): string | undefined {
  try {
    check();
  } catch (error) {
    if (isTestkitError(error)) return error.code;
    throw error;
  }
  return undefined;
}

describe("judgeStreaming()", () => {
  const judge = ([contentCount, waitMs, spreadMs, decodeMs]: readonly [number, number, number, number?]) =>
    judgeStreaming({ contentCount, waitMs, spreadMs, decodeMs });

  test.each([
    ["64 tokens at the end of 2 s", [64, 2000, 0.5], "held-back"],
    ["64 tokens at the end, whose server generated for 2 s", [64, 2000, 0.5, 2000], "held-back"],
    ["a long prefill, then a token every 5 ms", [16, 2000, 75], "streamed"],
    ["a slow first token, then a token every 2 ms", [8, 5000, 14], "streamed"],
    ["a burst after a queue, generated in 3 ms", [64, 2000, 0.5, 3], "unproven"],
    ["a burst that took 90 ms in all", [64, 90, 0.5], "unproven"],
    ["an even stream that took 90 ms in all", [64, 10, 80], "unproven"],
    ["7 tokens at the end of 2 s", [7, 2000, 0], "unproven"],
    ["no token", [0, 0, 0], "unproven"],
    ["an even stream", [16, 20, 300, 320], "streamed"],
  ] as const)("%s", (_name, figures, verdict) => {
    expect(judge(figures)).toBe(verdict);
  });
});

describe("assertStreamed() of a worker", () => {
  test("that sends tokens as it generates them passes", async () => {
    await using worker = await WorkerTestHarness.startMock({ stub: SLOW });
    const stream = await collectStream(await worker.execute(request()));
    assertStreamed(stream);
    expect(matchers.toBeStreamed(stream).pass).toBe(true);
  });

  test("that sends them all at its end fails, with the figures", async () => {
    await using worker = await WorkerTestHarness.startMock({ stub: { ...SLOW, faults: [{ id: "fake-streaming" }] } });
    const stream = await collectStream(await worker.execute(request()));
    expect(codeOf(() => assertStreamed(stream))).toBe("NOT_STREAMED");
    const { pass, message } = matchers.toBeStreamed(stream);
    expect(pass).toBe(false);
    expect(message()).toMatch(
      /^\[NOT_STREAMED\] Expected tokens to arrive while the rest is generated: the first of 16 tokens arrived \d+ ms after the request, and the last one [\d.]+ ms later; the server generated for \d+ ms/,
    );
  });

  test("behind a proxy that buffers fails", async () => {
    await using worker = await WorkerTestHarness.startMock({ stub: SLOW });
    await using proxy = await FaultProxy.inFrontOf(worker, { faults: [{ id: "buffered" }] });
    await collectStream(await proxy.worker.execute(request(1))); // what loads with the first request keeps this process busy
    const stream = await collectStream(await proxy.worker.execute(request(32)));
    expect(codeOf(() => assertStreamed(stream))).toBe("NOT_STREAMED");
  });

  test("that answers with too few tokens fails: it proves nothing", async () => {
    await using worker = await WorkerTestHarness.startMock();
    const short = await collectStream(await worker.execute(request(2)));
    expect(codeOf(() => assertStreamed(short))).toBe("STREAMING_UNPROVEN");
  });

  test("refuses events without times", () => {
    expect(codeOf(() => assertStreamed([] as never))).toBe("INVALID_OPTION");
  });
});

describe("executeAll({ requireStreaming: true })", () => {
  test("gives jobs whose tokens were held back the outcome `not-streamed`", async () => {
    const faults = [{ id: "fake-streaming", match: { jobId: "fake" } } as const];
    await using worker = await WorkerTestHarness.startMock({ parallel: 2, stub: { ...SLOW, faults } });
    const jobs = [makeTestRequest("fake", "Hello", 16), makeTestRequest("real", "Hello", 16)];
    const outcomes = await worker.executeAll(jobs, { requireStreaming: true });
    expect(outcomes.map(({ status }) => status)).toEqual(["not-streamed", "ok"]);
    const [fake] = outcomes;
    expect(fake?.status === "not-streamed" && fake.message).toMatch(
      /held back and sent at once: the first of 16 tokens/,
    );
    assertAllOk(await worker.executeAll(jobs));
  });

  test("leaves jobs that show nothing alone", async () => {
    await using worker = await WorkerTestHarness.startMock();
    assertAllOk(await worker.executeAll([request(64)], { requireStreaming: true }));
  });
});

describe("content that no one could read", () => {
  test.each([
    ["may have arrived evenly", { contentCount: 24, waitMs: 240, spreadMs: 0, unreadMs: 240 }, "unproven"],
    [
      "may be that of a short generation",
      { contentCount: 24, waitMs: 900, spreadMs: 0, decodeMs: 240, unreadMs: 230 },
      "unproven",
    ],
    [
      "is not that of a much longer one",
      { contentCount: 24, waitMs: 900, spreadMs: 0, decodeMs: 800, unreadMs: 60 },
      "held-back",
    ],
    [
      "in a pause that is short beside the wait changes nothing",
      { contentCount: 24, waitMs: 900, spreadMs: 0, unreadMs: 10 },
      "held-back",
    ],
  ] as const)("%s", (_name, figures, verdict) => {
    expect(judgeStreaming(figures)).toBe(verdict);
  });

  const onStub = async (use: (response: ExecuteResponse) => Promise<CollectedStream>): Promise<CollectedStream> => {
    await using worker = await WorkerTestHarness.startMock({ stub: { timing: { ttftMs: 50, itlMs: 15 } } });
    return await use(await worker.execute(request()));
  };

  test("because this process was busy is not blamed on the worker", async () => {
    const stream = await onStub((response) => {
      const reading = collectStream(response);
      const endsAtMs = performance.now() + 600;
      setTimeout(() => {
        while (performance.now() < endsAtMs);
      }, 1);
      return reading;
    });
    expect(stream.unreadMs).toBeGreaterThan(200);
    expect(codeOf(() => assertStreamed(stream))).toBe("STREAMING_UNPROVEN");
    expect(() => assertStreamed(stream)).toThrow(/; the test could not read in the \d+ ms before/);
  });

  test("because reading began late is not blamed on the worker", async () => {
    const stream = await onStub(async (response) => {
      await setTimeoutAsync(600);
      return collectStream(response);
    });
    expect(codeOf(() => assertStreamed(stream))).toBe("STREAMING_UNPROVEN");
  });
});
