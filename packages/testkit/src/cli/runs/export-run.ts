import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ReportFailedError } from "../../errors/index.js";
import { checkOption, type Option } from "../../options/index.js";
import { loadOtelSdk } from "../../report/export/otel-sdk.js";
import { sendOtlp } from "../../report/export/send-otlp.js";
import { toPrometheus } from "../../report/export/to-prometheus.js";
import type { RunReport } from "../../report/index.js";
import { withoutHiddenValues, type Output } from "../../terminal/index.js";

/** Where a run is exported to. */
export interface ExportTarget {
  readonly kind: "prometheus" | "otlp";
  /** A file, or the address of a collector. */
  readonly to: string;
}

const WANTED = "prometheus=<file>, or otlp=<address of a collector>, for example otlp=http://127.0.0.1:4318";

/** A target of an export; the flag may be repeated. */
export function exportTarget(): Option<string, readonly ExportTarget[]> {
  return {
    read: (name, value) => {
      const [, kind, to = ""] = /^(prometheus|otlp)=(.+)$/s.exec(String(value)) ?? [];
      const isAddress = URL.canParse(to) && /^https?:$/.test(new URL(to).protocol);
      checkOption(kind === "prometheus" || (kind === "otlp" && isAddress), name, { wanted: WANTED, value });
      return [{ kind, to }];
    },
  };
}

/** Before a run: whether it can be exported at all. @throws {INVALID_OPTION} the OpenTelemetry SDK is not installed. */
export async function prepareExports(targets: readonly ExportTarget[] = []): Promise<void> {
  if (targets.some(({ kind }) => kind === "otlp")) await loadOtelSdk();
}

/** @throws {REPORT_FAILED} a target cannot be written or reached. */
export async function exportRun(
  report: RunReport,
  targets: readonly ExportTarget[] = [],
  output: Output,
): Promise<void> {
  for (const { kind, to } of targets) {
    if (kind === "otlp") await sendOtlp(report, to);
    else await writeText(to, toPrometheus(report));
    output.line(`exported: ${to}`);
  }
}

async function writeText(file: string, text: string): Promise<void> {
  try {
    await writeFile(resolve(file), withoutHiddenValues(text));
  } catch (cause) {
    throw new ReportFailedError({
      message: `The run could not be exported to ${file}: ${(cause as Error).message}`,
      cause,
    });
  }
}
