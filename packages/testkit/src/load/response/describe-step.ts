import { findWindow } from "../metrics/concurrency.js";
import { describeValues, round } from "../metrics/distribution.js";
import type { ItlHistogram } from "../metrics/itl-histogram.js";
import { judgedMetric, type JudgedFrom } from "../metrics/judged-from.js";
import { collectValues } from "../metrics/request-metrics.js";
import type { RequestRecord } from "../metrics/request-record.js";
import { meetsSlo, type RequestSlo } from "../metrics/slo.js";
import type { LoadStep } from "./load-response.js";
import type { StepWindow } from "./step-windows.js";

/** What a step is described from. */
export interface StepFacts {
  readonly offered: number;
  readonly window: StepWindow;
  /** The requests that are due in the step. */
  readonly records: readonly RequestRecord[];
  readonly itl: ItlHistogram;
  readonly achievedPerSec: number;
}

/** How its requests are judged. */
export interface StepRules {
  readonly slo: RequestSlo;
  readonly judgedFrom: JudgedFrom;
}

/** The figures of one step. */
export function describeStep(facts: StepFacts, { slo, judgedFrom }: StepRules): LoadStep {
  const { offered, window, records, itl, achievedPerSec } = facts;
  const ok = records.filter(({ status }) => status === "ok");
  const met = ok.filter((record) => meetsSlo(record, slo, judgedFrom)).length;
  const ttft = judgedMetric("ttft", judgedFrom);
  const e2e = describeValues("e2e", collectValues(ok, judgedMetric("e2e", judgedFrom)));
  return {
    offered: round(offered),
    fromMs: round(window.fromMs),
    toMs: round(window.toMs),
    attempted: records.length,
    ok: ok.length,
    achievedPerSec: round(achievedPerSec),
    goodputPerSec: round(ok.length === 0 ? 0 : (achievedPerSec * met) / ok.length),
    e2eMeanMs: e2e.mean,
    ttft: describeValues(ttft, collectValues(ok, ttft)),
    itl: itl.describe(),
  };
}

/** Requests per second of a closed loop: from the first send to the last end. */
export function closedRate(records: readonly RequestRecord[]): number {
  return perSecond(countOk(records), findWindow(records).durationMs);
}

/** Requests per second of an open loop: from one end of an ok request to the next, so that the wait for the last one does not count. */
export function openRate(records: readonly RequestRecord[]): number {
  let [count, firstMs, lastMs] = [0, Infinity, -Infinity];
  for (const { status, closeMs } of records) {
    if (status !== "ok") continue;
    count += 1;
    firstMs = Math.min(firstMs, closeMs);
    lastMs = Math.max(lastMs, closeMs);
  }
  return count < 2 ? 0 : perSecond(count - 1, lastMs - firstMs);
}

/** The ok requests that ended within a window, per second, whenever they were due. */
export function rateWithin(records: readonly RequestRecord[], { fromMs, toMs }: StepWindow): number {
  return perSecond(countOk(records.filter(({ closeMs }) => closeMs >= fromMs && closeMs < toMs)), toMs - fromMs);
}

function countOk(records: readonly RequestRecord[]): number {
  return records.filter(({ status }) => status === "ok").length;
}

function perSecond(count: number, durationMs: number): number {
  return durationMs > 0 ? (count * 1000) / durationMs : 0;
}
