import type { EncodedHistogram } from "../metrics/itl-histogram.js";
import type { ProgressGap } from "../metrics/progress-timeline.js";
import type { RequestRecord } from "../metrics/request-record.js";
import type { LoadSchedule } from "../schedule/plan-load.js";
import type { ClientLoad } from "./client-watch.js";
import type { KeptTexts } from "./kept-texts.js";
import type { PhaseControl } from "./phase-control.js";
import type { ProgressState } from "./progress.js";
import type { PhaseSource } from "./request-source.js";
import type { ClientSchedule } from "./run-phase.js";

/** One phase, before it is divided among clients. */
export interface PhaseOrder {
  readonly schedule: LoadSchedule;
  readonly source: PhaseSource;
  /** Where the steps of the load begin, in ms from the start of the phase. */
  readonly stepStartsMs?: readonly number[] | undefined;
  readonly control: PhaseControl;
  readonly progress: ProgressState;
  /** Keeps prompts and outputs, together up to this many characters. @default none */
  readonly keptLength?: number | undefined;
}

/** What one client has measured. */
export interface ClientReport {
  readonly records: readonly RequestRecord[];
  readonly itl: EncodedHistogram;
  /** Those of each step of the phase; empty without steps. */
  readonly stepItl?: readonly EncodedHistogram[] | undefined;
  /** The times in which it received nothing. */
  readonly gaps: readonly ProgressGap[];
  readonly load: ClientLoad;
  /** Prompts and outputs, if they were to be kept. */
  readonly texts?: KeptTexts | undefined;
  /** Requests of conversations that were not sent, because the answer before was not ok. */
  readonly unsentCount?: number | undefined;
}

/** Who sends the requests. */
export interface LoadClients extends AsyncDisposable {
  /** Runs a phase to its end. */
  run(order: PhaseOrder): Promise<readonly ClientReport[]>;
}

/**
 * Divides a schedule among clients deterministically, round-robin by index. There are fewer parts than clients if a closed loop has fewer
 * lanes.
 */
export function splitSchedule(schedule: LoadSchedule, clientCount: number): ClientSchedule[] {
  if (schedule.kind === "open") {
    const planned = schedule.arrivals.map((arrival, index) => ({ ...arrival, index }));
    return Array.from({ length: clientCount }, (_, client) => {
      return { kind: "open", arrivals: planned.filter(({ index }) => index % clientCount === client) };
    });
  }
  const { clients, count, durationMs } = schedule;
  const step = Math.min(clientCount, clients);
  return Array.from({ length: step }, (_, first) => {
    const lanes = Math.floor(clients / step) + (first < clients % step ? 1 : 0);
    return { kind: "closed", clients: lanes, count, durationMs, first, step };
  });
}
