import {
  assertAllOk,
  assertCancelled,
  assertStopReason,
  assertSuccessfulCompletion,
  cancelAfter,
  collectStream,
  disconnectAfter,
  extractEndEvent,
  extractText,
  makeTestRequest,
  waitForIdle,
  WorkerTestHarness,
  type ExecuteRequest,
  type ProgramOptions,
  type StopReason,
} from "inference-testkit";
import { runLoad } from "inference-testkit/load";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

const TIMEOUT_MS = 180_000;
const LOAD_COUNT = 6;

/** A server of another project, and how it differs from what the framework expects of a worker. */
export interface ServerCase {
  readonly name: string;
  /** Why it cannot run here; its tests are then skipped with this reason. */
  readonly missing: string | undefined;
  options(): ProgramOptions | Promise<ProgramOptions>;
  /** What is done once when it runs, before the tests. */
  prepare?(server: WorkerTestHarness): Promise<void>;
  /** What `attach()` without a dialect finds. */
  readonly recognized: string;
  /** Whether it reports how many jobs run, so that `waitForIdle()` works. */
  readonly hasProbe: boolean;
  readonly dialects: Readonly<Record<string, DialectCase>>;
}

export interface DialectCase {
  /** Fields of every request: what the server cannot take is `null`. */
  readonly fields?: Partial<ExecuteRequest>;
  /** A prompt whose answer takes at least a second, unless it is cancelled. */
  readonly longPrompt: string;
  /** A part of the answer to `prompt`. */
  readonly prompt: string;
  readonly text: string;
  /** How a limit of 4 tokens ends; `stop` where the server ignores it. */
  readonly atLimit: StopReason;
  /** How a stop sequence, taken from the answer, ends; absent where the server ignores it, "unsupported" where the dialect has none. */
  readonly stop?: { readonly sequence: string; readonly reason: StopReason } | "unsupported";
  /** Whether `tokens_out` is the framework's estimate, because the server reports no usage in a stream. */
  readonly estimated?: boolean;
  /** A request that it refuses, and the refusal; absent where it refuses none. */
  readonly refusal?: {
    readonly fields: Readonly<Record<string, unknown>>;
    readonly status: number;
    readonly message: string;
  };
}

/** Starts a server once and defines the same tests for each of its dialects. */
export function describeServer(server: ServerCase): void {
  let running: WorkerTestHarness | undefined;
  const get = (): WorkerTestHarness => running ?? expect.unreachable("the server did not start");
  if (server.missing !== undefined) {
    test(server.name, (context) => context.skip(server.missing));
    return;
  }
  describe(server.name, { timeout: TIMEOUT_MS }, () => {
    beforeAll(async () => {
      running = await WorkerTestHarness.launch(await server.options());
      await server.prepare?.(running);
    }, TIMEOUT_MS);
    afterAll(() => running?.stop());

    test("listens itself, and is recognized without a dialect", async () => {
      const worker = await attach();

      expect(get().portOwner?.status).toBe("worker");
      expect(worker.dialect.name).toBe(server.recognized);
    });

    describe.each(Object.entries(server.dialects))("%s", (dialect, expected) => {
      const allow = findIgnored(expected);
      defineTests(() => attach(dialect as DialectName, allow), server, expected);
    });
  });

  async function attach(dialect?: DialectName, allow?: ProgramOptions["allow"]): Promise<WorkerTestHarness> {
    const worker = await WorkerTestHarness.attach(get().baseUrl, { dialect, allow });
    onTestFinished(() => worker.stop().then(() => undefined));
    return worker;
  }
}

type DialectName = ProgramOptions["dialect"];

/** What the tests provoke in a server that ignores a field of the request. */
function findIgnored({ stop, atLimit }: DialectCase): ProgramOptions["allow"] {
  return [
    ...(stop === undefined ? (["TEXT_AFTER_STOP"] as const) : []),
    ...(atLimit === "stop" ? (["MAX_TOKENS_EXCEEDED"] as const) : []),
  ];
}

