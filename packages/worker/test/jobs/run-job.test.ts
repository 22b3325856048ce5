import { WorkerError } from "inference-worker-protocol";
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { EngineStop } from "../../src/engine/engine.js";
import { bytes, engineThat, stubEngine } from "../support/engines.js";
import { waitFor } from "../support/wait-for.js";
import { Bench } from "../support/bench.js";

const idle = (bench: Bench) => waitFor("all slots free", () => bench.scheduler.slots.busy === 0);
const script = (...texts: string[]) => stubEngine({ content: { script: texts } });
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("the stream of a job", () => {
  test("is started, tokens with i = 0, 1, 2, …, and end", async () => {
    const { sink } = new Bench(script("Hello", " ", "world")).submit("a", { seed: 18446744073709551615n });
    const end = await sink.waitForTerminal();
    expect(sink.events.slice(0, -1)).toEqual([
      {
        type: "started",
        job_id: "a",
        model: "stub",
        started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
        seed: 18446744073709551615n,
      },
      { type: "token", t: "Hello", i: 0 },
      { type: "token", t: " ", i: 1 },
      { type: "token", t: "world", i: 2 },
    ]);
    expect(end).toEqual({
      type: "end",
      tokens_out: 3,
      decode_time_ms: expect.any(Number) as number,
      stop_reason: "eos",
    });
  });

  test("stops at max_tokens", async () => {
    const { sink } = new Bench(script("a", "b", "c")).submit("a", { max_tokens: 2 });
    expect(await sink.waitForTerminal()).toMatchObject({ tokens_out: 2, stop_reason: "max_tokens" });
    expect(sink.text).toBe("ab");
  });

  test("stops at a stop sequence, which is not sent", async () => {
    const { sink } = new Bench(script("a", "EN", "D", "more")).submit("a", { stop: ["END"] });
    expect(await sink.waitForTerminal()).toMatchObject({
      tokens_out: 3,
      stop_reason: "stop_sequence",
      stop_sequence_matched: "END",
    });
    expect(sink.text).toBe("a");
  });

  test("a stop sequence that completes on the last allowed token is a stop_sequence", async () => {
    const { sink } = new Bench(script("a", "END", "more")).submit("a", { stop: ["END"], max_tokens: 2 });
    expect(await sink.waitForTerminal()).toMatchObject({ stop_reason: "stop_sequence", tokens_out: 2 });
  });

  test("text held back for a stop sequence is sent at the end", async () => {
    const { sink } = new Bench(script("a", "EN")).submit("a", { stop: ["END"] });
    expect(await sink.waitForTerminal()).toMatchObject({ stop_reason: "eos" });
    expect(sink.text).toBe("aEN");
  });

  test("has no token that was ready when the job was cancelled", async () => {
    let cancelNow: () => unknown = () => undefined;
    const engine = engineThat(async function* () {
      await turn();
      for (let count = 0; ; count += 1) yield bytes(`${count} `);
    });
    const generate = engine.generate.bind(engine);
    engine.generate = (request, signal) => {
      const tokens = generate(request, signal);
      const next = tokens.next.bind(tokens);
      let count = 0;
      tokens.next = () => {
        const token = next();
        if (++count !== 3) return token;
        // Called back after the job was handed the token, and before it goes on with it.
        const then = token.then.bind(token);
        token.then = (...callbacks) => {
          const rest = then(...callbacks);
          void then(() => cancelNow());
          return rest;
        };
        return token;
      };
      return tokens;
    };
    const bench = new Bench(engine);
    cancelNow = () => bench.scheduler.cancel("a");
    const { sink } = bench.submit("a");

    expect(await sink.waitForTerminal()).toMatchObject({ type: "error", code: "CANCELLED" });
    expect(sink.text).toBe("0 1 ");
    await idle(bench);
  });

  test("a token that completes no character has no event but counts", async () => {
    const engine = engineThat(async function* () {
      await turn();
      for (const byte of bytes("é🎉")) yield Uint8Array.of(byte);
      yield new Uint8Array();
      return "eos";
    });
    const { sink } = new Bench(engine).submit("a");
    expect(await sink.waitForTerminal()).toMatchObject({ tokens_out: 7 });
    expect(sink.types).toEqual(["started", "token", "token", "end"]);
    expect(sink.text).toBe("é🎉");
  });

  test("bytes that never become a character are one U+FFFD", async () => {
    const engine = engineThat(async function* () {
      await turn();
      yield Uint8Array.of(0x61, 0xf0, 0x9f);
      return "eos";
    });
    const { sink } = new Bench(engine).submit("a");
    await sink.waitForTerminal();
    expect(sink.text).toBe("a\ufffd");
  });

  test("without tokens is started and end", async () => {
    const engine = engineThat(async function* (): AsyncGenerator<Uint8Array, EngineStop, void> {
      await turn();
      return "eos";
    });
    const { sink } = new Bench(engine).submit("a");
    await sink.waitForTerminal();
    expect(sink.types).toEqual(["started", "end"]);
  });

  test("has a metrics event at most every 500 ms", async () => {
    const bench = new Bench(stubEngine({ content: "counter", timing: { itlMs: 50 } }));
    const { sink } = bench.submit("a", { max_tokens: 25 });
    await sink.waitForTerminal();
    const metrics = sink.events.filter(({ type }) => type === "metrics");
    const end = sink.terminal as { decode_time_ms: number };
    expect(metrics.length).toBeGreaterThanOrEqual(1);
    expect(metrics.length).toBeLessThanOrEqual(end.decode_time_ms / 500);
    expect(metrics[0]).toMatchObject({
      tokens_per_sec: expect.any(Number) as number,
      vram_bytes: expect.any(Number) as number,
    });
  });
});

