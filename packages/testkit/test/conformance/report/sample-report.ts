import type {
  CheckResult,
  CheckStatus,
  ConformanceReport,
  StoredExchange,
} from "../../../src/conformance/report/conformance-report.js";
import { createConformanceReport, type RunFacts } from "../../../src/conformance/report/create-report.js";

/** A stream of three tokens; the second one is cut between two pieces. */
export function sampleExchange(more: Partial<StoredExchange> = {}): StoredExchange {
  return {
    ...{ number: 1, method: "POST", path: "/v1/chat/completions", sentAtMs: 0, status: 200, headersAtMs: 3.25 },
    requestHeaders: { "content-type": "application/json" },
    requestBody: '{"model":"stub","stream":true}',
    headers: { "content-type": "text/event-stream; charset=utf-8" },
    pieces: [
      { atMs: 4, text: 'data: {"token":"one"}\n\ndata: {"tok' },
      { atMs: 9.5, text: 'en":"two"}\n\n' },
      { atMs: 12, text: "event: end\ndata: [DONE]\n\n" },
    ],
    ...{ omittedBytes: 0, ended: "ended", endedAtMs: 12.5, problem: null },
    ...more,
  };
}

/** A check of a report; the area is the first word of its id. */
export function sampleCheck(id: string, status: CheckStatus, more: Partial<CheckResult> = {}): CheckResult {
  const failed = status === "fail";
  return {
    ...{ id, title: `title of ${id}`, area: id.split(".")[0] as CheckResult["area"], level: "smoke" },
    ...{ why: `harm of ${id}`, source: "RFC 9112, 8; https://example.com/issues/7", status },
    message: status === "pass" ? "" : `reason of ${id}`,
    expected: failed ? `"expected of ${id}"` : null,
    got: failed ? `"got of ${id}"` : null,
    ...{ durationMs: 12.5, attempts: status === "not-applicable" ? 0 : 1 },
    exchanges: status === "not-applicable" ? [] : [sampleExchange()],
    omittedExchanges: 0,
    curl: failed ? "curl -iN 'http://127.0.0.1:1/x'" : null,
    deviation: null,
    ...more,
  };
}

/** A report of these checks. */
export function sampleConformance(results: readonly CheckResult[], more: Partial<RunFacts> = {}): ConformanceReport {
  const server = { url: "http://127.0.0.1:1", dialect: "openai-chat", recognizedBy: null, model: "m", command: null };
  return createConformanceReport({ server, level: "smoke", seed: 1, results, restarts: [], deviations: {}, ...more });
}
