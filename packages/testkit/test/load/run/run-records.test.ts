import { expect, test } from "vitest";
import type { RequestRecord } from "../../../src/load/index.js";
import { splitRecords } from "../../../src/load/run/join-phases.js";
import { RunRecords } from "../../../src/load/run/run-records.js";
import { makeRecord } from "../results.js";

const SWEEP = { kind: "concurrency-sweep", clients: [1, 2] } as const;

/** What the caller of a run is handed, phase by phase. */
function passOn(phases: readonly (readonly RequestRecord[])[], isSweep: boolean): RequestRecord[] {
  const passed: RequestRecord[] = [];
  const records = new RunRecords({ report: () => undefined, record: (record) => passed.push(record) }, isSweep);
  for (const [step, phase] of phases.entries()) {
    records.begin(step);
    for (const record of phase) records.observer.record(record);
  }
  return passed;
}

test("the records of later phases follow those of earlier ones, and can be told apart again", () => {
  const phases = [
    [makeRecord(1), makeRecord(0)],
    [makeRecord(0), makeRecord(1)],
  ];

  const passed = passOn(phases, true);

  expect(passed.map(({ index, stage, schedMs, closeMs }) => [index, stage, schedMs, closeMs])).toEqual([
    [1, 0, 10, 261],
    [0, 0, 0, 251],
    [2, 1, 261, 512],
    [3, 1, 271, 522],
  ]);
  const times = splitRecords(passed, SWEEP).map(({ records }) => records.map(({ schedMs }) => schedMs));
  expect(times).toEqual([
    [10, 0],
    [0, 10],
  ]);
});

test("a run of one phase has its records as they are; the turns of a conversation get numbers of their own", () => {
  const record = makeRecord(7);
  const turns = [0, 1].map((turn) => makeRecord(0, { turn }));

  expect(passOn([[record]], false)).toEqual([record]);
  expect(passOn([turns], false).map(({ index }) => index)).toEqual([0, 1]);
  expect(splitRecords([record], { kind: "serial" })).toEqual([{ step: 0, records: [record] }]);
});
