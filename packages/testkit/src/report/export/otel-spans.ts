import type { Span, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { RequestRecord } from "../../load/index.js";
import { countTokens } from "../../load/metrics/request-record.js";
import type { RunReport } from "../run-report.js";
import { describeError, describeRun, type Attributes } from "./gen-ai.js";
import { describeResource } from "./otel-metrics.js";
import type { OtelSdk } from "./otel-sdk.js";

/** As many as one message should have. */
const BATCH_SIZE = 512;

/** One span for each request, in batches; few are in memory at once. */
export function* endedSpans(report: RunReport, sdk: OtelSdk): Generator<ReadableSpan[]> {
  const { load } = report;
  if (load === undefined) return;
  const ended: ReadableSpan[] = [];
  const tracer = createTracer(report, sdk, ended);
  const run = describeRun(report);
  const startedAtMs = Date.parse(load.startedAt);
  for (const record of load.records) {
    const { operation, attributes } = describeRequest(record, run);
    const kind = sdk.api.SpanKind.CLIENT;
    const span = tracer.startSpan(operation, { kind, attributes, root: true, startTime: startedAtMs + record.sendMs });
    markSpan(span, record, { startedAtMs, errorCode: sdk.api.SpanStatusCode.ERROR });
    span.end(startedAtMs + Math.max(record.closeMs, record.sendMs));
    if (ended.length >= BATCH_SIZE) yield ended.splice(0);
  }
  if (ended.length > 0) yield ended;
}

function createTracer(report: RunReport, sdk: OtelSdk, ended: ReadableSpan[]) {
  const nothing = (): Promise<void> => Promise.resolve();
  const collector = { onStart: () => undefined, onEnd: (span: ReadableSpan) => void ended.push(span) };
  const provider = new sdk.traces.BasicTracerProvider({
    resource: describeResource(report, sdk),
    sampler: new sdk.traces.AlwaysOnSampler(),
    spanProcessors: [{ ...collector, forceFlush: nothing, shutdown: nothing }],
  });
  return provider.getTracer(report.generator.name, report.generator.version);
}

function describeRequest(record: RequestRecord, run: Attributes): { operation: string; attributes: Attributes } {
  const { "gen_ai.operation.name": name, "gen_ai.request.model": model } = run;
  return {
    operation: [name, model].filter((part) => part !== undefined).join(" "),
    attributes: {
      ...run,
      ...describeError(record),
      ...(record.status === "ok" && { "gen_ai.usage.output_tokens": countTokens(record).count }),
      ...(record.jobId !== null && { "inference_testkit.job.id": record.jobId }),
      "inference_testkit.request.index": record.index,
      "inference_testkit.request.status": record.status,
      "inference_testkit.load.stage": record.stage,
      "inference_testkit.client.delay_ms": record.sendMs - record.schedMs,
    },
  };
}

function markSpan(
  span: Span,
  { firstMs, lastMs, status, message }: RequestRecord,
  { startedAtMs, errorCode }: { startedAtMs: number; errorCode: SpanStatusCode },
): void {
  if (firstMs !== null) span.addEvent("first_token", {}, startedAtMs + firstMs);
  if (lastMs !== null) span.addEvent("last_token", {}, startedAtMs + lastMs);
  if (status !== "ok") span.setStatus({ code: errorCode, ...(message !== undefined && { message }) });
}
