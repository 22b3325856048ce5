import { expect, test } from "vitest";
import { defineConformanceTests, type ConformanceTarget } from "../../src/conformance/index.js";
import { WorkerTestHarness } from "../../src/harness/index.js";

type Registered = Parameters<Parameters<typeof defineConformanceTests>[1]["test"]>;

/** A test runner that only registers. */
function register(target: ConformanceTarget, options: object) {
  const tests = new Map<string, Registered[1]>();
  let stop: (() => Promise<void>) | undefined;
  defineConformanceTests(target, {
    test: (name, run) => tests.set(name.split(":")[0]!, run),
    afterAll: (run) => (stop = run),
    ...options,
  });
  return { tests, stop: () => stop!() };
}

/** Starts a stub with a mutant, and counts how often. */
function stubWith(mutant: "length.one-too-many") {
  const started: WorkerTestHarness[] = [];
  const start = async (): Promise<WorkerTestHarness> => {
    const worker = await WorkerTestHarness.startMock({ stub: { mutants: [mutant] } });
    started.push(worker);
    return worker;
  };
  return { started, start };
}

test("a test per check: passes, fails with the evidence, is skipped with the reason; one server for all of them", async () => {
  const { started, start } = stubWith("length.one-too-many");
  const only = ["stream.content-type", "length.max-tokens-is-exact", "ready.lists-the-model-that-answers"];
  const { tests, stop } = register(start, { only });
  expect([...tests.keys()].sort()).toEqual([...only].sort());
  expect(started).toHaveLength(0);

  const skips: string[] = [];
  const context = { skip: (reason: string) => void skips.push(reason) };
  await tests.get("stream.content-type")!(context);
  expect(skips).toEqual([]);
  await tests.get("ready.lists-the-model-that-answers")!(context);
  expect(skips).toEqual(["needs `models`: the dialect has no list of models"]);
  await expect(tests.get("length.max-tokens-is-exact")!(context)).rejects.toMatchObject({
    code: "CONFORMANCE_FAILED",
    message: expect.stringMatching(/length\.max-tokens-is-exact failed\nexpected: .*\ngot: 18/) as string,
    details: { status: "fail", curl: expect.stringMatching(/^curl /) as string },
  });
  expect(started).toHaveLength(1);
  await stop();
  expect(started[0]!.exitInfo).toBeDefined();
});

test("a declared deviation is skipped, a runner without skip() passes what does not apply", async () => {
  const { start } = stubWith("length.one-too-many");
  const deviations = { "length.max-tokens-is-exact": { reason: "known" } };
  const { tests, stop } = register(start, { only: ["length.max-tokens-is-exact"], profile: { deviations } });
  const skips: string[] = [];
  await tests.get("length.max-tokens-is-exact")!({ skip: (reason: string) => void skips.push(reason) });
  expect(skips).toEqual(["declared deviation: known"]);
  await tests.get("length.max-tokens-is-exact")!(); // Jest
  await stop();
});

test("a server that does not start fails each test, and is not left behind", async () => {
  const { tests, stop } = register(() => Promise.reject(new Error("no such model")), { only: ["length"] });
  for (const run of tests.values()) await expect(run({})).rejects.toThrow("no such model");
  await stop();
});

test("a target that is not a server is refused at once", () => {
  expect(() => register({} as never, {})).toThrow("Expected `target` to be a harness, or a function that starts one");
  expect(() => register(() => Promise.reject(new Error("x")), { only: ["nothing"] })).toThrow("got `nothing`");
});
