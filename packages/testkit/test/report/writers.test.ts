import { expect, test } from "vitest";
import { createRunReport, toCsv, toJson, toJsonLines, toJUnit, toMarkdown } from "../../src/report/index.js";
import { compareRuns } from "../../src/load/index.js";
import { HOSTILE_TEXTS } from "./hostile.js";
import { sampleReport, sampleRun } from "./sample-run.js";

/** As RFC 4180 says: quoted fields may hold anything, doubled quotes are one. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    if (end === "\r\n") rows.push([]);
  }
  expect(rows.pop()).toEqual([]);
  return rows;
}

const hostile = {
  count: 64,
  failEvery: 2,
  messages: HOSTILE_TEXTS,
  jobId: (index: number) => HOSTILE_TEXTS[index % HOSTILE_TEXTS.length]!,
};

test("run.json is the report, unchanged", async () => {
  const report = await sampleReport(hostile);

  expect(JSON.parse(toJson(report))).toEqual(JSON.parse(JSON.stringify(report)));
});

test("run.json has each request on its own line", async () => {
  const lines = toJson(await sampleReport({ count: 30 })).split("\n");

  expect(lines.filter((line) => line.trimStart().startsWith('{"index":'))).toHaveLength(30);
});

test("requests.jsonl has one line per request, whatever the texts contain", async () => {
  const { records } = await sampleRun(hostile);
  const text = toJsonLines(records);

  expect(text).not.toMatch(/[\u2028\u2029]/);
  expect(text.endsWith("\n")).toBe(true);
  expect(
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual(JSON.parse(JSON.stringify(records)));
});

test("requests.jsonl of a run without requests is empty", () => {
  expect(toJsonLines([])).toBe("");
});

test("requests.csv has one row per request, with its times and metrics", async () => {
  const { records } = await sampleRun({ count: 40, failEvery: 20 });
  const [head, ...rows] = parseCsv(toCsv(records));
  const cell = (row: number, name: string) => rows[row]![head!.indexOf(name)];

  expect(rows).toHaveLength(40);
  expect(rows.every((row) => row.length === head!.length)).toBe(true);
  expect(cell(3, "index")).toBe("3");
  expect(Number(cell(3, "ttft (ms)"))).toBeCloseTo(records[3]!.firstMs! - records[3]!.sendMs, 3);
  expect(cell(19, "status")).toBe("http-error");
  expect(cell(19, "httpStatus")).toBe("503");
  expect(cell(19, "ttft (ms)")).toBe("");
});

test("requests.csv escapes control characters of hostile texts, and no cell is a formula", async () => {
  const { records } = await sampleRun(hostile);
  const [head, ...rows] = parseCsv(toCsv(records));
  const messages = rows.map((row) => row[head!.indexOf("message")]!);

  for (const row of rows)
    for (const name of ["jobId", "message"]) expect(row[head!.indexOf(name)]).not.toMatch(/^\s*[=+\-@|]/);
  expect(messages[HOSTILE_TEXTS.indexOf("$& $1 $` $' $$") * 2 + 1]).toBe("$& $1 $` $' $$");
  expect(messages).toContain('quote " comma , new\\r\\nline');
  expect(messages).toContain("'+1+1");
  expect(rows).toHaveLength(64);
});

test("numbers in requests.csv are not escaped: a negative one stays a number", async () => {
  const { records } = await sampleRun({ count: 1, failEvery: 0 });
  const early = { ...records[0]!, sendMs: -0.5 };

  expect(toCsv([early])).toContain(",-0.5,");
});

test("junit.xml has a test case per verdict: failures fail, and inconclusive results are errors", async () => {
  const report = await sampleReport({ count: 100 });
  const xml = toJUnit(report);
  const of = (status: string) => report.verdicts.filter((verdict) => verdict.status === status).length;

  expect(xml.match(/<testcase /g)).toHaveLength(report.verdicts.length);
  expect(xml.match(/<failure /g)).toHaveLength(of("fail"));
  expect(of("fail")).toBeGreaterThan(0);
  expect(of("not-enough-samples")).toBeGreaterThan(0);
  expect(xml.match(/<error /g)).toHaveLength(report.verdicts.length - of("fail") - of("pass"));
  expect(xml).toContain('<error type="not-enough-samples" message="ttft p95 at most 150 ms: not enough samples');
  expect(xml).toContain("1 × http-error HTTP 503 QUEUE_FULL");
});

test("a case of junit.xml has the measured value, also if it passes, and the class of its run and group", async () => {
  const xml = toJUnit(await sampleReport({ count: 300 }, { title: "nightly. llama" }));
  const [, passed = ""] = /(<testcase [^>]*name="ttft p50".*?<\/testcase>)/s.exec(xml) ?? [];

  expect(passed).toContain('classname="inference-testkit.nightly  llama.limits"');
  expect(passed).toMatch(/<property name="value" value="\d+(\.\d+)?"\/>/);
  expect(passed).toContain('<property name="at-most" value="100"/>');
  expect(passed).toMatch(/<system-out>.*\nexpected: at most 100 ms\ngot: [\d.]+ ms<\/system-out>/);
  expect(toJUnit(await sampleReport({ count: 20 }, { title: "Run of 2026-01-02 03:04:05" }))).toContain(
    'classname="inference-testkit.limits"',
  );
});

test("junit.xml has only XML 1.0 characters, and no text becomes markup", async () => {
  const verdicts = HOSTILE_TEXTS.map((text) => ({
    group: text,
    name: text,
    status: "fail" as const,
    message: text,
    expected: text,
    actual: text,
  }));
  const xml = toJUnit(await sampleReport(hostile, { title: HOSTILE_TEXTS.join(""), verdicts }));

  expect(xml).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
  expect(xml.isWellFormed()).toBe(true);
  expect(
    xml.match(/<(?!\/?(?:testsuites?|testcase|properties|property|failure|error|system-out)[ />])(?!\?xml )/g),
  ).toBeNull();
  expect(xml).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/);
  expect(xml).not.toContain("]]>");
});

test("summary.md has the verdict, the figures and their definitions", async () => {
  const text = toMarkdown(await sampleReport());

  expect(text).toMatch(/^## ❌ FAIL: TTFT p95 \d+ ms \\\(limit 150\\\) · .*QUEUE.*\n\nSample run\n/);
  const [shown, folded] = text.split("<details>");
  expect(shown).not.toContain("✅");
  expect(folded).toMatch(/\| ✅ pass \| limits \| ttft p50 \| at most 100 ms \|/);
  expect(text).toContain("| time per output token | 288 |");
  expect(text).toContain("needs 662");
  expect(text).toMatch(/- \*\*goodput\*\*: requests that are ok and meet the SLO/);
});

test("summary.md marks a partial result", async () => {
  const report = await sampleReport({ status: "partial", ended: { by: "abort", message: "interrupted" } });

  expect(toMarkdown(report)).toContain("**Partial result:** interrupted");
});

test("no text of the report is markup in summary.md", async () => {
  const verdicts = HOSTILE_TEXTS.map((text) => ({
    group: "own",
    name: text,
    status: "fail" as const,
    message: text,
    expected: null,
    actual: text,
  }));
  const text = toMarkdown(await sampleReport(hostile, { title: HOSTILE_TEXTS.join(" "), verdicts }));

  expect(text.replaceAll(/<\/?(?:details|summary)>|<!-- -->/g, "")).not.toMatch(/[<>]/);
  expect(text).not.toMatch(/(?<!\\)\]\(/);
  expect(text).not.toMatch(/@someone/);
  expect(text).not.toMatch(/^# heading/m);
  const rows = text.split("\n").filter((line) => line.startsWith("| ❌ fail | own"));
  expect(rows).toHaveLength(HOSTILE_TEXTS.length);
  for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(7);
});

test("a summary.md that is too long is truncated at the end of a line, with a note", async () => {
  const report = await sampleReport();
  const whole = toMarkdown(report);
  const text = toMarkdown(report, { limitBytes: 2_000 });

  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2_000);
  expect(text).toContain("**This summary was cut here");
  expect(whole).not.toContain("was cut here");
  const kept = text.slice(0, text.indexOf("\n\n**This summary"));
  expect(whole.startsWith(`${kept}\n`)).toBe(true);
});

test("the longest summary.md fits into a GitHub step summary", async () => {
  const message = "x".repeat(2_000);
  const verdicts = Array.from({ length: 800 }, (_, index) => {
    return { group: "own", name: `verdict ${index}`, status: "fail" as const, message, expected: null, actual: null };
  });
  const text = toMarkdown(await sampleReport({}, { verdicts }));

  expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
  expect(text).toContain("was cut here");
});

test("summary.md has the command, the commit, and what makes the sides not comparable", async () => {
  const load = await sampleRun({ count: 20, failEvery: 0 });
  const baseline = { ...load, machine: { ...load.machine, cpu: "Another | CPU" } };
  const comparison = { outcome: compareRuns(baseline, load), baseline };
  const provenance = { command: "inference-testkit profile --stub", commit: "0123456789ab" };
  const text = toMarkdown(createRunReport({ load, comparison, provenance }));

  expect(text).toMatch(/\n\*\*Command:\*\* inference-testkit profile .*stub\n\n\*\*Commit:\*\* 0123456789ab\n/);
  expect(text).toMatch(
    /\n\| Differs from the baseline \| Baseline \| This run \|\n.*\n\| cpu \| Another \\\| CPU \| Test CPU/,
  );
});
