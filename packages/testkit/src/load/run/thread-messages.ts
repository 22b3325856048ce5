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
      /** On the clock of `process.hrtime.bigint()`, which all threads share. */
      readonly startAtNs: bigint;
    }
  | { readonly type: "cut"; readonly reason: string };

/** From a client thread. */
export type ThreadMessage =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly sent: number; readonly ended: readonly RequestRecord[] }
  | { readonly type: "done"; readonly report: ClientReport };
