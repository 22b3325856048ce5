import type { WorkerErrorCode } from "inference-worker-protocol";
import { describe, expect, test } from "vitest";
import { engineThat, stubEngine, bytes } from "../support/engines.js";
import { waitFor } from "../support/wait-for.js";
import { Bench } from "../support/bench.js";

const SLOW = { content: "counter", timing: { itlMs: 5 } } as const;
const idle = (bench: Bench) => waitFor("all slots free", () => bench.scheduler.slots.busy === 0);
const refusal = (code: WorkerErrorCode) => expect.objectContaining({ name: "WorkerError", code }) as Error;

describe("slots and the queue", () => {
  test("jobs run first in, first out, one at a time in one slot", async () => {
    const bench = new Bench(stubEngine({ content: "counter" }));
    const order: string[] = [];
    const ids = ["a", "b", "c", "d", "e"];
    const sinks = ids.map((id) => {
      const { sink } = bench.submit(id);
      sink.onEvent = ({ type }) => {
        if (type === "started" || type === "end") order.push(`${id} ${type}`);
      };
      return sink;
    });
    expect(bench.scheduler.slots).toEqual({ total: 1, busy: 1, queued: 4 });
    for (const sink of sinks) await sink.waitForTerminal();
    // `a` started inside of submit(), before anybody listened; the others start when the slot is given back, just before `end`.
    expect(order).toEqual([...ids.slice(1).flatMap((id, index) => [`${id} started`, `${ids[index]!} end`]), "e end"]);
    expect(bench.scheduler.slots).toEqual({ total: 1, busy: 0, queued: 0 });
  });

  test("as many jobs run at once as there are slots", async () => {
    const bench = new Bench(stubEngine(SLOW, 3));
    const sinks = ["a", "b", "c", "d", "e"].map((id) => bench.submit(id).sink);
    expect(bench.scheduler.slots).toEqual({ total: 3, busy: 3, queued: 2 });
    await sinks[2]!.waitForTokens(1);
    expect(sinks[3]!.events).toEqual([]);
    for (const sink of sinks) await sink.waitForTerminal();
    expect(bench.outcomes).toEqual({ completed: 5 });
  });

  test("a full queue rejects the next job", async () => {
    const bench = new Bench(stubEngine(SLOW), { maxQueue: 2 });
    for (const id of ["a", "b", "c"]) bench.submit(id);
    expect(() => bench.submit("d")).toThrow(refusal("QUEUE_FULL"));
    expect(() => bench.submit("d")).toThrow("all 1 slots are busy and 2 jobs are waiting");
    bench.scheduler.cancel("b");
    bench.submit("d");
    await bench.scheduler.drain(0);
  });

  test("without a queue, a free slot is still assigned", async () => {
    const bench = new Bench(stubEngine(SLOW), { maxQueue: 0 });
    const { sink } = bench.submit("a");
    expect(() => bench.submit("b")).toThrow(refusal("QUEUE_FULL"));
    await sink.waitForTerminal();
    expect((await bench.submit("b").sink.waitForTerminal()).type).toBe("end");
  });

  test("an id can be used once at a time, running or queued", async () => {
    const bench = new Bench(stubEngine(SLOW));
    const { sink } = bench.submit("a");
    bench.submit("b");
    for (const id of ["a", "b"]) expect(() => bench.submit(id)).toThrow(refusal("DUPLICATE_JOB"));
    await sink.waitForTerminal();
    bench.submit("a");
    await bench.scheduler.drain(0);
  });

  test("the slot is free and the id can be reused when `end` is sent", async () => {
    const bench = new Bench(stubEngine(), { maxQueue: 0 });
    const seen: unknown[] = [];
    const { sink } = bench.submit("a");
    sink.onEvent = ({ type }) => {
      if (type !== "end") return;
      seen.push(bench.scheduler.slots, bench.scheduler.cancel("a"));
      bench.scheduler.admit("a");
    };
    await sink.waitForTerminal();
    expect(seen).toEqual([{ total: 1, busy: 0, queued: 0 }, "finished"]);
  });
});

