import type { ExecuteBody } from "../../client/index.js";
import type { StreamTimeouts } from "../../events/index.js";
import { createJobRunner, type JobOutcome, type JobTarget } from "../../jobs/index.js";
import type { ItlHistogram } from "../metrics/itl-histogram.js";
import { ProgressTimeline, type ProgressGap } from "../metrics/progress-timeline.js";
import type { RequestRecord } from "../metrics/request-record.js";
import { TextKeeper, type KeptTexts } from "./kept-texts.js";
import { continueConversation } from "./conversation.js";
import { StepHistograms } from "./step-histograms.js";
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
  /** What the user says after each answer. @default nothing */
  readonly followUpsAt?: ((index: number) => readonly string[]) | undefined;
  /** Where the steps of the load begin, in ms from the start of the phase; each has a histogram of its own. @default none */
  readonly stepStartsMs?: readonly number[] | undefined;
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
  /** Those of each step; empty without steps. */
  readonly stepItl: readonly ItlHistogram[];
  /** The times in which nothing arrived. */
  readonly gaps: readonly ProgressGap[];
  /** Undefined unless they were to be kept. */
  readonly texts: KeptTexts | undefined;
  /** Requests of conversations that were not sent, because the answer before was not ok. */
  readonly unsentCount: number;
}

/** Sends what the schedule says and waits until every request has ended. A failed request never makes it reject. */
export async function runPhase(phase: Phase): Promise<PhaseResult> {
  const itl = await StepHistograms.create(phase.stepStartsMs);
  let unsentCount = 0;
  const records: RequestRecord[] = [];
  const timeline = new ProgressTimeline();
  const keeper = phase.keptLength === undefined ? undefined : new TextKeeper(phase.keptLength);
  const runJob = createJobRunner(phase.target, { timeouts: phase.timeouts, signal: phase.cutSignal });
  const startAtMs = phase.startAtMs ?? performance.now();
  const send = async (request: ExecuteBody, planned: PlannedRequest): Promise<JobOutcome> => {
    phase.onSent();
    const outcome = await runJob(request, planned.index);
    const record = toRecord(outcome, planned, startAtMs);
    const times = outcome.stream === undefined ? [] : contentArrivals(outcome.stream);
    if (outcome.status === "ok") itl.add(times, record.schedMs);
    noteProgress(timeline, { times, outcome, startAtMs });
    keeper?.keep(request, outcome, { index: planned.index, turn: planned.turn, startAtMs });
    records.push(record);
    phase.onRecord(record);
    return outcome;
  };
  const run = async (planned: PlannedRequest): Promise<void> => {
    const first = prepare(phase, planned.index);
    if (first === undefined) return;
    unsentCount += await converse({ first, planned, phase, send });
  };
  const { schedule } = phase;
  await (schedule.kind === "open"
    ? runOpen(phase, { schedule, startAtMs, run })
    : runClosed(phase, { schedule, startAtMs, run }));
  return { records, itl: itl.all, stepItl: itl.steps, gaps: timeline.listGaps(), texts: keeper?.texts, unsentCount };
}

interface Talk {
  readonly first: ExecuteBody;
  readonly planned: PlannedRequest;
  readonly phase: Phase;
  readonly send: (request: ExecuteBody, planned: PlannedRequest) => Promise<JobOutcome>;
}

/** Sends a request, and what follows it in its conversation. @returns the number of requests that were not sent, after one that failed. */
async function converse({ first, planned, phase, send }: Talk): Promise<number> {
  const followUps = phase.followUpsAt?.(planned.index) ?? [];
  let request = first;
  let outcome = await send(request, followUps.length === 0 ? planned : { ...planned, turn: 0 });
  for (const [index, next] of followUps.entries()) {
    if (outcome.status !== "ok" || phase.cutSignal.aborted) return followUps.length - index;
    const turn = index + 1;
    request = continueConversation({ request, answer: outcome.text, next, turn });
    outcome = await send(request, { ...planned, turn, schedAtMs: performance.now() });
  }
  return 0;
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
