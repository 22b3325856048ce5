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
  return { ...run, validity: { verdict: "invalid" as const, reasons } };
}

test("a report with every part keeps to the published schema", async () => {
  const document = JSON.parse(toJson(await sampleReport())) as unknown;

  validateStrictly(document);
  expect(validateStrictly.errors).toBeNull();
  expect(validate(document)).toBe(true);
});

test.each(["schemaVersion", "kind", "verdicts", "completeness"])("the schema wants `%s`", async (name) => {
  const document = JSON.parse(toJson(await sampleReport({ count: 20 }))) as Record<string, unknown>;
  const cut = Object.fromEntries(Object.entries(document).filter(([key]) => key !== name));

  expect(validate(cut)).toBe(false);
});

test("the schema refuses a record with a status that does not exist, and lets a new field pass", async () => {
  const document = JSON.parse(toJson(await sampleReport({ count: 20 }))) as {
    load: { records: Record<string, unknown>[] };
  };
  document.load.records[0]!["newField"] = 1;
  expect(validate(document)).toBe(true);

  document.load.records[0]!["status"] = "fine";
  expect(validate(document)).toBe(false);
});

test("a report survives the way through its file", async () => {
  const report = await sampleReport({ count: 50 });

  expect(parseRunReport(toJson(report))).toEqual(JSON.parse(JSON.stringify(report)));
});

test("a newer report is refused with the way out", async () => {
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
  ['{"kind":"run-report","schemaVersion":1}', "`title` is no text"],
  [
    '{"kind":"run-report","schemaVersion":1,"title":"x","createdAt":"","completeness":{},"verdicts":[1]}',
    "`verdicts` is no list",
  ],
  [
    '{"kind":"run-report","schemaVersion":1,"title":"x","createdAt":"","completeness":{},"verdicts":[],"verdict":"inconclusive","load":{"kind":"load-result","schemaVersion":1,"records":null}}',
    "`load.records` is no list",
  ],
  [
    '{"kind":"run-report","schemaVersion":1,"title":"x","createdAt":"","completeness":{},"verdicts":[],"verdict":"inconclusive","load":{"kind":"load-result","schemaVersion":1,"records":[],"clients":[]}}',
    "`load.latency` is missing",
  ],
  [
    '{"kind":"run-report","schemaVersion":1,"title":"x","createdAt":"","completeness":{},"verdict":"inconclusive","verdicts":[],"memory":3}',
    "`memory` is no object",
  ],
])("%j is no report: %s", (json, reason) => {
  expect(() => parseRunReport(json)).toThrow(
    expect.objectContaining({ code: "REPORT_INVALID", message: expect.stringContaining(reason) as string }),
  );
});

type Report = Record<string, unknown> & {
  verdicts: Record<string, unknown>[];
  load: Record<string, Record<string, unknown>>;
};

test.each<[string, (report: Report) => void]>([
  ["`createdAt` is no text", (report) => delete report["createdAt"]],
  ['`verdict` is "pass", but the worst', (report) => (report["verdict"] = "pass")],
  ["`verdicts[0]` is no verdict", ({ verdicts }) => (verdicts[0]!["status"] = "passed")],
  ["`verdicts[1]` is no verdict", ({ verdicts }) => delete verdicts[1]!["name"]],
  ["`load` is no result of this version", ({ load }) => (load["schemaVersion"] = 2 as never)],
  ["`load.clients` is no list", ({ load }) => delete load["clients"]],
  ["`load.counts.byStatus` is missing", ({ load }) => (load["counts"] = {})],
  ["`load.gapHistogram.data` is no text", ({ load }) => (load["gapHistogram"] = {})],
  ["`load.validity.reasons` is no list", ({ load }) => (load["validity"] = {})],
  ["`load.latency.ttft.percentiles` is no object", ({ load }) => (load["latency"]!["ttft"] = {})],
  ["`load.figures.goodput.value` is no number", ({ load }) => (load["figures"]!["goodput"] = { value: null })],
  ["`load.definitions.gap.definition` is no string", ({ load }) => delete load["definitions"]!["gap"]],
])("an edited report is no report: %s", async (reason, edit) => {
  const report = JSON.parse(toJson(await sampleReport({ count: 20 }))) as Report;
  edit(report);

  expect(() => parseRunReport(JSON.stringify(report))).toThrow(reason);
});