describe("an engine that fails", () => {
  test.each(["VRAM_OOM", "CUDA_ERROR", "INFERENCE_FAILED", "CONTEXT_OVERFLOW"] as const)(
    "with %s ends only that job",
    async (code) => {
      let calls = 0;
      const engine = engineThat(async function* () {
        yield bytes("a");
        await turn();
        if (++calls === 1) throw new WorkerError(code, "on purpose");
        return "eos";
      });
      const bench = new Bench(engine);
      const [first, second] = ["a", "b"].map((id) => bench.submit(id).sink);
      expect(await first!.waitForTerminal()).toMatchObject({ type: "error", code, message: "on purpose" });
      expect(first!.types).toEqual(["started", "token", "error"]);
      expect(await second!.waitForTerminal()).toMatchObject({ type: "end" });
      await idle(bench);
    },
  );

  test("with its own error ends the job with INTERNAL", async () => {
    const engine = engineThat(async function* () {
      yield bytes("a");
      await turn();
      throw new TypeError("broken");
    });
    const bench = new Bench(engine);
    const { sink } = bench.submit("a");
    expect(await sink.waitForTerminal()).toMatchObject({ code: "INTERNAL", message: "broken", retriable: false });
    expect(bench.outcomes).toEqual({ failed: 1 });
    await idle(bench);
  });

  test("before it returns a generator ends the job, not the worker", async () => {
    const engine = engineThat(() => {
      throw new Error("no generator");
    });
    const bench = new Bench(engine);
    const { sink } = bench.submit("a");
    expect(await sink.waitForTerminal()).toMatchObject({ code: "INTERNAL", message: "no generator" });
    await idle(bench);
  });

  test("during cleanup keeps the job's own outcome", async () => {
    const engine = engineThat(async function* () {
      try {
        for (;;) {
          await turn();
          yield bytes("a");
        }
      } finally {
        throw new Error("clean-up failed");
      }
    });
    const bench = new Bench(engine);
    const { sink } = bench.submit("a", { stop: ["aaa"] });
    expect(await sink.waitForTerminal()).toMatchObject({ type: "end", stop_reason: "stop_sequence" });
    await idle(bench);
  });
});

describe("an engine that is slow to stop", () => {
  test("ignores the abort: the answer is immediate, the slot is freed when the engine is done", async () => {
    let finish: () => void = () => undefined;
    const engine = engineThat(async function* () {
      yield bytes("a");
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return "eos";
    });
    const bench = new Bench(engine);
    const { sink } = bench.submit("a");
    await sink.waitForTokens(1);
    bench.scheduler.cancel("a");
    await sink.waitForTerminal();
    expect(bench.scheduler.slots).toMatchObject({ busy: 1 });
    const next = bench.submit("a").sink;
    expect(next.events).toEqual([]);
    finish();
    await next.waitForTokens(1);
    finish();
    expect((await next.waitForTerminal()).type).toBe("end");
  });

  test("hangs during cleanup: the answer is sent after the time-out", async () => {
    const engine = engineThat(async function* () {
      try {
        await turn();
        yield bytes("END");
      } finally {
        await new Promise(() => undefined);
      }
      return "eos";
    });
    const bench = new Bench(engine, { timeoutMs: 50 });
    const { sink } = bench.submit("a", { stop: ["END"] });
    expect(await sink.waitForTerminal()).toMatchObject({ type: "end", stop_reason: "stop_sequence" });
    expect(bench.scheduler.slots.busy).toBe(1);
  });
});

describe("a receiver that fails", () => {
  test("ends only its own job", async () => {
    const bench = new Bench(script("a", "b"));
    const { sink } = bench.submit("a");
    sink.onEvent = () => {
      throw new Error("receiver is broken");
    };
    const next = bench.submit("b").sink;
    expect((await next.waitForTerminal()).type).toBe("end");
    await idle(bench);
    expect(bench.log.filter(({ event }) => event === "job_failed")).toHaveLength(1);
  });
});

describe("the log", () => {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

  test("has lengths and digests, never the prompt or the text", async () => {
    const bench = new Bench(script("SECRET-OUT", "PUT"));
    const { sink } = bench.submit("a", { prompt: "SECRET-PROMPT" });
    await sink.waitForTerminal();
    const lines = bench.log.map((line) => ({ ...line, time: "", duration_ms: 0 }));
    expect(lines).toEqual([
      {
        event: "execute_start",
        level: "info",
        time: "",
        duration_ms: 0,
        job_id: "a",
        correlation_id: "correlation-a",
        prompt_chars: 13,
        prompt_sha256: sha256("SECRET-PROMPT"),
        max_tokens: 10,
        seed: 42,
      },
      {
        event: "execute_end",
        level: "info",
        time: "",
        duration_ms: 0,
        job_id: "a",
        correlation_id: "correlation-a",
        outcome: "completed",
        tokens_out: 2,
        output_sha256: sha256("SECRET-OUTPUT"),
        stop_reason: "eos",
      },
    ]);
    expect(JSON.stringify(bench.log)).not.toContain("SECRET");
  });

  test("has the code of a failure", async () => {
    const bench = new Bench(stubEngine({ faults: [{ id: "vram-oom", at: { afterTokens: 0 } }] }));
    await bench.submit("a").sink.waitForTerminal();
    expect(bench.endLines("a")).toMatchObject([{ outcome: "failed", code: "VRAM_OOM", tokens_out: 0 }]);
  });
});
