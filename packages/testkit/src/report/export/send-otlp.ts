import { ReportFailedError } from "../../errors/index.js";
import type { RunReport } from "../run-report.js";
import { collectMetrics } from "./otel-metrics.js";
import { endedSpans } from "./otel-spans.js";
import { loadOtelSdk } from "./otel-sdk.js";

const TIMEOUT_MS = 10_000;

/** What an exporter of the SDK reports; 0 is success. */
interface ExportOutcome {
  readonly code: number;
  readonly error?: Error | undefined;
}

/**
 * Sends a run to a collector over OTLP/HTTP: the metrics of the GenAI semantic conventions, and one span for each request. The SDK reads its usual
 * variables, such as `OTEL_EXPORTER_OTLP_HEADERS`.
 *
 * @param url of the collector, without `/v1/traces`.
 * @param options.timeoutMs of each message, further attempts included.
 * @throws {REPORT_FAILED} it cannot be reached, or refuses them.
 * @throws {INVALID_OPTION} the SDK is not installed.
 */
export async function sendOtlp(
  report: RunReport,
  url: string,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Promise<void> {
  const sdk = await loadOtelSdk();
  const at = (path: string): string => `${url.replace(/\/+$/, "")}/v1/${path}`;
  const metrics = new sdk.metricExporter.OTLPMetricExporter({ url: at("metrics"), timeoutMillis: timeoutMs });
  const spans = new sdk.traceExporter.OTLPTraceExporter({ url: at("traces"), timeoutMillis: timeoutMs });
  try {
    const collected = await collectMetrics(report, sdk);
    await attempt(url, (done) => metrics.export(collected, done));
    for (const batch of endedSpans(report, sdk)) await attempt(url, (done) => spans.export(batch, done));
  } finally {
    await Promise.allSettled([metrics.shutdown(), spans.shutdown()]);
  }
}

async function attempt(url: string, send: (done: (outcome: ExportOutcome) => void) => void): Promise<void> {
  const { code, error } = await new Promise<ExportOutcome>((resolve) => send(resolve));
  if (code === 0) return;
  throw new ReportFailedError({
    message: `The run could not be exported to ${url}: ${error?.message ?? "the exporter did not say why"}`,
    hint: "Does a collector with an OTLP receiver for HTTP listen there, usually on port 4318?",
    cause: error,
  });
}
