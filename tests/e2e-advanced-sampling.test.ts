import { beforeAll, expect, test } from "vitest";
import type { ExecuteRequest } from "inference-testkit";
import { describeEngines, useWorker } from "./support/engines.js";
import { complete, type Completed } from "./support/jobs.js";

type Sampling = Partial<ExecuteRequest>;

/** Every filter off, so that one parameter at a time can be switched on. */
const OPEN: Sampling = { temperature: 1, seed: 2n, max_tokens: 40 };
const SEEDS = Array.from({ length: 12 }, (_, index) => BigInt(index) * 1_000_003n);

describeEngines((engine) => {
  const worker = useWorker(() => engine.start());
  const run = (sampling: Sampling) => complete(worker(), { ...OPEN, ...sampling });
  const textOf = async (sampling: Sampling) => (await run(sampling)).text;
  /** The different outputs of many seeds. */
  const textsOf = async (sampling: Sampling) => {
    const texts = new Set<string>();
    for (const seed of SEEDS) texts.add(await textOf({ ...sampling, seed }));
    return texts;
  };
  let open: Completed;

  beforeAll(async () => {
    open = await run({});
  });

  test("temperature 0 is greedy: every seed gives the same text", async () => {
    expect((await textsOf({ temperature: 0 })).size).toBe(1);
  });

  test.each([{ top_k: 1 }, { top_p: 0 }, { min_p: 1 }])(
    "%o leaves one candidate, so it is greedy too",
    async (only) => {
      const greedy = await textOf({ temperature: 0 });

      for (const seed of SEEDS.slice(0, 3)) expect(await textOf({ ...only, seed })).toBe(greedy);
      expect(open.text).not.toBe(greedy);
    },
  );

  test.each([
    { temperature: 0.2 },
    { temperature: 2 },
    { top_p: 0.3 },
    { top_k: 3 },
    { min_p: 0.4 },
    { repetition_penalty: 2 },
    { repetition_penalty: 0.3 },
    { seed: 3n },
  ])("%o changes the generated text", async (changed) => {
    expect(await textOf(changed)).not.toBe(open.text);
  });

  test("values that disable a parameter are the defaults", async () => {
    const off = { top_p: 1, top_k: 0, min_p: 0, repetition_penalty: 1 };
    const absent = { top_p: undefined, top_k: undefined, min_p: undefined, repetition_penalty: undefined };

    expect(await textOf(off)).toBe(open.text);
    expect(await textOf({ ...absent, temperature: undefined })).toBe(open.text);
  });

  test("a top_k of the whole vocabulary and any larger one are the same", async () => {
    const { vocab_size } = await worker().health();

    expect(await textOf({ top_k: 2 ** 31 - 1 })).toBe(await textOf({ top_k: vocab_size }));
  });

  test("top_k bounds how many different first tokens there are", async () => {
    const one = { max_tokens: 1, temperature: 2 };

    expect((await textsOf({ ...one, top_k: 1 })).size).toBe(1);
    expect((await textsOf({ ...one, top_k: 2 })).size).toBeLessThanOrEqual(2);
    expect((await textsOf(one)).size).toBeGreaterThan(2);
  });

  test("a tighter top_p and a tighter min_p leave fewer different first tokens", async () => {
    const one = { max_tokens: 1, temperature: 2 };
    const all = (await textsOf(one)).size;

    expect((await textsOf({ ...one, top_p: 0.05 })).size).toBeLessThan(all);
    expect((await textsOf({ ...one, min_p: 0.9 })).size).toBeLessThan(all);
  });

  test("a lower temperature leaves fewer different outputs", async () => {
    const few = { max_tokens: 2 };

    expect((await textsOf({ ...few, temperature: 0.01 })).size).toBeLessThan(
      (await textsOf({ ...few, temperature: 2 })).size,
    );
  });

  test("a repetition penalty above 1 makes repetitions rarer, below 1 more frequent", async () => {
    const repeated = async (repetition_penalty: number) => {
      const { tokens } = await run({ temperature: 0, max_tokens: 60, repetition_penalty });
      return 1 - new Set(tokens).size / tokens.length;
    };
    const [rare, usual, frequent] = [await repeated(1.8), await repeated(1), await repeated(0.5)];

    expect(rare).toBeLessThan(usual);
    expect(frequent).toBeGreaterThan(usual);
  });

  test("the same seed gives the same text, other seeds give others", async () => {
    expect(await textOf({})).toBe(open.text);
    expect((await textsOf({})).size).toBe(SEEDS.length);
  });

  test("all 64 bits of the seed count", async () => {
    const seeds = [2n, 2n + 2n ** 32n, 2n + 2n ** 63n, 2n + 2n ** 53n, 2n ** 64n - 1n, 2n ** 32n - 1n];
    const texts = new Set<string>();
    for (const seed of seeds) texts.add(await textOf({ seed }));

    expect(texts.size).toBe(seeds.length);
  });

  test("the highest seed is reported exactly, and repeats its text", async () => {
    const first = await run({ seed: 18_446_744_073_709_551_615n });
    const second = await run({ seed: 18_446_744_073_709_551_615n });

    expect(first.events[0]).toMatchObject({ type: "started", seed: 18_446_744_073_709_551_615n });
    expect(second.text).toBe(first.text);
  });

  test("all parameters together work, and repeat", async () => {
    const all = { temperature: 0.8, top_p: 0.9, top_k: 40, min_p: 0.02, repetition_penalty: 1.1, seed: 77n };

    expect(await textOf(all)).toBe(await textOf(all));
    expect(await textOf(all)).not.toBe(open.text);
  });

  test.each([
    { temperature: 0.000_001 },
    { temperature: 2, top_p: 0.000_001 },
    { repetition_penalty: 0.000_001 },
    { temperature: 0.000_001, repetition_penalty: 0.000_001 },
    { temperature: 5e-324, min_p: 5e-324, repetition_penalty: 5e-324 },
  ])("%o at the edge of the ranges still completes, and repeats", async (edge) => {
    const { text, end } = await run({ ...edge, max_tokens: 10 });

    expect(end.tokens_out).toBeGreaterThan(0);
    expect(await textOf({ ...edge, max_tokens: 10 })).toBe(text);
  });
});