describe("cancel", () => {
  test("a running job ends with CANCELLED immediately, and nothing follows", async () => {
    const bench = new Bench(stubEngine({ content: "counter", timing: { ttftMs: 0, itlMs: [1, 1, 3_600_000] } }));
    const { sink } = bench.submit("a");
    await sink.waitForTokens(3);
    expect(bench.scheduler.cancel("a")).toBe("cancelling");
    expect(await sink.waitForTerminal()).toEqual({
      type: "error",
      code: "CANCELLED",
      message: "the job was cancelled",
      retriable: false,
    });
    await idle(bench);
    expect(sink.types).toEqual(["started", "token", "token", "token", "error"]);
    expect(bench.outcomes).toEqual({ cancelled: 1 });
  });

  test("a queued job ends with CANCELLED without starting", async () => {
    const bench = new Bench(stubEngine(SLOW));
    const first = bench.submit("a").sink;
    const second = bench.submit("b").sink;
    expect(bench.scheduler.cancel("b")).toBe("cancelling");
    await second.waitForTerminal();
    expect(second.types).toEqual(["error"]);
    expect(bench.scheduler.slots.queued).toBe(0);
    expect(bench.scheduler.cancel("b")).toBe("finished");
    expect((await first.waitForTerminal()).type).toBe("end");
  });

  test("is idempotent and reports the state of the job", async () => {
    const bench = new Bench(stubEngine(SLOW));
    const { sink } = bench.submit("a");
    const early = [bench.scheduler.cancel("a"), bench.scheduler.cancel("a"), bench.scheduler.cancel("other")];
    expect(early).toEqual(["cancelling", "cancelling", "unknown"]);
    await sink.waitForTerminal();
    expect(bench.scheduler.cancel("a")).toBe("finished");
    expect(sink.terminal).toMatchObject({ code: "CANCELLED" });
  });

  test("of a job that is sending a token takes effect before the next token", async () => {
    const bench = new Bench(stubEngine({ content: "counter" }));
    const { sink } = bench.submit("a", { max_tokens: 100 });
    sink.onEvent = (event) => {
      if (event.type === "token" && event.i === 4) bench.scheduler.cancel("a");
    };
    expect(await sink.waitForTerminal()).toMatchObject({ code: "CANCELLED" });
    expect(sink.types.filter((type) => type === "token")).toHaveLength(5);
  });

  test("during the last token does not result in `end`", async () => {
    const bench = new Bench(stubEngine({ content: "counter" }));
    const { sink } = bench.submit("a", { max_tokens: 5 });
    sink.onEvent = (event) => {
      if (event.type === "token" && event.i === 4) expect(bench.scheduler.cancel("a")).toBe("cancelling");
    };
    expect(await sink.waitForTerminal()).toMatchObject({ type: "error", code: "CANCELLED" });
  });

  test("at any moment: the answer and the stream agree", async () => {
    // The moments are turns of the event loop, from "not started" to "long finished".
    for (let turns = 0; turns < 60; turns++) {
      const bench = new Bench(stubEngine({ content: "counter" }));
      const { sink } = bench.submit("a", { max_tokens: 20 });
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      const state = bench.scheduler.cancel("a");
      const { type } = await sink.waitForTerminal();
      expect(`${state} ${type}`).toBe(type === "end" ? "finished end" : "cancelling error");
      await idle(bench);
    }
  });

  test("reaches a job whose receiver is slow", async () => {
    const bench = new Bench(stubEngine({ content: "counter" }));
    const { sink } = bench.submit("a");
    sink.hold();
    await sink.waitForTokens(1);
    bench.scheduler.cancel("a");
    expect(await sink.waitForTerminal()).toMatchObject({ code: "CANCELLED" });
    await idle(bench);
  });
});

describe("a client that goes away", () => {
  test("frees the slot of its running job, which sends nothing more", async () => {
    const bench = new Bench(stubEngine({ content: "counter", timing: { itlMs: [1, 3_600_000] } }));
    const { job, sink } = bench.submit("a");
    await sink.waitForTokens(2);
    job.abort({ kind: "disconnected" });
    await idle(bench);
    expect(sink.types).toEqual(["started", "token", "token"]);
    expect(bench.outcomes).toEqual({ disconnected: 1 });
    expect(bench.endLines("a")).toMatchObject([{ outcome: "disconnected", tokens_out: 2 }]);
  });

  test("removes its queued job", async () => {
    const bench = new Bench(stubEngine(SLOW));
    const first = bench.submit("a").sink;
    const { job, sink } = bench.submit("b");
    job.abort({ kind: "disconnected" });
    expect(bench.scheduler.slots.queued).toBe(0);
    await first.waitForTerminal();
    await idle(bench);
    expect(sink.events).toEqual([]);
    expect(bench.outcomes).toEqual({ completed: 1, disconnected: 1 });
  });

  test("before its job is submitted never gets a slot", async () => {
    const bench = new Bench(stubEngine(SLOW));
    const { job, sink } = bench.create("a");
    job.abort({ kind: "disconnected" });
    bench.scheduler.submit(job);
    expect(bench.scheduler.slots).toEqual({ total: 1, busy: 0, queued: 0 });
    expect(sink.events).toEqual([]);
    await waitFor("log line", () => bench.endLines("a").length > 0);
    expect(bench.outcomes).toEqual({ disconnected: 1 });
  });

  test("the first reason counts", async () => {
    const bench = new Bench(stubEngine(SLOW));
    const { job, sink } = bench.submit("a");
    job.abort({ kind: "disconnected" });
    expect(bench.scheduler.cancel("a")).toBe("cancelling");
    await idle(bench);
    expect(sink.types).toEqual(["started"]);
    expect(bench.outcomes).toEqual({ disconnected: 1 });
  });
});

