import type { CheckResult, ConformanceReport } from "../../conformance/report/conformance-report.js";
import type { LoadOptions, RequestRecord, RunLimits } from "../../load/index.js";
import type { RunReport } from "../../report/index.js";

/** The plan of a run, without what cannot be passed to a thread. */
export interface PlannedRun {
  readonly kind: "run";
  readonly title: string;
  readonly startedAt: string;
  readonly options: Pick<LoadOptions, "profile" | "stop" | "warmup" | "seed" | "slo" | "clientThreads">;
  readonly limits: RunLimits;
}

/** The plan of a check. */
export interface PlannedCheck {
  readonly kind: "conformance";
  readonly level: ConformanceReport["level"];
  readonly seed: number;
}

/** What the thread of the page starts with. */
export type LiveSetup = (PlannedRun | PlannedCheck) & { readonly token: string };

/** How far it is, as the page shows it. */
export interface LiveProgress {
  /** From 0 to 1. */
  readonly share: number;
  readonly text: string;
}

/** What happened since the last message. */
export interface LiveNews {
  readonly progress?: LiveProgress | undefined;
  readonly server?: ConformanceReport["server"] | undefined;
  readonly records?: readonly RequestRecord[] | undefined;
  readonly results?: readonly CheckResult[] | undefined;
}

/** To the thread of the page. */
export type LiveOrder =
  | ({ readonly type: "news" } & LiveNews)
  /** With the final report, if there is one. */
  | { readonly type: "end"; readonly report: RunReport | ConformanceReport | undefined };

/** From the thread of the page. */
export type LiveMessage =
  | { readonly type: "ready"; readonly port: number }
  /** The reader pressed the stop button. */
  | { readonly type: "stop" }
  /** Every page that was open has the final report. */
  | { readonly type: "ended" };
