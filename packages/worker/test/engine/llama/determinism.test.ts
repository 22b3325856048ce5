import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../../src/engine/engine.js";
import { generateHex, loadLlama } from "../../support/llama.js";

const SLOTS = 4;
const job = { prompt: "The quick brown fox ".repeat(20), max_tokens: 150, temperature: 0.8, seed: 9n };
const others = [{ prompt: "x" }, { seed: 3n }, { prompt: "y ".repeat(700), max_tokens: 60 }];

const MODES = [
  { name: "one slot", options: { slots: 1 }, levels: ["repeat", "restart", "slot", "load"] },
  { name: "shared batches", options: { slots: SLOTS }, levels: ["repeat", "restart", "slot"] },
  {
    name: "batch-invariant",
    options: { slots: SLOTS, batchInvariant: true },
    levels: ["repeat", "restart", "slot", "load"],
  },
] as const;

/** What the job gives on an engine of its own. */
let alone = "";

beforeAll(async () => {
  const engine = await loadLlama();
  alone = await generateHex(engine, job);
  await engine.dispose();
});

/** Outputs of `job` with all slots busy, several rounds. */
async function underLoad(engine: Engine): Promise<string[]> {
  const outputs: string[] = [];
  for (let round = 0; round < 2; round++) {
    const jobs = [job, ...others, job].map((one) => generateHex(engine, { ...job, ...one }));
    const [first = "", , , , last = ""] = await Promise.all(jobs);
    outputs.push(first, last);
  }
  return outputs;
}

describe.each(MODES)("$name", ({ options, levels }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await loadLlama(options);
  });
  afterAll(() => engine.dispose());

  test("declares its levels", () => {
    expect([engine.info.determinism, engine.slots]).toEqual([levels, options.slots]);
  });

  test("restart: the same as on another engine", async () => {
    expect(await generateHex(engine, job)).toBe(alone);
  });

  test("repeat: whatever ran before", async () => {
    await generateHex(engine, { prompt: job.prompt.slice(0, -3), max_tokens: 10 });
    expect(await generateHex(engine, job)).toBe(alone);
    await underLoad(engine);
    expect(await generateHex(engine, job)).toBe(alone);
  });

  test("slot: the same on every slot", async () => {
    const outputs = new Set<string>();
    for (let slot = 0; slot < engine.slots; slot++) outputs.add(await generateHex(engine, job)); // slots take turns
    expect(outputs).toEqual(new Set([alone]));
  });

  if (levels.some((level) => level === "load")) {
    test("load: whatever else is running", async () => {
      expect(new Set(await underLoad(engine))).toEqual(new Set([alone]));
    });
  } else {
    test("load is neither guaranteed nor declared", async ({ skip }) => {
      const outputs = await underLoad(engine);
      const changed = outputs.filter((output) => output !== alone);
      skip(changed.length === 0, `none of ${outputs.length} outputs changed on this machine`);
      expect(changed.length).toBeGreaterThan(0);
    });
  }
});
