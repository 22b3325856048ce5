import type { LatencyMetric } from "../../load/index.js";
import type { ReportStatus, ReportVerdict, RunReport, WrittenReport } from "../../report/index.js";
import { EXIT_CODES } from "../exit-codes.js";
import { formatMs, formatRate, type Output, type OutputPart, type StyledText } from "../output/index.js";

/** What a verdict means for the exit code. */
export function toExitCode(status: ReportStatus): number {
  if (status === "pass") return EXIT_CODES.ok;
  return status === "fail" ? EXIT_CODES.failed : EXIT_CODES.inconclusive;
}

/** Prints figures and verdicts for people. */
export function printReport(report: RunReport, output: Output): void {
  const { load, verdicts, verdict, completeness } = report;
  if (completeness.status === "partial") output.line(output.style("red", `partial result: ${completeness.reason}`));
  if (load !== undefined) {
    const { attempted, byStatus } = load.counts;
    const statuses = Object.entries(byStatus).map(([status, count]) => `${count} ${status}`);
    output.line(
      `${attempted} requests (${statuses.join(", ")}), ${formatRate(load.figures.requestThroughput.value)} ok/s, ${formatRate(load.figures.tokenThroughput.value)} tokens/s`,
    );
    for (const metric of ["ttft", "tpot", "e2e"] as const)
      output.line(describeLatency(report, judgedKey(load.plan.judgedFrom, metric)));
  }
  for (const one of verdicts) output.line(...describeVerdict(one, output));
  output.line(output.style("bold", "verdict:"), " ", colourStatus(verdict, output));
}

/** The same for programs, with the verdicts and where the files are. */
export function toDocument({ verdict, verdicts, completeness }: RunReport, written: WrittenReport | undefined): object {
  return { ok: verdict === "pass", verdict, completeness, verdicts, files: written?.files ?? null };
}

function judgedKey(from: "schedule" | "send", metric: "ttft" | "tpot" | "e2e"): LatencyMetric {
  return from === "schedule" && metric !== "tpot" ? `${metric}FromSchedule` : metric;
}

function describeLatency({ load }: RunReport, metric: LatencyMetric): string {
  if (load === undefined) return "";
  const { percentiles } = load.latency[metric];
  const values = (["p50", "p90", "p95", "p99"] as const).map((key) => {
    const value = percentiles[key];
    return `${key} ${typeof value === "number" ? formatMs(value) : `needs ${value.need} samples`}`;
  });
  return `${load.definitions[metric].title}: ${values.join("  ")}`;
}

function describeVerdict({ status, name, message }: ReportVerdict, output: Output): OutputPart[] {
  return [colourStatus(status, output), `  ${name}${status === "pass" ? "" : `: ${message}`}`];
}

function colourStatus(status: ReportStatus, output: Output): StyledText {
  return output.style(status === "pass" ? "green" : "red", status);
}
