import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { compareRuns, judgeLimits } from "../../src/load/index.js";
import { createRunReport, parseRunReport, toJson } from "../../src/report/index.js";
import { sampleMemory, sampleReport, sampleRun } from "./sample-run.js";

const schema = JSON.parse(
  readFileSync(new URL("../../schema/run-report.schema.json", import.meta.url), "utf8"),
) as object;
const ajv = new Ajv({ allErrors: true });
const validate = ajv.compile(schema);
/** The published schema lets new fields pass; here there must be none that it does not know. */
const validateStrictly = ajv.compile(closeObjects(schema) as object);

function closeObjects(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closeObjects);
  if (typeof value !== "object" || value === null) return value;
  const closed = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, closeObjects(part)]));
  return "properties" in closed && !("additionalProperties" in closed)
    ? { ...closed, additionalProperties: false }
    : closed;
}

async function invalidRun() {
  const run = await sampleRun({ count: 100, failEvery: 0 });
  const reasons = [
    { code: "client-delay" as const, value: 25, limit: 10, message: "the client sent its requests 25.0 ms late" },
  ];
  return { ...run, validity: { status: "invalid" as const, reasons } };
}

test("a report with every part matches the published schema", async () => {
  const document = JSON.parse(toJson(await sampleReport())) as unknown;

  validateStrictly(document);
  expect(validateStrictly.errors).toBeNull();
  expect(validate(document)).toBe(true);
});

test.each(["schemaVersion", "kind", "verdicts", "completeness"])("the schema requires `%s`", async (name) => {
  const document = JSON.parse(toJson(await sampleReport({ count: 20 }))) as Record<string, unknown>;
  const cut = Object.fromEntries(Object.entries(document).filter(([key]) => key !== name));

  expect(validate(cut)).toBe(false);
});

test("the schema rejects a record with an unknown status, and accepts a new field", async () => {
  const document = JSON.parse(toJson(await sampleReport({ count: 20 }))) as {
    load: { records: Record<string, unknown>[] };
  };
  document.load.records[0]!["newField"] = 1;
  expect(validate(document)).toBe(true);

  document.load.records[0]!["status"] = "fine";
  expect(validate(document)).toBe(false);
});

test("a report survives the round trip through its file", async () => {
  const report = await sampleReport({ count: 50 });

  expect(parseRunReport(toJson(report))).toEqual(JSON.parse(JSON.stringify(report)));
});

test("a newer report is rejected with a solution", async () => {
  const json = toJson({ ...(await sampleReport({ count: 20 })), schemaVersion: 2 as 1 });

  expect(() => parseRunReport(json)).toThrowErrorMatchingInlineSnapshot(`
    [ReportInvalidError: [REPORT_INVALID] The report has schemaVersion 2, this release reads up to 1
    hint: Update inference-testkit to the release that wrote the report, or a newer one.]
  `);
});

test.each([
  ["", "is not JSON"],
  ["[]", "got []"],
  ["null", "got null"],
  ['{"kind":"load-result"}', 'got "load-result"'],
  ['{"kind":"run-report"}', "expected `schemaVersion`"],
  ['{"kind":"run-report","schemaVersion":1}', "`title` is missing"],
])("%j is not a report: %s", (json, reason) => {
  expect(() => parseRunReport(json)).toThrow(
    expect.objectContaining({ code: "REPORT_INVALID", message: expect.stringContaining(reason) as string }),
  );
});

type Report = Record<string, unknown> & {
  verdicts: Record<string, unknown>[];
  load: Record<string, Record<string, unknown>>;
  comparison: Record<string, Record<string, unknown>>;
};

