import type { StopReason } from "inference-worker-protocol";

/** One thing that was checked. */
export interface DemoCheck {
  readonly name:
    "start" | "completion" | "token-count" | "repeat" | "stop" | "process-gone" | "group-empty" | "port-closed";
  readonly passed: boolean;
  /** What was observed; for a failure, the whole message. */
  readonly detail: string;
}

/** What `demo --json` prints about one engine; facts that were not reached are missing. */
export interface EngineReport {
  readonly engine: "stub" | "llama";
  /** True if every check passed. */
  readonly ok: boolean;
  readonly checks: readonly DemoCheck[];
  readonly model?: string;
  readonly device?: string;
  /** From the start of the program until it was ready, in ms. */
  readonly startMs?: number;
  readonly pid?: number;
  readonly port?: number;
  readonly job?: JobReport;
  /** From the shutdown signal until nothing was left, in ms. */
  readonly stopMs?: number;
}

/** The result of one prompt. */
export interface JobReport {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly temperature: number | undefined;
  readonly seed: number | bigint | undefined;
  readonly text: string;
  readonly tokenEventCount: number;
  readonly tokensOut: number;
  readonly stopReason: StopReason;
  /** From sending the request to the first token, in ms. */
  readonly firstTokenMs: number | undefined;
  /** (tokens_out - 1) / (last - first token), per second; none below two tokens. */
  readonly tokensPerSecond: number | undefined;
}
