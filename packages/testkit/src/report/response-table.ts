import type { Distribution } from "../load/metrics/distribution.js";
import type { LoadResponse, LoadStep } from "../load/response/load-response.js";
import { formatCount, formatMs, formatNumber } from "../numbers/index.js";

/** How a worker responded to more load, as text. */
export interface ResponseTable {
  readonly columns: readonly string[];
  /** One for each step; a cell for each column. */
  readonly rows: readonly (readonly string[])[];
  /** Where the knee is, or why there is none. */
  readonly note: string;
}

/** The steps as a table, with the knee marked; for the terminal, the summary and the page. */
export function describeResponseTable({ offeredUnit, steps, knee }: LoadResponse): ResponseTable {
  const kneeStep = knee.status === "found" ? knee.step : undefined;
  return {
    columns: [
      offeredUnit === "clients" ? "Clients" : "Offered /s",
      "Achieved /s",
      "TTFT p50",
      "TTFT p95",
      "ITL p50",
      "ITL p95",
      "Goodput /s",
      "Not ok",
      "",
    ],
    rows: steps.map((step, index) => describeRow(step, index === kneeStep)),
    note: knee.message,
  };
}

function describeRow(step: LoadStep, isKnee: boolean): string[] {
  const { offered, achievedPerSec, goodputPerSec, attempted, ok, ttft, itl } = step;
  return [
    formatNumber(offered),
    formatNumber(achievedPerSec),
    percentile(ttft, "p50"),
    percentile(ttft, "p95"),
    percentile(itl, "p50"),
    percentile(itl, "p95"),
    formatNumber(goodputPerSec),
    attempted === ok ? "0" : `${formatCount(attempted - ok)} of ${formatCount(attempted)}`,
    isKnee ? "knee" : "",
  ];
}

function percentile({ percentiles }: Distribution, key: "p50" | "p95"): string {
  const value = percentiles[key];
  return typeof value === "number" ? formatMs(value) : `needs ${formatCount(value.need)}`;
}
