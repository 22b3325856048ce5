import { expect, test } from "vitest";
import { findMoments } from "../../src/evidence/model/moments.js";
import { readEvent } from "../../src/evidence/model/page-event.js";
import { findPhases, findStalls } from "../../src/evidence/model/phases.js";
import type { PageBundle, PageRequest } from "../../src/testkit.js";

const request = (more: Partial<PageRequest>): PageRequest => ({
  ...{ request: 1, jobId: "job-1", isJob: true, method: "POST", path: "/execute", headers: {}, body: null },
  ...{ sentAtMs: 100, response: null, events: [], bytes: [], answer: null, outcome: null, seed: null },
  ...{ status: "ok", summary: "complete", violation: null },
  ...more,
});
const token = (atMs: number, i: number) => readEvent([atMs, JSON.stringify({ type: "token", t: "x", i })]);
const started = readEvent([120, '{"type":"started"}']);
const ended = readEvent([170, '{"type":"end","stop_reason":"max_tokens","tokens_out":2}']);

test("the phases of a request follow each other, and those that were not reached are absent", () => {
  const events = [started, token(130, 0), token(160, 1), ended];
  const outcome = { status: "complete", atMs: 171, facts: "{}" };

  expect(findPhases(request({ outcome }), events).map(({ kind, fromMs, toMs }) => [kind, fromMs, toMs])).toEqual([
    ["queue", 100, 120],
    ["wait", 120, 130],
    ["tokens", 130, 160],
    ["tail", 160, 171],
  ]);
  expect(findPhases(request({ outcome }), []).map(({ kind }) => kind)).toEqual(["queue"]);
  expect(findPhases(request({}), [])).toEqual([]);
});

test("a stall is five times the median wait and at least 50 ms", () => {
  const at = (times: readonly number[]) => findStalls(times.map((atMs, i) => token(atMs, i)));

  expect(at([0, 1, 2, 3, 53])).toEqual([{ fromMs: 3, toMs: 53 }]);
  expect(at([0, 1, 2, 3, 52])).toEqual([]);
  expect(at([0, 20, 40, 60, 159])).toEqual([]);
  expect(at([0, 20, 40, 60, 160])).toEqual([{ fromMs: 60, toMs: 160 }]);
  expect(at([])).toEqual([]);
});

test("cancel calls and faults belong to the job that they name, others to the time in which it ran", () => {
  const line = (atMs: number, fault: string, jobId?: string) => {
    return { start: 1, stream: "stdout", atMs, text: JSON.stringify({ event: "fault_fired", fault, job_id: jobId }) };
  };
  const call = (number: number, path: string) =>
    request({ request: number, isJob: false, jobId: null, path, sentAtMs: 300 });
  const bundle = {
    exchanges: [request({}), call(2, "/cancel/job-1"), call(3, "/cancel/job-11"), call(4, "/health")],
    log: [
      line(150, "own", "job-1"),
      line(150, "foreign", "job-2"),
      line(150, "unnamed"),
      line(250, "later"),
      { ...line(0, ""), text: '"fault_fired" {' },
    ],
    faults: [
      { key: "own", firedAtMs: 151 },
      { key: "process", firedAtMs: 199 },
      { key: "before", firedAtMs: 50 },
      { key: "never" },
    ],
  } as unknown as PageBundle;

  expect(findMoments(bundle, bundle.exchanges[0]!, 200).map(({ label }) => label)).toEqual([
    "/cancel/job-1 (request 2)",
    "own fired",
    "unnamed fired",
    "process fired",
  ]);
});
