import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compareConformance } from "../../../testkit/src/conformance/report/compare-reports.js";
import type { ConformanceReport } from "../../../testkit/src/conformance/report/conformance-report.js";
import { conformanceToHtml } from "../../../testkit/src/conformance/report/html/to-html.js";
import {
  sampleCheck,
  sampleConformance,
  sampleExchange,
} from "../../../testkit/test/conformance/report/sample-report.js";
import { HOSTILE_TEXTS } from "../../../testkit/test/report/hostile.js";

/** Paths of pages: of a usual report with a baseline, one full of hostile texts, one without any check, and one with a long transcript. */
export type SamplePages = Readonly<Record<"usual" | "hostile" | "empty" | "long", string>>;

/** Writes them into a folder. */
export async function writeSamplePages(folder: string): Promise<SamplePages> {
  const write = async (name: string, report: ConformanceReport) => {
    const path = join(folder, `conformance-${name}.html`);
    await writeFile(path, await conformanceToHtml(report));
    return path;
  };
  return {
    usual: await write("usual", usualReport()),
    hostile: await write("hostile", hostileReport()),
    empty: await write("empty", sampleConformance([])),
    long: await write("long", longReport()),
  };
}

function usualReport(): ConformanceReport {
  const passes = Array.from({ length: 20 }, (_, index) => sampleCheck(`text.check-${index}`, "pass"));
  const results = [
    sampleCheck("ready.a", "pass"),
    ...passes,
    sampleCheck("stop.leaks", "fail"),
    sampleCheck("stop.known", "fail", { deviation: { reason: "fixed in 2.1", link: "https://example.com/7" } }),
    sampleCheck("stop.open", "inconclusive", { attempts: 3 }),
    sampleCheck("metrics.a", "not-applicable", { message: "needs `metrics`" }),
    sampleCheck("errors.a", "error"),
  ];
  const before = sampleConformance([
    sampleCheck("stop.leaks", "pass"),
    sampleCheck("stop.open", "pass"),
    sampleCheck("ready.a", "fail"),
    sampleCheck("memory.gone", "pass"),
  ]);
  return sampleConformance(results, {
    comparison: compareConformance(before, results),
    restarts: [{ after: "stop.leaks", reason: "it died" }],
    deviations: { "ready.a": { reason: "was known" } },
  });
}

function hostileReport(): ConformanceReport {
  const all = HOSTILE_TEXTS.join(" ");
  const results = HOSTILE_TEXTS.map((text, index) => {
    const exchange = sampleExchange({
      ...{ method: text, path: `/${text}`, requestBody: text, problem: text, ended: "broken" },
      requestHeaders: { [text]: text },
      headers: { "content-type": "text/event-stream", [text]: text },
      pieces: [{ atMs: 1, text: `event: ${text}\ndata: ${text}\n\n` }],
    });
    const texts = { title: text, why: text, source: text, message: text, expected: text, got: text, curl: text };
    const deviation = { reason: text, link: `javascript:globalThis.broken = 4 //${text}` };
    return sampleCheck(`stop.check-${index}`, "fail", { ...texts, exchanges: [exchange], deviation });
  });
  const server = { url: all, dialect: all, recognizedBy: all, model: all, command: all };
  const ids = [{ id: all, before: "pass" as const, after: "fail" as const }];
  const worse = results.map(({ id }) => ({ id, before: "pass" as const, after: "fail" as const }));
  const comparison = { createdAt: all, worse: [...ids, ...worse], better: ids, added: [all], removed: [all] };
  return sampleConformance(results, {
    server,
    comparison,
    partialReason: all,
    restarts: [{ after: all, reason: all }],
  });
}

function longReport(): ConformanceReport {
  const pieces = Array.from({ length: 2_000 }, (_, atMs) => ({ atMs, text: "x" }));
  const exchange = sampleExchange({ pieces, headers: {}, omittedBytes: 5_000 });
  const broken = sampleExchange({ number: 2, ...{ status: null, headersAtMs: null, pieces: [], headers: {} } });
  const exchanges = [exchange, { ...broken, ended: "no-answer" as const, problem: "connection refused" }];
  return sampleConformance([sampleCheck("text.long", "fail", { exchanges, omittedExchanges: 3 })]);
}
