import { describe, expect, test } from "vitest";
import { OPEN_GATE, StepGate } from "../../../src/engine/llama/step-gate.js";

const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Work that says when it was let in and ends when it is told to. */
function recorder(gate: StepGate) {
  const entered: string[] = [];
  const ends = new Map<string, () => void>();
  const ask = (name: string, tokenCount: number) =>
    gate.run(tokenCount, async () => {
      entered.push(name);
      await new Promise<void>((end) => ends.set(name, end));
      return name;
    });
  const end = async (...names: string[]) => {
    for (const name of names) ends.get(name)?.();
    await tick();
  };
  return { entered, ask, end };
}

describe("StepGate", () => {
  test("a step takes all pending token requests; later ones wait for its end", async () => {
    const { entered, ask, end } = recorder(new StepGate(64));
    const first = [ask("a", 1), ask("b", 1)];
    await tick();
    const late = ask("late", 1);
    await end("a");
    expect(entered).toEqual(["a", "b"]);
    await end("b");
    expect(entered).toEqual(["a", "b", "late"]);
    await end("late");
    expect(await Promise.all([...first, late])).toEqual(["a", "b", "late"]);
  });

  test("an immediate request joins the next step together with the job that ended last", async () => {
    const gate = new StepGate(64);
    const sizes: number[] = [];
    let inside = 0;
    const job = async (name: number) => {
      for (let step = 0; step < 5; step++) {
        await gate.run(1, async () => {
          inside++;
          await Promise.resolve();
          sizes.push(inside); // all of a step enter before the first goes on
          for (let i = 0; i <= name; i++) await tick();
          inside--;
        });
        await Promise.resolve();
      }
    };
    await Promise.all([job(0), job(1), job(2), job(3)]);
    expect(sizes).toEqual(Array.from({ length: 20 }, () => 4));
  });

  test("prompts share a budget in order of request, single tokens need none of it", async () => {
    const { entered, ask, end } = recorder(new StepGate(64));
    const all = [ask("p1", 60), ask("p2", 10), ask("p3", 4), ask("t1", 1), ask("t2", 1)];
    await tick();
    expect(entered).toEqual(["p1", "p3", "t1", "t2"]);
    all.push(ask("p4", 60));
    await end("p1", "p3", "t1", "t2");
    expect(entered.slice(4)).toEqual(["p2"]);
    await end("p2");
    expect(entered.slice(5)).toEqual(["p4"]);
    await end("p4");
    expect(await Promise.all(all)).toHaveLength(6);
  });

  test("a failure reaches only its own job, and the next step opens", async () => {
    const gate = new StepGate(64);
    const failing = gate.run(1, () => Promise.reject(new Error("planted")));
    const other = gate.run(1, () => Promise.resolve("fine"));
    await expect(failing).rejects.toThrow("planted");
    expect(await other).toBe("fine");
    expect(await gate.run(1, () => Promise.resolve("next"))).toBe("next");
  });
});

test("OPEN_GATE starts the work immediately", async () => {
  let started = false;
  const work = OPEN_GATE.run(1, () => {
    started = true;
    return Promise.resolve(7);
  });
  expect(started).toBe(true);
  expect(await work).toBe(7);
});
