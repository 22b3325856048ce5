import type { Area, Level } from "../areas.js";

/** How a check ended. */
export type CheckStatus = "pass" | "fail" | "not-applicable" | "inconclusive" | "error";

/** A part of a body, and when it arrived. */
export interface StoredPiece {
  /** Ms from the sending of the request. */
  readonly atMs: number;
  /** As UTF-8; bytes that are not are U+FFFD. */
  readonly text: string;
}

/** One request of a check and its answer. */
export interface StoredExchange {
  /** From 1, in the order of sending. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  /** Ms from the first request of the check. */
  readonly sentAtMs: number;
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** `null`: none. */
  readonly requestBody: string | null;
  /** `null`: no answer arrived. */
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Ms from the sending of the request; `null`: they did not arrive. */
  readonly headersAtMs: number | null;
  readonly pieces: readonly StoredPiece[];
  /** Bytes of the answer that are not in `pieces`, because there is a limit. */
  readonly omittedBytes: number;
  /** How the body ended: by itself, left by the client, broken, or not at all while the check ran. */
  readonly ended: "ended" | "left" | "broken" | "open" | "no-answer";
  /** Ms from the sending of the request; `null`: it did not end while the check ran. */
  readonly endedAtMs: number | null;
  /** What broke it. */
  readonly problem: string | null;
}

/** One check and its verdict. */
export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly area: Area;
  readonly level: Level;
  readonly why: string;
  readonly source: string;
  readonly status: CheckStatus;
  /** Why it is not a pass; empty for a pass. */
  readonly message: string;
  /** `null`, unless it failed. */
  readonly expected: string | null;
  /** `null`, unless it failed. */
  readonly got: string | null;
  readonly durationMs: number;
  readonly attempts: number;
  /** What was seen in any attempt, and does not decide the verdict; absent if there is nothing. */
  readonly notes?: readonly string[] | undefined;
  /** Everything that was sent and received in the last attempt. */
  readonly exchanges: readonly StoredExchange[];
  /** Requests of the last attempt of which nothing was kept, because there is a limit. */
  readonly omittedExchanges: number;
  /** Repeats the last job of a check that did not pass. */
  readonly curl: string | null;
  /** The deviation that the server declares, if it does. A failure that is declared does not fail the run. */
  readonly deviation: { readonly reason: string; readonly link?: string | undefined } | null;
}

/** The server had to be started again. */
export interface Restart {
  /** The check after which that was. */
  readonly after: string;
  readonly reason: string;
}

/** What got worse and better since another report. */
export interface ConformanceComparison {
  readonly createdAt: string;
  readonly worse: readonly ChangedCheck[];
  readonly better: readonly ChangedCheck[];
  /** Checks that only one of the reports has. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** A check with another verdict. */
export interface ChangedCheck {
  readonly id: string;
  readonly before: CheckStatus;
  readonly after: CheckStatus;
}

/** The result of a run of the suite; the content of `conformance.json`. */
export interface ConformanceReport {
  readonly schemaVersion: 1;
  readonly kind: "conformance-report";
  readonly createdAt: string;
  readonly generator: { readonly name: string; readonly version: string };
  readonly completeness: { readonly status: "complete" } | { readonly status: "partial"; readonly reason: string };
  /** `inconclusive`: nothing failed, and too little was proved. */
  readonly status: "pass" | "fail" | "inconclusive";
  /** Why the status is what it is, in one sentence. */
  readonly message: string;
  readonly server: {
    readonly url: string;
    readonly dialect: string;
    /** How it is known what it speaks; `null`: that was said. */
    readonly recognizedBy: string | null;
    readonly model: string | null;
    /** `null`: it was not started here. */
    readonly command: string | null;
  };
  readonly level: Level;
  readonly seed: number;
  readonly coverage: Coverage;
  readonly areas: readonly { readonly area: Area; readonly title: string; readonly coverage: Coverage }[];
  readonly checks: readonly CheckResult[];
  readonly restarts: readonly Restart[];
  /** Declared deviations that were not seen. */
  readonly notSeen: readonly string[];
  readonly comparison: ConformanceComparison | null;
}

/** How many checks ended how. */
export interface Coverage {
  /** Checks of the level that were selected. */
  readonly selected: number;
  /** Checks with a verdict: passed or failed. */
  readonly ran: number;
  readonly byStatus: Readonly<Record<CheckStatus, number>>;
}