describe("a slow receiver", () => {
  test("delays only its own job", async () => {
    const bench = new Bench(stubEngine({ content: "counter" }, 2));
    const slow = bench.submit("slow", { max_tokens: 50 }).sink;
    const release = slow.hold();
    const fast = bench.submit("fast", { max_tokens: 50 }).sink;
    expect((await fast.waitForTerminal()).type).toBe("end");
    expect(slow.events.length).toBeLessThan(4);
    release();
    expect(await slow.waitForTerminal()).toMatchObject({ type: "end", tokens_out: 50 });
    expect(slow.text).toBe(fast.text);
  });

  test("is waited for until the time-out of the job, and no longer", async () => {
    const bench = new Bench(stubEngine(), { timeoutMs: 30 });
    const { sink } = bench.submit("a");
    sink.hold();
    expect(await sink.waitForTerminal()).toMatchObject({ code: "INFERENCE_TIMEOUT", retriable: true });
    await idle(bench);
  });
});

describe("time-outs", () => {
  test("a job that runs too long ends with INFERENCE_TIMEOUT", async () => {
    const bench = new Bench(stubEngine({ faults: [{ id: "hang", at: { afterTokens: 2 } }] }), { timeoutMs: 50 });
    const { sink } = bench.submit("a");
    expect(await sink.waitForTerminal()).toMatchObject({ code: "INFERENCE_TIMEOUT", message: /longer than 0.05 s/ });
    expect(sink.types).toEqual(["started", "token", "token", "error"]);
    await idle(bench);
    expect(bench.outcomes).toEqual({ timeout: 1 });
  });

  test("waiting in the queue does not count", async () => {
    const engine = stubEngine({ content: "counter", timing: { ttftMs: 150 } });
    const bench = new Bench(engine, { timeoutMs: 1_000 });
    const sinks = Array.from({ length: 8 }, (_, index) => bench.submit(`job-${index}`).sink);
    for (const sink of sinks) expect((await sink.waitForTerminal()).type).toBe("end");
  });
});

describe("drain", () => {
  test("lets running jobs finish, rejects queued and new ones", async () => {
    const bench = new Bench(stubEngine(SLOW));
    const running = bench.submit("a").sink;
    const queued = bench.submit("b").sink;
    const drained = bench.scheduler.drain(10_000);
    expect(() => bench.submit("c")).toThrow(refusal("SHUTTING_DOWN"));
    expect(await queued.waitForTerminal()).toMatchObject({ code: "SHUTTING_DOWN", retriable: true });
    expect(queued.types).toEqual(["error"]);
    await drained;
    expect(running.terminal).toMatchObject({ type: "end", tokens_out: 10 });
  });

  test("ends jobs that outlast the grace period with CANCELLED", async () => {
    const bench = new Bench(stubEngine({ faults: [{ id: "hang", at: { afterTokens: 1 } }] }));
    const { sink } = bench.submit("a");
    await sink.waitForTokens(1);
    await bench.scheduler.drain(20);
    expect(sink.terminal).toMatchObject({
      code: "CANCELLED",
      message: "the worker shut down and the job had not finished after 20 ms",
    });
  });

  test("finishes immediately when nothing is running", async () => {
    await new Bench(stubEngine()).scheduler.drain(3_600_000);
  });
});

test("the last thousand ended jobs are remembered", async () => {
  const bench = new Bench(
    engineThat(async function* () {
      await Promise.resolve();
      yield bytes("x");
      return "eos";
    }, 2_000),
    { maxQueue: 2_000 },
  );
  for (let index = 0; index <= 1_000; index++) bench.submit(`job-${index}`);
  await idle(bench);
  expect(bench.scheduler.cancel("job-0")).toBe("unknown");
  expect(bench.scheduler.cancel("job-1")).toBe("finished");
  expect(bench.scheduler.cancel("job-1000")).toBe("finished");
});