test.each<[string, object]>([
  ["`verdicts` to be a list of", { verdicts: [{ ...verdictOf("pass"), status: "failed" }] }],
  ["`verdicts` to be a list of", { verdicts: [{ ...verdictOf("pass"), message: undefined }] }],
  ["`verdicts` to be a list of", { verdicts: "pass" }],
  ["`load` to be one or more results", { load: {} }],
  ["`limits` to be a result of judgeLimits()", { limits: null }],
  ["`memory` to be a record", { memory: 3 }],
  ["`comparison.baseline` to be one or more results", { comparison: { outcome: { metrics: [] }, baseline: [] } }],
  ["`partialReason`", { partialReason: 3 }],
])("a part that is none is refused: Expected %s", (message, parts) => {
  expect(() => createRunReport(parts)).toThrow(message);
});

function verdictOf(status: "pass") {
  return { group: "own", name: "it", status, message: "", expected: null, actual: null };
}

test("a run that was cut before any request ended is no failure of the worker", async () => {
  const sample = await sampleRun({ count: 20 });
  const cutAt = (byStatus: typeof sample.counts.byStatus) => {
    const counts = { attempted: 20, byStatus };
    return createRunReport({ load: { ...sample, counts } }).verdicts.find(({ group }) => group === "requests");
  };

  expect(cutAt({ aborted: 20 })).toMatchObject({
    status: "invalid",
    message: "all 20 requests were cut by the client",
  });
  expect(cutAt({ aborted: 19, "worker-error": 1 })).toMatchObject({ status: "fail" });
  expect(cutAt({ aborted: 19, ok: 1 })).toMatchObject({ status: "pass" });
});

test("a run that keeps all limits passes", async () => {
  const load = await sampleRun({ failEvery: 0 });
  const report = createRunReport({ load, limits: judgeLimits(load, { errors: 0, ttft: { p50: 1000 } }) });

  expect(report.verdicts.map(({ status }) => status)).toEqual(["pass", "pass", "pass", "pass"]);
  expect(report.verdict).toBe("pass");
  expect(report.completeness).toEqual({ status: "complete" });
});

test("one missed limit fails", async () => {
  const load = await sampleRun();
  const report = createRunReport({ load, limits: judgeLimits(load, { errors: 0, ttft: { p50: 1000 } }) });

  expect(report.verdict).toBe("fail");
  expect(report.verdicts).toContainEqual({
    group: "limits",
    name: "errors",
    status: "fail",
    message: "errors at most 0 requests: got 12",
    expected: "at most 0 requests",
    actual: "12 requests",
  });
});

test("too few samples are no pass", async () => {
  const load = await sampleRun({ count: 40, failEvery: 0 });

  expect(createRunReport({ load, limits: judgeLimits(load, { ttft: { p95: 1000 } }) }).verdict).toBe(
    "not-enough-samples",
  );
});

test("the limits of an invalid run prove nothing, whether met or missed", async () => {
  const load = await invalidRun();
  const limits = { ...judgeLimits(load, { ttft: { p50: 1 }, errors: 0 }), validity: load.validity };
  const report = createRunReport({ load, limits });

  expect(report.verdict).toBe("invalid");
  expect(report.verdicts.filter(({ group }) => group === "limits").map(({ status }) => status)).toEqual([
    "invalid",
    "invalid",
  ]);
});

test("a run without one ok request fails, though no limit was set", async () => {
  const load = await sampleRun({ count: 20, failEvery: 1 });

  expect(createRunReport({ load }).verdict).toBe("fail");
});

test("a slower run fails against its baseline, another machine is not comparable", async () => {
  const [baseline, load] = [await sampleRun({ failEvery: 0, slowness: 0.5 }), await sampleRun({ failEvery: 0 })];
  const failed = createRunReport({ load, comparison: { outcome: compareRuns(baseline, load), baseline } });
  expect(failed.verdict).toBe("fail");
  expect(failed.comparison?.baseline.curves.ttft).toHaveLength(204);

  const other = { ...baseline, machine: { ...baseline.machine, cpu: "another" } };
  expect(createRunReport({ load, comparison: { outcome: compareRuns(other, load), baseline: other } }).verdict).toBe(
    "not-comparable",
  );
});

test("a leak fails, a healthy worker passes", () => {
  expect(createRunReport({ memory: sampleMemory() }).verdict).toBe("fail");
  expect(createRunReport({ memory: sampleMemory(0) }).verdict).toBe("pass");
});

test("a report in which nothing was judged proves nothing", () => {
  expect(createRunReport({}).verdict).toBe("inconclusive");
});

test("a partial run is marked with the reason", async () => {
  const load = await sampleRun({ status: "partial", ended: { by: "abort", message: "interrupted" } });
  const report = createRunReport({ load });

  expect(report.completeness).toEqual({ status: "partial", reason: "interrupted" });
  expect(report.verdict).toBe("invalid");
});

test("misspelt parts are refused", () => {
  expect(() => createRunReport({ lod: 1 } as object)).toThrow(/INVALID_OPTION.*got `lod`/);
});
