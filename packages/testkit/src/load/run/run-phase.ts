import type { ExecuteBody } from "../../client/index.js";
import type { StreamTimeouts } from "../../events/index.js";
import { createJobRunner, type JobOutcome, type JobTarget } from "../../jobs/index.js";
import { ItlHistogram } from "../metrics/itl-histogram.js";
import { ProgressTimeline, type ProgressGap } from "../metrics/progress-timeline.js";
import type { RequestRecord } from "../metrics/request-record.js";
import { TextKeeper, type KeptTexts } from "./kept-texts.js";
import { sendOnTime, type PlannedArrival } from "./send-on-time.js";
import { contentArrivals, toRecord, type PlannedRequest } from "./to-record.js";

/** The part of a schedule that one client sends. */
export type ClientSchedule = OpenPart | ClosedPart;

interface OpenPart {
  readonly kind: "open";
  readonly arrivals: readonly PlannedArrival[];
}

/** `clients` lanes take the requests `first`, `first + step`, … below `count`. */
interface ClosedPart {
  readonly kind: "closed";
  readonly clients: number;
  readonly count: number;
  readonly durationMs: number;
  readonly first: number;
  readonly step: number;
}

/** One client's share of a phase. */
export interface Phase {
  readonly target: JobTarget;
  readonly schedule: ClientSchedule;
  readonly requestAt: (index: number) => ExecuteBody;
  readonly timeouts: StreamTimeouts | undefined;
  readonly client: number;
  /** Waits for the common start. @default starts immediately */
  readonly startAtMs?: number | undefined;
  /** Fires when sending must stop and requests in flight must be cut off. */
  readonly cutSignal: AbortSignal;
  /** Keeps prompts and outputs, together up to this many characters. @default none */
  readonly keptLength?: number | undefined;
  readonly onSent: () => void;
  readonly onRecord: (record: RequestRecord) => void;
  /** `requestAt` threw. */
  readonly onFailure: (error: unknown) => void;
}

/** The measurements of one client. */
export interface PhaseResult {
  /** In the order in which they ended. */
  readonly records: readonly RequestRecord[];
  /** Inter-token latencies of the ok requests. */
  readonly itl: ItlHistogram;
  /** The times in which nothing arrived. */
  readonly gaps: readonly ProgressGap[];
  /** Undefined unless they were to be kept. */
  readonly texts: KeptTexts | undefined;
}

/** Sends what the schedule says and waits until every request has ended. A failed request never makes it reject. */
export async function runPhase(phase: Phase): Promise<PhaseResult> {
  const itl = await ItlHistogram.create();
  const records: RequestRecord[] = [];
  const timeline = new ProgressTimeline();
  const keeper = phase.keptLength === undefined ? undefined : new TextKeeper(phase.keptLength);
  const runJob = createJobRunner(phase.target, { timeouts: phase.timeouts, signal: phase.cutSignal });
  const startAtMs = phase.startAtMs ?? performance.now();
  const run = async (planned: PlannedRequest): Promise<void> => {
    const request = prepare(phase, planned.index);
    if (request === undefined) return;
    phase.onSent();
    const outcome = await runJob(request, planned.index);
    const record = toRecord(outcome, planned, startAtMs);
    const times = outcome.stream === undefined ? [] : contentArrivals(outcome.stream);
    if (outcome.status === "ok") addItl(itl, times);
    noteProgress(timeline, { times, outcome, startAtMs });
    keeper?.keep(request, outcome, { index: planned.index, startAtMs });
    records.push(record);
    phase.onRecord(record);
  };
  const { schedule } = phase;
  await (schedule.kind === "open"
    ? runOpen(phase, { schedule, startAtMs, run })
    : runClosed(phase, { schedule, startAtMs, run }));
  return { records, itl, gaps: timeline.listGaps(), texts: keeper?.texts };
}

interface Work<T extends ClientSchedule> {
  readonly schedule: T;
  readonly startAtMs: number;
  readonly run: (planned: PlannedRequest) => Promise<void>;
}

function prepare({ requestAt, onFailure }: Phase, index: number): ExecuteBody | undefined {
  try {
    return requestAt(index);
  } catch (error) {
    onFailure(error);
    return undefined;
  }
}

async function runOpen({ cutSignal: signal, client }: Phase, work: Work<OpenPart>): Promise<void> {
  const { schedule, startAtMs, run } = work;
  const running = new Set<Promise<void>>();
  await sendOnTime(schedule.arrivals, { startAtMs, signal }, ({ index, stage }, schedAtMs) => {
    const job = run({ index, stage, client, schedAtMs }).finally(() => running.delete(job));
    running.add(job);
  });
  await Promise.all(running);
}

async function runClosed({ cutSignal: signal, client }: Phase, work: Work<ClosedPart>): Promise<void> {
  const { schedule, startAtMs, run } = work;
  const endAtMs = startAtMs + schedule.durationMs;
  let next = schedule.first;
  const lane = async (): Promise<void> => {
    while (next < schedule.count && !signal.aborted && performance.now() < endAtMs) {
      const index = next;
      next += schedule.step;
      await run({ index, stage: 0, client, schedAtMs: performance.now() });
    }
  };
  await sendOnTime([{ index: 0, stage: 0, atMs: 0 }], { startAtMs, signal }, () => undefined);
  await Promise.all(Array.from({ length: Math.min(schedule.clients, schedule.count) }, lane));
}

/** Whatever the server sent is progress; that the client gave up is not. */
function noteProgress(
  timeline: ProgressTimeline,
  { times, outcome, startAtMs }: { times: readonly number[]; outcome: JobOutcome; startAtMs: number },
): void {
  const { headersAtMs, terminalAtMs, closedAtMs } = outcome.timings;
  for (const atMs of times) timeline.note(atMs - startAtMs);
  const isCut = outcome.status === "aborted" || outcome.status === "limit-exceeded";
  for (const atMs of [headersAtMs, terminalAtMs, isCut ? undefined : closedAtMs]) {
    if (atMs !== undefined) timeline.note(atMs - startAtMs);
  }
}

function addItl(itl: ItlHistogram, times: readonly number[]): void {
  for (let index = 1; index < times.length; index += 1) itl.add((times[index] ?? 0) - (times[index - 1] ?? 0));
}
