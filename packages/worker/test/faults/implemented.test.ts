import { definitionOf, FAULT_IDS } from "worker-orcd-control";
import { expect, test } from "vitest";
import { HEALTH_FAULTS } from "../../src/faults/health-faults.js";
import { START_FAULTS } from "../../src/faults/start-faults.js";
import { JOB_FAULTS } from "../../src/faults/stub-control.js";

const ofStub = FAULT_IDS.filter((id) => definitionOf(id).provider === "stub");
const implemented: readonly string[] = [...JOB_FAULTS, ...HEALTH_FAULTS, ...START_FAULTS];

test.each(ofStub)("the stub fault %s of the catalogue is implemented in one place", (id) => {
  expect(implemented.filter((each) => each === id)).toEqual([id]);
});

test.each(HEALTH_FAULTS)("%s has no other group than health", (id) => {
  expect(definitionOf(id).group).toBe("health");
});

test.each(START_FAULTS)("%s can only be set at the start", (id) => {
  expect(definitionOf(id).startOnly).toBe(true);
});
