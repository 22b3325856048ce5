import { describe, expect, test } from "vitest";
import { executeAll, ProgressFailedError, type JobItem, type JobProgress } from "../../src/jobs/index.js";
import { end, errorOf, messageOf, token } from "../events/support.js";
import { cancelledError, serveJobs, startOf, type ReceivedJob } from "./job-server.js";
import { areInOrder } from "./support.js";

/** Answers a job with its own prompt. */
const repeat = (job: ReceivedJob) =>
  job.finish(startOf(job), token(0, String(job.request["prompt"])), end({ tokens_out: 1 }));
const requests = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ job_id: `job-${index}`, prompt: `prompt ${index}` }));
const statusesOf = (outcomes: readonly { readonly status: string }[]) => outcomes.map(({ status }) => status);

describe("outcomes", () => {
  test("are in the order of the requests, in whatever order the jobs end", async () => {
    const waiting: ReceivedJob[] = [];
    const { client } = await serveJobs((job) => {
      waiting.push(job);
      if (waiting.length === 3) waiting.reverse().forEach(repeat);
    });

    const outcomes = await executeAll(client, requests(3));

    expect(outcomes.map((outcome) => outcome.status === "ok" && outcome.text)).toEqual([
      "prompt 0",
      "prompt 1",
      "prompt 2",
    ]);
    expect(outcomes.map(({ index, jobId }) => [index, jobId])).toEqual([
      [0, "job-0"],
      [1, "job-1"],
      [2, "job-2"],
    ]);
  });

  test("have the times of their job, in order, and the correlation id that was sent", async () => {
    const { client, jobs } = await serveJobs(repeat);
    const beforeMs = performance.now();

    const [outcome] = await executeAll(client, requests(1));

    const { sentAtMs, writtenAtMs, headersAtMs, firstTokenAtMs, lastTokenAtMs, terminalAtMs, closedAtMs } =
      outcome!.timings;
    const times = [sentAtMs, writtenAtMs, headersAtMs, firstTokenAtMs, lastTokenAtMs, terminalAtMs, closedAtMs];
    expect(areInOrder([beforeMs, ...times, performance.now()])).toBe(true);
    expect(outcome!.correlationId).toBe(jobs[0]!.headers["x-correlation-id"]);
  });

  test("are empty without requests", async () => {
    const { client } = await serveJobs(repeat);

    expect(await executeAll(client, [])).toEqual([]);
  });

  test("a plan's headers are sent, and its timeouts apply", async () => {
    const { client, jobs } = await serveJobs((job) => job.send(startOf(job), token(0)));
    const [request] = requests(1);
    const plan: JobItem = { request: request!, headers: { "x-own": "1" }, timeouts: { tokenIdleMs: 20 } };

    const outcomes = await executeAll(client, [plan]);

    expect(outcomes).toMatchObject([{ status: "limit-exceeded", limit: "tokenIdleMs" }]);
    expect(jobs[0]!.headers["x-own"]).toBe("1");
    expect(jobs[0]!.request).toEqual(request);
  });

  test("a connection closed without a response is a transport error, with its time", async () => {
    const { client } = await serveJobs(({ response }) => response.destroy());

    const [outcome] = await executeAll(client, requests(1));

    expect(outcome).toMatchObject({ status: "transport-error", jobId: "job-0", index: 0 });
    expect(outcome!.timings.closedAtMs).toBeGreaterThanOrEqual(outcome!.timings.sentAtMs!);
  });
});

describe("cross-talk", () => {
  test("is found by the correlation id of the response", async () => {
    const waiting: ReceivedJob[] = [];
    const { client } = await serveJobs((job) => {
      waiting.push(job);
      if (waiting.length < 2) return;
      const [first, second] = waiting as [ReceivedJob, ReceivedJob];
      first.response.setHeader("x-correlation-id", second.headers["x-correlation-id"]!);
      waiting.forEach(repeat);
    });

    const outcomes = await executeAll(client, requests(2));

    expect(statusesOf(outcomes).toSorted()).toEqual(["cross-talk", "ok"]);
  });

  test("is found by the nonce in its text, if nonces are requested", async () => {
    const swap = () => {
      const waiting: ReceivedJob[] = [];
      return (job: ReceivedJob) => {
        waiting.push(job);
        if (waiting.length < 2) return;
        const [one, other] = waiting as [ReceivedJob, ReceivedJob];
        for (const [to, from] of [
          [one, other],
          [other, one],
        ] as const)
          to.finish(startOf(to), token(0, String(from.request["prompt"])), end({ tokens_out: 1 }));
      };
    };
    const { client } = await serveJobs(swap());
    const { client: again } = await serveJobs(swap());

    expect(statusesOf(await executeAll(client, requests(2), { nonces: true }))).toEqual(["cross-talk", "cross-talk"]);
    expect(statusesOf(await executeAll(again, requests(2)))).toEqual(["ok", "ok"]);
  });
});

describe("concurrency", () => {
  test("limits how many jobs run at the same time", async () => {
    let [running, most] = [0, 0];
    const { client } = await serveJobs((job) => {
      running += 1;
      most = Math.max(most, running);
      setImmediate(() => {
        running -= 1;
        repeat(job);
      });
    });

    const outcomes = await executeAll(client, requests(9), { concurrency: 3 });

    expect(statusesOf(outcomes)).toEqual(Array(9).fill("ok"));
    expect(most).toBeLessThanOrEqual(3);
  });

  test("uses all lanes: the first job is answered only when the third has arrived", async () => {
    const waiting: ReceivedJob[] = [];
    const { client } = await serveJobs((job) => {
      waiting.push(job);
      if (waiting.length === 3) waiting.forEach(repeat);
    });

    expect(statusesOf(await executeAll(client, requests(3), { concurrency: 3 }))).toEqual(["ok", "ok", "ok"]);
  });
});

