import { afterAll, describe, expect, test } from "vitest";
import { FINDINGS } from "../packages/testkit/src/findings/index.js";
import { TESTKIT_ERRORS } from "../packages/testkit/src/errors/index.js";
import { JOB_STATUSES } from "../packages/testkit/src/jobs/job-outcome.js";
import { expectHealthy } from "./healthy/use-worker.js";
import { HEALTHY, healthyOptions } from "./healthy/workers.js";
import { AREAS } from "./mistakes/catalogue/index.mjs";
import { Programs } from "./mistakes/programs.js";
import { runMistake } from "./mistakes/run-mistake.js";
import { MISTAKES } from "./mistakes/worker/mistakes.mjs";

const programs = new Programs();
afterAll(() => programs.remove());

const ALL = AREAS.flatMap(({ mistakes }) => mistakes);
/** Changes what is sampled; `npm run test:matrix` runs everything. */
const SEED = 7;
/** Those that need no other language, and no time-out to pass. */
const QUICK = ALL.filter(({ language, found, start, user }) => {
  return language === undefined && found !== undefined && start === undefined && user === "runs a job";
});

/** Spread over the catalogue, by the seed. */
const SAMPLE = [0.1, 0.4, 0.7].map((share) => QUICK[(Math.floor(share * QUICK.length) + SEED) % QUICK.length]!);

describe("the catalogue of mistakes", () => {
  test("has at least 75, each with a worker of its own, and found or not findable", () => {
    expect(ALL.length).toBeGreaterThanOrEqual(75);
    expect(new Set(ALL.map(({ id }) => id)).size).toBe(ALL.length);
    for (const { id, language, found, notFindable } of ALL) {
      if (language === undefined) expect(Object.hasOwn(MISTAKES, id), id).toBe(true);
      expect([found, notFindable].filter((one) => one !== undefined)).toHaveLength(1);
    }
    const own = Object.keys(MISTAKES).filter((id) => !ALL.some((mistake) => mistake.id === id));
    expect(own).toEqual([]);
  });

  test("names only codes and statuses that exist, and every finding", () => {
    const codes: readonly string[] = [...Object.keys(FINDINGS), ...Object.keys(TESTKIT_ERRORS), ...JOB_STATUSES];
    const found = ALL.flatMap(({ found: code }) => code?.split(": ")[0] ?? []);
    expect(found.filter((code) => !codes.includes(code))).toEqual([]);
    // A process that ends with an error is the error PROCESS_DIED itself.
    expect(Object.keys(FINDINGS).filter((code) => !found.includes(code))).toEqual(["EXIT_FAILED"]);
  });
});

describe("a test that runs a job", () => {
  test.concurrent.each(SAMPLE)("finds: $wrong ($found)", async (mistake) => {
    expect(await runMistake(mistake, programs)).toContain(mistake.found);
  });

  test("does not accuse a healthy worker", async () => {
    await expectHealthy(await healthyOptions(HEALTHY[0]!, programs));
  });
});