function defineTests(attach: () => Promise<WorkerTestHarness>, server: ServerCase, expected: DialectCase): void {
  const { prompt, longPrompt, fields = {} } = expected;
  let count = 0;
  const request = (maxTokens: number, own: Partial<ExecuteRequest> = {}) =>
    makeTestRequest(`job-${++count}`, prompt, maxTokens, { temperature: 0, ...fields, ...own });
  const long = () => ({ ...request(1500), prompt: longPrompt });

  test("a job: the order of its stream, and its text", async () => {
    const stream = await collectStream(await (await attach()).execute(request(60)));

    assertSuccessfulCompletion(stream);
    expect(extractText(stream)).toContain(expected.text);
    expect(extractEndEvent(stream.events).tokens_out_estimated ?? false).toBe(expected.estimated ?? false);
  });

  test("an answer in one piece has the same text", async () => {
    const worker = await attach();
    const stream = await collectStream(await worker.execute(request(30)));
    const whole = await collectStream(await worker.execute({ ...request(30), extraBody: { stream: false } }));

    expect(extractText(whole)).toBe(extractText(stream));
  });

  test(`a limit of 4 tokens ends with \`${expected.atLimit}\``, async () => {
    const stream = await collectStream(await (await attach()).execute(request(4)));

    assertStopReason(stream, expected.atLimit);
    if (expected.atLimit === "max_tokens") expect(stream.terminal).toMatchObject({ tokens_out: 4 });
  });

  if (expected.atLimit === "stop" && !expected.estimated) {
    test("an answer above the limit is reported as not as requested", async () => {
      const outcomes = await (await attach()).executeAll([request(4)]);

      expect(outcomes.map(({ status }) => status)).toEqual(["not-as-requested"]);
    });
  }

  const { stop } = expected;
  if (stop === undefined) {
    test("a stop sequence is ignored", async () => {
      const stream = await collectStream(await (await attach()).execute(request(60, { stop: [expected.text] })));

      expect(extractText(stream)).toContain(expected.text);
    });
  } else if (stop !== "unsupported") {
    test(`a stop sequence ends with \`${stop.reason}\``, async () => {
      const stream = await collectStream(await (await attach()).execute(request(60, { stop: [stop.sequence] })));

      assertStopReason(stream, stop.reason);
      expect(extractText(stream)).not.toContain(stop.sequence);
    });
  }

  test("four jobs at once, and a load run whose tokens agree", async () => {
    const worker = await attach();
    const limit = expected.atLimit === "stop" ? 60 : 6; // above the whole answer of a server that ignores it
    assertAllOk(await worker.executeAll(Array.from({ length: 4 }, () => request(limit))));
    const { records, tokenCheck } = await runLoad(worker, {
      profile: { kind: "concurrency", clients: 2 },
      requests: () => request(limit),
      stop: { count: LOAD_COUNT },
    });

    expect(records.map(({ status }) => status)).toEqual(Array(LOAD_COUNT).fill("ok"));
    if (tokenCheck.status === "compared") expect(tokenCheck.difference).toBe(0);
  });

  test("a client that cancels or disappears, and the server serves on", async () => {
    const worker = await attach();
    const cancelled = await cancelAfter(await worker.execute(long()), { tokens: 2 });
    const reset = await disconnectAfter(worker, long(), { tokens: 2, how: "reset" });

    assertCancelled(cancelled);
    expect(reset.tokens.length).toBeGreaterThanOrEqual(2);
    if (server.hasProbe) await waitForIdle(worker);
    else await expect(waitForIdle(worker, { timeoutMs: 500 })).rejects.toThrow();
    assertSuccessfulCompletion(await collectStream(await worker.execute(request(6))));
  });

  const { refusal } = expected;
  if (refusal === undefined) return;
  test(`a request that it refuses with ${refusal.status}`, async () => {
    const response = await (await attach()).execute({ ...request(6), ...refusal.fields });

    expect(response.status).toBe(refusal.status);
    expect(await response.text()).toContain(refusal.message);
  });
}
