import { waitForIdle, WorkerTestHarness, type MockWorkerOptions } from "inference-testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPeerClient, type ClientAnswer, type ClientRequest, type PeerClient } from "../support/peer-client.js";
import { nodeScript, pythonScript, type Peer } from "../support/peers.js";

const TIMEOUT_MS = 120_000;
const WORDS = ["one ", "two ", "three ", "four ", "five "];
const CITY = { city: "Paris" };

/** A client of another project, unchanged, and the words of its own for what happened. */
interface ClientCase {
  readonly name: string;
  readonly peer: Peer;
  readonly finish: { readonly atLimit: string; readonly atEnd: string };
  readonly notFound: string;
  /** What it reports when a stream fails in the middle. */
  readonly broken: ClientAnswer;
  /** What it throws when the application aborts a stream; undefined where the stream just ends. */
  readonly aborted: string | undefined;
}

const OPENAI_FINISH = { atLimit: "length", atEnd: "stop" };

const CLIENTS: readonly ClientCase[] = [
  {
    name: "openai for Python",
    peer: pythonScript("clients/openai_client.py", "python-clients"),
    finish: OPENAI_FINISH,
    notFound: "NotFoundError",
    broken: { error: { class: "APIError" } },
    aborted: undefined,
  },
  {
    name: "anthropic for Python",
    peer: pythonScript("clients/anthropic_client.py", "python-clients"),
    finish: { atLimit: "max_tokens", atEnd: "end_turn" },
    notFound: "NotFoundError",
    broken: { error: { class: "APIStatusError" } },
    aborted: undefined,
  },
  {
    name: "AI SDK, openai-compatible",
    peer: nodeScript("clients/ai.mjs", "ai", ["openai-compatible"]),
    finish: OPENAI_FINISH,
    notFound: "APICallError",
    broken: { finish: "error" },
    aborted: undefined,
  },
  {
    name: "AI SDK, openai (responses)",
    peer: nodeScript("clients/ai.mjs", "ai", ["openai"]),
    finish: OPENAI_FINISH,
    notFound: "APICallError",
    broken: { finish: "error" },
    aborted: undefined,
  },
  {
    name: "LangChain",
    peer: nodeScript("clients/langchain.mjs", "@langchain/openai"),
    finish: OPENAI_FINISH,
    notFound: "NotFoundError",
    broken: { error: { class: "APIError" } },
    aborted: "DOMException",
  },
];

describe.each(CLIENTS)("$name", ({ name, peer, finish, notFound, broken, aborted }) => {
  if (peer.missing !== undefined) {
    test(name, (context) => context.skip(peer.missing));
    return;
  }
  let client: PeerClient;
  beforeAll(() => {
    client = startPeerClient(peer);
  });
  afterAll(() => client[Symbol.asyncDispose]());

  const start = (stub: MockWorkerOptions["stub"]) => WorkerTestHarness.startMock({ stub });
  const ask = (
    worker: WorkerTestHarness,
    run: ClientRequest["run"],
    fields: Partial<ClientRequest> = {},
  ): Promise<ClientAnswer> => client.ask({ run, baseUrl: worker.baseUrl, model: "stub", maxTokens: 100, ...fields });

  test("a stream arrives in order, with the reason and the count of tokens", { timeout: TIMEOUT_MS }, async () => {
    await using worker = await start({ content: { script: WORDS } });

    expect(await ask(worker, "stream")).toEqual({ texts: WORDS, finish: finish.atEnd, tokens: 5 });
    expect(await ask(worker, "stream", { maxTokens: 3 })).toEqual({
      texts: WORDS.slice(0, 3),
      finish: finish.atLimit,
      tokens: 3,
    });
  });

  test("an answer in one piece has the same text", { timeout: TIMEOUT_MS }, async () => {
    await using worker = await start({ content: { script: WORDS } });

    expect(await ask(worker, "whole")).toEqual({ text: WORDS.join(""), finish: finish.atEnd, tokens: 5 });
  });

  test("a call of a tool, its result, and the answer to it", { timeout: TIMEOUT_MS }, async () => {
    await using worker = await start({
      replies: [
        { when: { role: "tool" }, text: "It is sunny." },
        { toolCalls: [{ id: "call_1", name: "weather", arguments: CITY }] },
      ],
    });

    expect(await ask(worker, "tool")).toEqual({ calls: [{ name: "weather", arguments: CITY }], text: "It is sunny." });
  });

  test("structured output fits the schema", { timeout: TIMEOUT_MS }, async () => {
    await using worker = await start({});

    expect(await ask(worker, "structured", { maxTokens: 500 })).toEqual({
      value: { city: expect.any(String) as unknown, population: expect.any(Number) as unknown },
    });
  });

  test("an unknown model is an error of the client's own class", { timeout: TIMEOUT_MS }, async () => {
    await using worker = await start({});
    const { error } = await ask(worker, "whole", { model: "other" });

    expect(error).toMatchObject({ class: notFound, status: 404 });
    expect(error?.message).toContain("other");
  });

  test("a retry is a second job in the worker's journal", { timeout: TIMEOUT_MS }, async () => {
    await using worker = await start({ content: { script: WORDS } });
    await worker.faults.arm([{ id: "vram-oom", when: { nth: 1 } }]);
    const { text } = await ask(worker, "whole", { maxRetries: 1 });
    const { jobs } = await worker.journal();

    expect(text).toBe(WORDS.join(""));
    expect(jobs).toHaveLength(2);
    expect(await worker.faults.accounts()).toMatchObject([{ fired: 1 }]);
  });

  test("without retries the same failure arrives as an error", { timeout: TIMEOUT_MS }, async () => {
    await using worker = await start({});
    await worker.faults.arm([{ id: "vram-oom", when: { nth: 1 } }]);
    const { error } = await ask(worker, "whole");

    expect(error?.status).toBe(503);
    expect((await worker.journal()).jobs).toHaveLength(1);
  });

  test("a stream that fails in the middle is an error, never an end", { timeout: TIMEOUT_MS }, async () => {
    await using worker = await start({});
    await worker.faults.arm([{ id: "vram-oom", at: { afterTokens: 3 } }]);

    expect(await ask(worker, "stream")).toMatchObject(broken);
  });

  test("an aborted stream leaves the worker idle", { timeout: TIMEOUT_MS }, async () => {
    await using worker = await start({ content: "counter", timing: { itlMs: 20 } });
    const answer = await ask(worker, "abort", { maxTokens: 2000 });
    await waitForIdle(worker);
    const entries = (await worker.journal()).jobs[0]?.entries ?? [];
    const tokens = entries.filter(({ event }) => event === "token").length;

    expect(answer).toEqual({ count: 3, aborted });
    expect(entries.at(-1)?.kind).toBe("close");
    expect(tokens).toBeGreaterThanOrEqual(3);
    expect(tokens).toBeLessThan(1000);
  });
});
