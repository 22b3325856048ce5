import type * as Api from "@opentelemetry/api";
import type * as MetricExporter from "@opentelemetry/exporter-metrics-otlp-proto";
import type * as TraceExporter from "@opentelemetry/exporter-trace-otlp-proto";
import type * as Resources from "@opentelemetry/resources";
import type * as Metrics from "@opentelemetry/sdk-metrics";
import type * as Traces from "@opentelemetry/sdk-trace-base";
import { InvalidOptionError } from "../../errors/index.js";

/** What a project installs to export over OTLP. */
const PACKAGES = [
  "@opentelemetry/api",
  "@opentelemetry/resources",
  "@opentelemetry/sdk-metrics",
  "@opentelemetry/sdk-trace-base",
  "@opentelemetry/exporter-metrics-otlp-proto",
  "@opentelemetry/exporter-trace-otlp-proto",
] as const;

/** The OpenTelemetry SDK. */
export interface OtelSdk {
  readonly api: typeof Api;
  readonly resources: typeof Resources;
  readonly metrics: typeof Metrics;
  readonly traces: typeof Traces;
  readonly metricExporter: typeof MetricExporter;
  readonly traceExporter: typeof TraceExporter;
}

/** @throws {INVALID_OPTION} a package is not installed, with the command that installs them. */
export async function loadOtelSdk(): Promise<OtelSdk> {
  try {
    return await importAll();
  } catch (cause) {
    throw new InvalidOptionError({
      message: `The OpenTelemetry SDK, which an export over OTLP needs, cannot be loaded: ${(cause as Error).message.split("\n", 1)[0]}`,
      hint: `Install it: npm install --save-dev ${PACKAGES.map((name) => `${name}@${name.includes("otlp") ? "0.220" : name.endsWith("api") ? "1" : "2"}`).join(" ")}`,
      cause,
    });
  }
}

async function importAll(): Promise<OtelSdk> {
  const [api, resources, metrics, traces, metricExporter, traceExporter] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/resources"),
    import("@opentelemetry/sdk-metrics"),
    import("@opentelemetry/sdk-trace-base"),
    import("@opentelemetry/exporter-metrics-otlp-proto"),
    import("@opentelemetry/exporter-trace-otlp-proto"),
  ]);
  return { api, resources, metrics, traces, metricExporter, traceExporter };
}
