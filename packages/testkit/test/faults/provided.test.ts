import { readFileSync } from "node:fs";
import { definitionOf, FAULT_IDS } from "worker-orcd-control";
import { expect, test } from "vitest";

const TESTS = ["fault-injection", "recovery", "host-faults"].map((name) =>
  readFileSync(new URL(`../../../../tests/${name}.integration.test.ts`, import.meta.url), "utf8"),
);
const ids = FAULT_IDS.filter((id) => ["harness", "host"].includes(definitionOf(id).provider));

test("there are faults of the process and of the host", () => {
  expect(ids).toEqual(["kill", "pause", "open-files-limit", "disk-full", "file-size-limit", "cpu-quota"]);
});

test.each(ids)("a test covers that %s fires and what is reported", (id) => {
  expect(TESTS.some((text) => new RegExp(`test\\("${id}: `).test(text))).toBe(true);
});
