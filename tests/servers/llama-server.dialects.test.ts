import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  assertAllOk,
  assertCancelled,
  assertStopReason,
  assertSuccessfulCompletion,
  cancelAfter,
  collectStream,
  extractText,
  makeTestRequest,
  replay,
  waitForIdle,
  WorkerTestHarness,
} from "inference-testkit";
import { FaultProxy } from "inference-testkit/faults";
import { runLoad } from "inference-testkit/load";
import { monitorMemory } from "inference-testkit/memory";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { llamaServer, missingLlamaServer } from "../support/llama-server.js";

const DIALECTS = ["openai-chat", "openai-completions", "openai-responses", "anthropic", "llama-cpp"] as const;
type Dialect = (typeof DIALECTS)[number];
const EXACT: readonly Dialect[] = ["llama-cpp", "anthropic"];
const HAS_SEED: readonly Dialect[] = ["openai-chat", "openai-completions", "llama-cpp"];
const TIMEOUT_MS = 120_000;

if (missingLlamaServer !== undefined) test("a real llama-server", (context) => context.skip(missingLlamaServer));

describe.skipIf(missingLlamaServer !== undefined)("a real llama-server", { timeout: TIMEOUT_MS }, () => {
  let server: WorkerTestHarness;

  beforeAll(async () => {
    server = await WorkerTestHarness.launch(llamaServer("openai-chat"));
  }, TIMEOUT_MS);
  afterAll(() => server.stop());

  async function attach(dialect?: Dialect): Promise<WorkerTestHarness> {
    const worker = await WorkerTestHarness.attach(server.baseUrl, { dialect });
    onTestFinished(async () => {
      await worker.stop();
    });
    return worker;
  }

  /** Some dialects have no seed. */
  function requestOf(dialect: Dialect, maxTokens: number, { id = "job-1", prompt = "The capital of France is" } = {}) {
    const sampling = HAS_SEED.includes(dialect) ? { temperature: 0 } : { temperature: 0, seed: null };
    return makeTestRequest(id, prompt, maxTokens, sampling);
  }

  test("was ready only when its model was loaded, and listens itself", () => {
    expect(server.model).toBe("smollm2");
    expect(server.portOwner?.status).toBe("worker");
  });

  test("attach() without a dialect finds out what it is, and the model", async () => {
    const worker = await attach();

    expect(worker.dialect.name).toBe("openai-chat");
    expect(worker.recognizedBy).toBe("`/props` is that of llama-server, whose model has a chat template");
    expect(worker.model).toBe("smollm2");
  });

  test("a model that it does not have: the list of those it has", async () => {
    await expect(WorkerTestHarness.attach(server.baseUrl, { dialect: "openai-chat", model: "gpt-9" })).rejects.toThrow(
      "Expected `model` to be one that the server has: smollm2; got `gpt-9`",
    );
  });

  test("attach() as a worker of this project: what it is instead", async () => {
    const worker = await WorkerTestHarness.attach(server.baseUrl, { dialect: "orcd" });
    onTestFinished(async () => {
      await worker.stop();
    });

    await expect(worker.execute(requestOf("llama-cpp", 4)).then((response) => collectStream(response))).rejects.toThrow(
      'Try `dialect: "openai-chat"`',
    );
  });

  describe.each(DIALECTS)("%s", (dialect) => {
    test("a job: its text, its tokens, and why it stopped", async () => {
      const worker = await attach(dialect);

      const stream = await collectStream(await worker.execute(requestOf(dialect, 8)));

      assertSuccessfulCompletion(stream);
      assertStopReason(stream, "max_tokens");
      expect(stream.terminal).toMatchObject({ tokens_out: 8 });
      expect(stream.terminal).not.toHaveProperty("tokens_out_estimated");
      if (dialect === "llama-cpp" || dialect === "openai-completions") expect(extractText(stream)).toContain("Paris");
    });

    test("an answer in one piece has the same text", async () => {
      const worker = await attach(dialect);
      const request = requestOf(dialect, 8);

      const stream = await collectStream(await worker.execute(request));
      const whole = await collectStream(await worker.execute({ ...request, extraBody: { stream: false } }));

      expect(extractText(whole)).toBe(extractText(stream));
      expect(whole.outcome).toMatchObject({ status: "complete", terminal: { tokens_out: 8 } });
    });

    test("the end of the sequence, as exactly as the dialect reports it", async () => {
      const worker = await attach(dialect);
      const prompt =
        dialect === "llama-cpp" ? "<|im_start|>user\nSay yes<|im_end|>\n<|im_start|>assistant\n" : "Say yes";
      const stream = await collectStream(await worker.execute(requestOf(dialect, 200, { prompt })));

      // Without a chat template the model may write on to the limit.
      if (dialect !== "openai-completions") assertStopReason(stream, EXACT.includes(dialect) ? "eos" : "stop");
    });

    test("a cancelled job leaves the server idle", async () => {
      const worker = await attach(dialect);

      const result = await cancelAfter(await worker.execute(requestOf(dialect, 1500, { prompt: "Once upon a time" })), {
        tokens: 3,
      });

      assertCancelled(result);
      await waitForIdle(worker);
      expect(await worker.slots()).toEqual({ busy: 0, queued: 0 });
    });

    test("jobs at once, load, and a fault after the second token", async () => {
      const worker = await attach(dialect);
      assertAllOk(await worker.executeAll(["a", "b", "c", "d"].map((id) => requestOf(dialect, 6, { id }))));
      const { records, tokenCheck } = await runLoad(worker, {
        profile: { kind: "concurrency", clients: 2 },
        requests: (index) => requestOf(dialect, 6, { id: `load-${index}` }),
        stop: { count: 4 },
      });
      await using proxy = await FaultProxy.inFrontOf(worker, { faults: [{ id: "rst", at: { afterTokens: 2 } }] });
      const [broken] = await proxy.worker.executeAll([requestOf(dialect, 20, { prompt: "Once upon a time" })]);

      expect(records.filter(({ status }) => status !== "ok")).toEqual([]); // a record says why
      expect(records).toHaveLength(4);
      expect(tokenCheck).toMatchObject({ status: "compared", difference: 0 });
      expect(broken?.status).toBe("transport-error");
    });
  });

  test("llama-cpp reports the stop sequence; openai-completions only that it stopped", async () => {
    const request = makeTestRequest("job-1", "1 2 3 4", 32, { temperature: 0, stop: [" 7"] });
    const exact = await collectStream(await (await attach("llama-cpp")).execute(request));
    const vague = await collectStream(await (await attach("openai-completions")).execute(request));

    assertStopReason(exact, "stop_sequence", { sequence: " 7" });
    expect(() => assertStopReason(vague, "stop_sequence")).toThrow("the server does not report whether");
    assertStopReason(vague, "stop");
  });

  test("a seed beyond 32 bits would be cut by the server: it is refused at the door", async () => {
    const worker = await attach("llama-cpp");
    const cut = { prompt: "Hi", max_tokens: 1, extraBody: { seed: 2 ** 32 + 7, stream: false } };
    const answer = (await (await worker.execute(cut)).json()) as { generation_settings: { seed: number } };

    expect(answer.generation_settings.seed).toBe(7);
    await expect(worker.execute({ prompt: "Hi", seed: 2 ** 32 + 7 })).rejects.toThrow("at most 4294967294");
  });

  test("recordTo() and replay(), and the memory of the process", async () => {
    const parent = mkdtempSync(join(tmpdir(), "llama-server-"));
    onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
    const folder = join(parent, "bundle");
    const worker = await attach("anthropic");
    await worker.recordTo(folder);
    const stream = await collectStream(await worker.execute(requestOf("anthropic", 8)));
    await worker.stop();
    await using monitor = await monitorMemory(server, { everyMs: 50 });
    await collectStream(await server.execute(requestOf("openai-chat", 8)));
    const record = await monitor.stop();

    expect((await replay(folder))[0]?.events).toEqual(stream.events);
    expect(record.idleBy).toBe("slots");
    expect(record.sources.find(({ name }) => name === "process-tree")).toMatchObject({ status: "available" });
  });
});
