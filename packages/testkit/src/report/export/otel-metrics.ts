import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { RunReport } from "../run-report.js";
import { describeError, describeRun, GEN_AI_METRICS } from "./gen-ai.js";
import type { OtelSdk } from "./otel-sdk.js";

/** The metrics of a run, as an exporter takes them. */
export async function collectMetrics(report: RunReport, sdk: OtelSdk): Promise<ResourceMetrics> {
  const reader = createReader(sdk);
  const provider = new sdk.metrics.MeterProvider({ resource: describeResource(report, sdk), readers: [reader] });
  const { name, version } = report.generator;
  const meter = provider.getMeter(name, version);
  const run = describeRun(report);
  for (const { name: metric, unit, description, bounds, measure, attributes } of GEN_AI_METRICS) {
    const advice = { explicitBucketBoundaries: [...bounds] };
    const histogram = meter.createHistogram(metric, { unit, description, advice });
    for (const record of report.load?.records ?? []) {
      const value = measure(record);
      if (value !== undefined) histogram.record(value, { ...run, ...attributes, ...describeError(record) });
    }
  }
  const { resourceMetrics } = await reader.collect();
  await provider.shutdown();
  return resourceMetrics;
}

/** The SDK's own readers swallow the errors of an exporter. */
function createReader({ metrics }: OtelSdk) {
  class Reader extends metrics.MetricReader {
    protected override onForceFlush(): Promise<void> {
      return Promise.resolve();
    }

    protected override onShutdown(): Promise<void> {
      return Promise.resolve();
    }
  }
  return new Reader();
}

/** Who made the measurement. */
export function describeResource({ generator, title, machine }: RunReport, { resources }: OtelSdk) {
  return resources.resourceFromAttributes({
    "service.name": generator.name,
    "service.version": generator.version,
    "inference_testkit.run.title": title,
    ...(machine?.workerVersion !== null &&
      machine?.workerVersion !== undefined && { "inference_testkit.worker.version": machine.workerVersion }),
  });
}