test.each<[string, (report: Report) => void]>([
  ["`createdAt` is missing", (report) => delete report["createdAt"]],
  ["`createdAt` is not a string", (report) => (report["createdAt"] = 0)],
  ["`completeness` has none of the forms", (report) => (report["completeness"] = {})],
  ["`verdicts` is not an array", (report) => (report["verdicts"] = {} as never)],
  ["`verdicts[0]` is not an object", (report) => (report["verdicts"] = [1] as never)],
  ['`status` is "pass", but the worst', (report) => (report["status"] = "pass")],
  ["`verdicts[0].status` is not one of pass, fail,", ({ verdicts }) => (verdicts[0]!["status"] = "passed")],
  ["`verdicts[1].name` is missing", ({ verdicts }) => delete verdicts[1]!["name"]],
  ["`memory` is not an object", (report) => (report["memory"] = 3)],
  ["`load.schemaVersion` is not 1", ({ load }) => (load["schemaVersion"] = 2 as never)],
  ["`load.records` is not an array", ({ load }) => (load["records"] = null as never)],
  ["`load.latency` is missing", ({ load }) => delete load["latency"]],
  ["`comparison.outcome.notes` is missing", ({ comparison }) => delete comparison["outcome"]!["notes"]],
  [
    "`comparison.baseline.figures.goodput.value` is not a number",
    ({ comparison }) => ((comparison["baseline"]!["figures"] as Report["load"])["goodput"]!["value"] = "1"),
  ],
  [
    "`comparison.baseline.latency.ttft.percentiles` is missing",
    ({ comparison }) => delete (comparison["baseline"]!["latency"] as Report["load"])["ttft"]!["percentiles"],
  ],
  ["`load.clients` is missing", ({ load }) => delete load["clients"]],
  ["`load.counts.byStatus` is missing", ({ load }) => (load["counts"] = { attempted: 20 })],
  ["`load.itlHistogram.data` is missing", ({ load }) => delete load["itlHistogram"]!["data"]],
  ["`load.validity.reasons` is missing", ({ load }) => (load["validity"] = { status: "valid" })],
  [
    "`load.latency.ttft.percentiles` is not an object",
    ({ load }) => ((load["latency"] as Report["load"])["ttft"]!["percentiles"] = 1),
  ],
  [
    "`load.figures.goodput.value` is not a number",
    ({ load }) => ((load["figures"] as Report["load"])["goodput"]!["value"] = null),
  ],
  ["`load.definitions.itl` is missing", ({ load }) => delete load["definitions"]!["itl"]],
])("an edited report is rejected: %s", async (reason, edit) => {
  const report = JSON.parse(toJson(await sampleReport({ count: 20 }))) as Report;
  edit(report);

  expect(() => parseRunReport(JSON.stringify(report))).toThrow(reason);
});

test.each<[string, object]>([
  ['`verdicts[0].status` to be "fail", "invalid"', { verdicts: [{ ...verdictOf("pass"), status: "failed" }] }],
  ["`verdicts[0].message` to be a string", { verdicts: [{ ...verdictOf("pass"), message: undefined }] }],
  ["`verdicts[1].actual` to be a string", { verdicts: [verdictOf("pass"), { ...verdictOf("pass"), actual: 3 }] }],
  ["`verdicts[0]` to have options among group, name", { verdicts: [{ ...verdictOf("pass"), text: "" }] }],
  ["`verdicts` to be a list of", { verdicts: "pass" }],
  ["`title` to be a string that is not empty", { title: "" }],
  ["`load` to be one or more results", { load: {} }],
  ["`limits` to be a result of judgeLimits()", { limits: null }],
  ["`memory` to be a record", { memory: 3 }],
  ["`comparison.baseline` to be one or more results", { comparison: { outcome: { metrics: [] }, baseline: [] } }],
  ["`comparison.outcome` to be a result of compareRuns()", { comparison: { baseline: [] } }],
  ["`comparison` to have options among outcome, baseline", { comparison: { outcome: { metrics: [] }, baselines: [] } }],
  ["`worker` to be an object", { worker: 3 }],
  ["`worker.pid` to be a whole number of at least 1", { worker: { pid: "12" } }],
  ["did you mean `workerId`?", { worker: { workerid: "a" } }],
  ["`partialReason`", { partialReason: 3 }],
])("an invalid part is rejected: Expected %s", (message, parts) => {
  expect(() => createRunReport(parts)).toThrow(message);
});

function verdictOf(status: "pass") {
  return { group: "own", name: "it", status, message: "", expected: null, actual: null };
}

test("a run that was cut short before any request ended is not a failure of the worker", async () => {
  const sample = await sampleRun({ count: 20 });
  const cutAt = (byStatus: typeof sample.counts.byStatus) => {
    const counts = { attempted: 20, byStatus };
    return createRunReport({ load: { ...sample, counts } }).verdicts.find(({ group }) => group === "requests");
  };

  expect(cutAt({ aborted: 20 })).toMatchObject({
    status: "invalid",
    message: "the client cut all 20 requests",
  });
  expect(cutAt({ aborted: 19, "worker-error": 1 })).toMatchObject({ status: "fail" });
  expect(cutAt({ aborted: 19, ok: 1 })).toMatchObject({ status: "pass" });
});

