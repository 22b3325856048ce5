import { intersectGaps } from "../metrics/progress-timeline.js";
import type { RequestRecord } from "../metrics/request-record.js";
import type { MeasuredPhase } from "../response/describe-response.js";
import type { LoadResult, RateReport } from "../result.js";
import { isOpen, listPhases, type LoadProfile } from "../schedule/profile.js";
import { findStalls, type Stall } from "../verdict/stalls.js";
import type { ClientLoad } from "./client-watch.js";
import type { ClientReport } from "./clients.js";
import { joinTexts, type KeptTexts } from "./kept-texts.js";
import type { CounterReading } from "./load-target.js";
import { reportRate } from "./rate.js";

/** One measured phase, or one round of it. Its times begin with it. */
export interface PhaseReport {
  /** The position of its value in a sweep; 0 in every other run. */
  readonly step: number;
  /** Infinity if only the time ended it. */
  readonly requestCount: number;
  readonly reports: readonly ClientReport[];
  readonly counters: readonly [before: CounterReading, after: CounterReading];
}

/** The phases as one run: each begins when the one before has ended. What was between them is left out. */
export interface JoinedPhases extends Pick<LoadResult, "records" | "rate" | "clients"> {
  readonly stalls: readonly Stall[] | null;
  readonly counters: readonly [before: CounterReading, after: CounterReading];
  readonly phases: readonly MeasuredPhase[];
  /** Undefined unless they were to be kept. */
  readonly texts: KeptTexts | undefined;
}

/** Joins the phases of a run. */
export function joinPhases(phases: readonly PhaseReport[], profile: LoadProfile): JoinedPhases {
  const shifted = shiftPhases(phases, listPhases(profile).length > 1);
  const records = numberRecords(shifted);
  return {
    records,
    rate: isOpen(profile) ? findWorstRate(shifted) : null,
    clients: joinClients(phases.flatMap(({ reports }) => reports.map(({ load }) => load))),
    stalls: isOpen(profile) ? null : shifted.flatMap((phase) => listStalls(phase)),
    counters: joinCounters(phases),
    phases: shifted,
    texts: joinTexts(
      shifted.map(({ report, ...phase }) => ({ ...phase, texts: report.reports.flatMap(({ texts = [] }) => texts) })),
      records,
    ),
  };
}

/** The records of a run as its phases had them: a sweep has one for each value, every other run one. */
export function splitRecords(
  records: readonly RequestRecord[],
  profile: LoadProfile,
): { readonly step: number; readonly records: readonly RequestRecord[] }[] {
  if (listPhases(profile).length === 1) return [{ step: 0, records }];
  const steps = [...new Set(records.map(({ stage }) => stage))].sort((a, b) => a - b);
  let offsetMs = 0;
  return steps.map((step) => {
    const own = records.filter(({ stage }) => stage === step);
    const shifted = own.map((record) => shiftRecord(record, -offsetMs, undefined));
    offsetMs = own.reduce((latest, { closeMs }) => Math.max(latest, closeMs), offsetMs);
    return { step, records: shifted };
  });
}

interface ShiftedPhase extends MeasuredPhase {
  readonly offsetMs: number;
  readonly report: PhaseReport;
}

/** @param isSweep the stage of a request is then the position of its value. */
function shiftPhases(phases: readonly PhaseReport[], isSweep: boolean): ShiftedPhase[] {
  let offsetMs = 0;
  return phases.map((report) => {
    const stage = isSweep ? report.step : undefined;
    const own = report.reports.flatMap(({ records }) => records).sort(inOrder);
    const records = own.map((record) => shiftRecord(record, offsetMs, stage));
    const shifted = {
      step: report.step,
      records,
      itl: report.reports.map(({ itl }) => itl),
      stepItl: report.reports.map(({ stepItl }) => stepItl ?? []),
      offsetMs,
      report,
    };
    offsetMs = records.reduce((latest, { closeMs }) => Math.max(latest, closeMs), offsetMs);
    return shifted;
  });
}

function inOrder(a: RequestRecord, b: RequestRecord): number {
  return a.index - b.index || (a.turn ?? 0) - (b.turn ?? 0);
}

const TIMES = ["schedMs", "handOverMs", "sendMs", "headersMs", "firstMs", "lastMs", "terminalMs", "closeMs"] as const;

/** The record with times that are `offsetMs` later. @param stage replaces its own. */
export function shiftRecord(record: RequestRecord, offsetMs: number, stage: number | undefined): RequestRecord {
  const staged = stage === undefined ? record : { ...record, stage };
  if (offsetMs === 0) return staged;
  const times = TIMES.map((name) => {
    const value = record[name];
    return [name, value === null ? null : Math.round((value + offsetMs) * 1000) / 1000] as const;
  });
  return { ...staged, ...(Object.fromEntries(times) as Pick<RequestRecord, (typeof TIMES)[number]>) };
}

/** Every phase counts from 0, and all turns of a conversation have one number: in the run, each request has a number of its own. */
function numberRecords(phases: readonly ShiftedPhase[]): RequestRecord[] {
  const records = phases.flatMap((phase) => phase.records);
  if (phases.length === 1 && records.every(({ turn }) => turn === undefined)) return records;
  return records.map((record, index) => ({ ...record, index }));
}

function findWorstRate(phases: readonly ShiftedPhase[]): RateReport | null {
  const rates = phases.map(({ records }) => reportRate(records)).filter((rate) => rate !== null);
  const [first, ...others] = rates;
  if (first === undefined) return null;
  return others.reduce((worst, rate) => (rate.ratio < worst.ratio ? rate : worst), first);
}

/** One for each client, with its worst figures. */
function joinClients(loads: readonly ClientLoad[]): ClientLoad[] {
  const clients = new Map<number, ClientLoad>();
  for (const load of loads) {
    const before = clients.get(load.client);
    clients.set(load.client, before === undefined ? load : worseOf(before, load));
  }
  return [...clients.values()];
}

function worseOf(a: ClientLoad, b: ClientLoad): ClientLoad {
  const [one, other] = [a.eventLoopDelayMs, b.eventLoopDelayMs];
  const worst = (key: keyof typeof one): number => Math.max(one[key], other[key]);
  return {
    ...a,
    cpuShare: Math.max(a.cpuShare, b.cpuShare),
    eventLoopDelayMs: { p50: worst("p50"), p95: worst("p95"), p99: worst("p99"), max: worst("max") },
  };
}

function listStalls({ offsetMs, report }: ShiftedPhase): Stall[] {
  const gaps = intersectGaps(report.reports.map((client) => client.gaps));
  // A client thread that was not late would have received something.
  const clientDelayMs = Math.min(...report.reports.map(({ load }) => load.eventLoopDelayMs.max));
  const records = report.reports.flatMap((client) => client.records).sort(inOrder);
  const stalls = findStalls({ records, gaps, clientDelayMs });
  return stalls.map((stall) => ({ ...stall, startMs: stall.startMs + Math.round(offsetMs) }));
}

/** What the worker counted during the phases, without their warm-ups. */
function joinCounters(phases: readonly PhaseReport[]): JoinedPhases["counters"] {
  let sum = 0;
  for (const { counters } of phases) {
    const [before, after] = counters;
    if ("reason" in before || "reason" in after) return counters;
    sum += after.value - before.value;
  }
  return [{ value: 0 }, { value: sum }];
}
