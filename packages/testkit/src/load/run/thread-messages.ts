import type { ExecuteBody } from "../../client/index.js";
import type { DialectName } from "../../dialects/index.js";
import type { StreamTimeouts } from "../../events/index.js";
import type { RequestRecord } from "../metrics/request-record.js";
import type { ClientReport } from "./clients.js";
import type { ClientSchedule } from "./run-phase.js";

/** The data with which a client thread starts. */
export interface ThreadSetup {
  readonly baseUrl: string;
  readonly timeouts: StreamTimeouts | undefined;
  readonly dialect: DialectName;
  readonly model: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly client: number;
}

/** To a client thread. */
export type ThreadOrder =
  | {
      readonly type: "phase";
      readonly schedule: ClientSchedule;
      /** By index; gaps are the requests of other threads. */
      readonly requests: ReadonlyMap<number, ExecuteBody>;
      /** What the user says after each answer; only for requests that begin a conversation. */
      readonly followUps?: ReadonlyMap<number, readonly string[]> | undefined;
      /** Where the steps of the load begin, in ms from the start of the phase. */
      readonly stepStartsMs?: readonly number[] | undefined;
      /** On the clock of `process.hrtime.bigint()`, which all threads share. */
      readonly startAtNs: bigint;
      /** Keeps prompts and outputs, together up to this many characters. */
      readonly keptLength?: number | undefined;
    }
  | { readonly type: "cut"; readonly reason: string };

/** From a client thread. */
export type ThreadMessage =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly sent: number; readonly ended: readonly RequestRecord[] }
  | { readonly type: "done"; readonly report: ClientReport };
