import type { Health } from "inference-worker-protocol";
import { describe, expect, test } from "vitest";
import {
  checkGivenFacts,
  findDifferences,
  FINGERPRINT_FACTS,
  GIVEN_FACTS,
  takeFingerprint,
} from "../../src/load/machine.js";
import { describeMachine } from "../../src/system/index.js";

const health = { device: "GPU of the worker", model: "model of the worker" } as unknown as Health;
const given = { gpu: "H100", driver: "570", workerVersion: "1.2", model: "llama", modelHash: "abc", parallelism: 4 };
const unknown = { gpu: null, driver: null, workerVersion: null, model: null, modelHash: null, parallelism: null };

describe("the fingerprint", () => {
  test("has the facts of this machine, without the kernel release, which an update changes", () => {
    const { release: _release, ...machine } = describeMachine();

    expect(takeFingerprint(undefined, {})).toEqual({ ...machine, ...unknown });
  });

  test("has the device and the model of the worker's health", () => {
    expect(takeFingerprint(health, {})).toMatchObject({ gpu: "GPU of the worker", model: "model of the worker" });
  });

  test("has the parallel jobs of the worker's health", () => {
    const slots = { total: 3, busy: 0, queued: 0 };

    expect(takeFingerprint({ ...health, slots }, {}).parallelism).toBe(3);
  });

  test("has the facts of the caller, which take precedence", () => {
    expect(takeFingerprint(health, given)).toMatchObject(given);
  });

  test("consists of exactly the facts that are compared", () => {
    expect(Object.keys(takeFingerprint(undefined, {})).sort()).toEqual([...FINGERPRINT_FACTS].sort());
  });
});

describe("the facts of the caller", () => {
  test("are text and a count, or null where they are unknown", () => {
    expect(() => checkGivenFacts("machine", given)).not.toThrow();
    expect(() => checkGivenFacts("machine", unknown as never)).not.toThrow();
  });

  test.each(GIVEN_FACTS)("are rejected by name if `%s` has another type", (fact) => {
    expect(() => checkGivenFacts("machine", { [fact]: true })).toThrow(`\`machine.${fact}\``);
  });

  test("do not include what the framework finds out itself", () => {
    expect(() => checkGivenFacts("machine", { cpu: "x" } as never)).toThrow("got `cpu`");
  });
});

describe("two fingerprints", () => {
  const first = takeFingerprint(health, {});

  test("of the same machine do not differ", () => {
    expect(findDifferences(first, takeFingerprint(health, {}))).toEqual([]);
  });

  test.each(FINGERPRINT_FACTS)("differ in `%s`", (fact) => {
    const second = { ...first, [fact]: "another" };

    expect(findDifferences(first, second)).toEqual([fact]);
  });
});