test("a run that meets all limits passes", async () => {
  const load = await sampleRun({ failEvery: 0 });
  const report = createRunReport({ load, limits: judgeLimits(load, { errors: 0, ttft: { p50: 1000 } }) });

  expect(report.verdicts.map(({ status }) => status)).toEqual(["pass", "pass", "pass", "pass"]);
  expect(report.status).toBe("pass");
  expect(report.completeness).toEqual({ status: "complete" });
});

test("one missed limit fails", async () => {
  const load = await sampleRun();
  const report = createRunReport({ load, limits: judgeLimits(load, { errors: 0, ttft: { p50: 1000 } }) });

  expect(report.status).toBe("fail");
  expect(report.verdicts).toContainEqual({
    group: "limits",
    name: "errors",
    status: "fail",
    message: "errors at most 0 requests: got 12",
    expected: "at most 0 requests",
    actual: "12 requests",
    figure: {
      label: "errors",
      metric: "errors",
      statistic: "value",
      unit: "requests",
      value: 12,
      against: "at most",
      bound: 0,
    },
  });
});

test("too few samples are not a pass", async () => {
  const load = await sampleRun({ count: 40, failEvery: 0 });

  expect(createRunReport({ load, limits: judgeLimits(load, { ttft: { p95: 1000 } }) }).status).toBe(
    "not-enough-samples",
  );
});

test("the limits of an invalid run prove nothing, whether met or missed", async () => {
  const load = await invalidRun();
  const limits = { ...judgeLimits(load, { ttft: { p50: 1 }, errors: 0 }), validity: load.validity };
  const report = createRunReport({ load, limits });

  expect(report.status).toBe("invalid");
  expect(report.verdicts.filter(({ group }) => group === "limits").map(({ status }) => status)).toEqual([
    "invalid",
    "invalid",
  ]);
});

test("a run without one ok request fails even without a limit", async () => {
  const load = await sampleRun({ count: 20, failEvery: 1 });

  expect(createRunReport({ load }).status).toBe("fail");
});

test("a slower run fails against its baseline, a different machine is not comparable", async () => {
  const [baseline, load] = [await sampleRun({ failEvery: 0, slowness: 0.5 }), await sampleRun({ failEvery: 0 })];
  const five = (run: typeof load) => Array<typeof load>(5).fill(run);
  const failed = createRunReport({ load, comparison: { outcome: compareRuns(five(baseline), five(load)), baseline } });
  expect(failed.status).toBe("fail");
  expect(failed.comparison?.baseline.curves.ttft).toHaveLength(204);

  const other = { ...baseline, machine: { ...baseline.machine, cpu: "another" } };
  expect(createRunReport({ load, comparison: { outcome: compareRuns(other, load), baseline: other } }).status).toBe(
    "not-comparable",
  );
});

test("a leak fails, a healthy worker passes", () => {
  expect(createRunReport({ memory: sampleMemory() }).status).toBe("fail");
  expect(createRunReport({ memory: sampleMemory(0) }).status).toBe("pass");
});

test("a report in which nothing was judged proves nothing", () => {
  expect(createRunReport({}).status).toBe("inconclusive");
});

test("a partial run is marked with the reason", async () => {
  const load = await sampleRun({ status: "partial", ended: { by: "abort", message: "interrupted" } });
  const report = createRunReport({ load });

  expect(report.completeness).toEqual({ status: "partial", reason: "interrupted" });
  expect(report.status).toBe("invalid");
});

test("misspelled parts are rejected", () => {
  expect(() => createRunReport({ lod: 1 } as object)).toThrow(/INVALID_OPTION.*got `lod`/);
});

test("the facts of the worker can be taken from a harness, which has other properties too", () => {
  class Harness {
    readonly faults = {};
    readonly workerId = "worker-1";
    get pid(): number {
      return 12;
    }
  }

  expect(createRunReport({ worker: new Harness() }).worker).toEqual({
    workerId: "worker-1",
    baseUrl: null,
    command: null,
    pid: 12,
    readyAfterMs: null,
  });
});

test("a verdict of your own needs neither `expected` nor `actual`", () => {
  const [verdict] = createRunReport({ verdicts: [{ group: "mine", name: "a", status: "pass", message: "" }] }).verdicts;

  expect(verdict).toMatchObject({ expected: null, actual: null });
});