describe("onProgress", () => {
  test("is called when a job is sent and when it ends", async () => {
    const { client } = await serveJobs(repeat);
    const seen: JobProgress[] = [];

    await executeAll(client, requests(2), { concurrency: 1, onProgress: (progress) => seen.push(progress) });

    expect(seen.map(({ total, sent, running, done }) => [total, sent, running, done])).toEqual([
      [2, 1, 1, 0],
      [2, 1, 0, 1],
      [2, 2, 1, 1],
      [2, 2, 0, 2],
    ]);
    expect(seen.at(-1)!.byStatus).toEqual({ ok: 2 });
  });

  test("PROGRESS_FAILED if it throws, after every job, with their outcomes", async () => {
    const { client } = await serveJobs(repeat);
    const cause = new Error("disk full");
    const onProgress = () => {
      throw cause;
    };

    const error = await errorOf(executeAll(client, requests(2), { onProgress }));

    expect(error).toBeInstanceOf(ProgressFailedError);
    expect(error).toMatchObject({ code: "PROGRESS_FAILED", cause });
    expect(error.message).toContain("`onProgress` threw: disk full");
    expect(statusesOf((error as unknown as ProgressFailedError).outcomes)).toEqual(["ok", "ok"]);
  });
});

describe("signal", () => {
  test("cuts the running job, and the others are not sent", async () => {
    const stop = new AbortController();
    const { client, jobs } = await serveJobs((job) => {
      job.send(startOf(job), token(0));
      stop.abort("enough");
    });
    const seen: JobProgress[] = [];
    const onProgress = (progress: JobProgress) => seen.push(progress);

    const outcomes = await executeAll(client, requests(3), { concurrency: 1, signal: stop.signal, onProgress });

    expect(statusesOf(outcomes)).toEqual(["aborted", "aborted", "aborted"]);
    expect(jobs).toHaveLength(1);
    expect(outcomes[2]).toEqual({
      index: 2,
      jobId: "job-2",
      correlationId: undefined,
      timings: { closedAtMs: expect.any(Number) as number },
      status: "aborted",
      message: "it was not sent: the signal fired before its turn",
    });
    expect(seen.at(-1)).toEqual({ total: 3, sent: 1, running: 0, done: 3, byStatus: { aborted: 3 } });
  });
});

describe("plans that end a job early", () => {
  test("a cancelled job has the result of its cancellation", async () => {
    const { client, cancelled } = await serveJobs((job) => job.send(startOf(job), token(0), token(1)));
    const [request] = requests(1);

    const outcomes = await executeAll(client, [{ request: request!, cancelAfter: { tokens: 2 } }]);

    expect(cancelled).toEqual(["job-0"]);
    expect(outcomes).toMatchObject([
      { status: "cancelled", cancel: { status: "cancelled", tokensBefore: 2, tokensAfterCancel: 0 } },
    ]);
    expect(outcomes[0]!.stream!.terminal).toEqual(cancelledError);
    expect(outcomes[0]!.timings.terminalAtMs).toBeDefined();
  });

  test("a disconnected job is aborted as planned, and the worker loses its client", async () => {
    const { client, jobs } = await serveJobs((job) => job.send(startOf(job), token(0), token(1)));
    const [request] = requests(1);

    const outcomes = await executeAll(client, [{ request: request!, disconnectAfter: { tokens: 2, how: "reset" } }]);
    await jobs[0]!.gone;

    expect(outcomes).toMatchObject([
      {
        status: "aborted",
        message: "the connection was cut after 2 tokens, as planned",
        disconnect: { tokens: ["t0", "t1"] },
        stream: { events: [{}, {}, {}] },
        timings: { lastTokenAtMs: expect.any(Number) as number },
      },
    ]);
  });

  test("a job that ends earlier is not disconnected", async () => {
    const { client } = await serveJobs(repeat);
    const [request] = requests(1);
    const plan: JobItem = { request: request!, disconnectAfter: { tokens: 5, how: "close" } };

    const [outcome] = await executeAll(client, [plan]);

    expect(outcome!.status).toBe("ok");
    expect(outcome!.disconnect).toBeUndefined();
  });
});

describe("INVALID_OPTION, and nothing is sent", () => {
  test.for<[string, unknown, object | undefined, string]>([
    ["ids that two requests share", [{ job_id: "a" }, { job_id: "a" }], undefined, "unique ids"],
    ["no concurrency", [], { concurrency: 0 }, "`concurrency`"],
    ["an unknown option", [], { parallel: 2 }, "`parallel`"],
  ])("%s", async ([, items, options, message]) => {
    const { client, jobs } = await serveJobs(repeat);

    expect(await messageOf(executeAll(client, items as JobItem[], options))).toContain(message);
    expect(jobs).toEqual([]);
  });

  test("a target that is not one", async () => {
    expect(await messageOf(executeAll({} as never, []))).toContain("Expected `target` to be");
  });

  test("ids may be shared on request", async () => {
    const { client } = await serveJobs(repeat);
    const items = [...requests(1), ...requests(1)];

    expect(statusesOf(await executeAll(client, items, { allowDuplicateIds: true }))).toEqual(["ok", "ok"]);
  });
});
