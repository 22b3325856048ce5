import type { FaultId } from "worker-orcd-control";

/** One kind of finding. */
export interface FindingInfo {
  /** What was seen, as a heading. */
  readonly title: string;
  /** Why it matters, and what to do. */
  readonly meaning: string;
  /** `fails`: fails `stop()` unless it is allowed. `note`: is reported only. */
  readonly level: "fails" | "note";
  /** Faults that cause it. If one of them has fired, the worker is not to blame. */
  readonly faults: readonly FaultId[];
  /** Beginnings of calls of a harness that cause it, such as `pause(`. */
  readonly calls: readonly string[];
}

type Parts = Pick<FindingInfo, "meaning"> & Partial<FindingInfo>;
const fails = (title: string, parts: Parts): FindingInfo => ({
  title,
  level: "fails",
  faults: [],
  calls: [],
  ...parts,
});
const note = (title: string, parts: Parts): FindingInfo => ({ ...fails(title, parts), level: "note" });

/** A process that gets one of these cannot end its children. */
const DEADLY_CALLS = ['kill("SIGKILL"', 'kill("SIGABRT"', 'kill("SIGSEGV"', 'kill("SIGBUS"', 'kill("SIGQUIT"'] as const;
/** The stub works on after these, or does not get the CPU time to end. */
const SLOW_FAULTS = [
  "hang",
  "slow",
  "never-stops",
  "ignores-cancel",
  "ignores-disconnect",
  "pause",
  "cpu-quota",
] as const;
/** These cut or replace bytes of a stream anywhere. */
const BYTE_FAULTS = ["invalid-utf8", "truncated-json", "split-event", "limit-bytes", "garbage", "gzip-bomb"] as const;

/**
 * The closed catalogue of findings: what the framework notices although no test asked for it. A code is never renamed;
 * `docs/findings.md` is generated from this table.
 */
export const FINDINGS = {
  SIGTERM_IGNORED: fails("The worker did not end after the shutdown signal and was killed", {
    meaning:
      "An orchestrator waits for the whole grace period and then kills the worker with its jobs. Raise `stopGraceMs` if the worker needs longer to finish them.",
    faults: ["ignores-sigterm", ...SLOW_FAULTS],
    calls: ["pause("],
  }),
  CHILD_LEFT_BEHIND: fails("A process that the worker started outlived it", {
    meaning:
      "An engine that outlives its server keeps its memory and its port, and the next start fails. Children may take a second longer than the worker. On Linux, a session of its own and an empty environment do not hide a process.",
    faults: ["grandchild-holds-port", "kill", "exit", "ignores-sigterm"],
    calls: DEADLY_CALLS,
  }),
  LISTENS_BEYOND_LOOPBACK: fails("The worker listens on an address that is not loopback", {
    meaning:
      "Anyone on the network can use it. Pass `{host}` to it, or set `host` if the test wants that address. Seen on Linux, when a program is stopped for the first time.",
  }),
  EXIT_FAILED: fails("The worker ended with an error", {
    meaning:
      "It crashed, also right after its last event, or its exit code at the stop reports a failure. `stop()` then throws PROCESS_DIED, with its last log lines. `shutdownExitCodes` allows codes one by one.",
  }),
  ENDED_UNASKED: fails("The worker ended by itself, with exit code 0", {
    meaning:
      "No one asked it to: a server that ends after a job, or when it should only report an error, is gone for the next client. A test that makes it end calls `shutdown()`, `kill()` or `waitForExit()`.",
    faults: ["exit", "kill"],
  }),
  SEED_MISMATCH: fails("`started` reports another seed than the request asked for", {
    meaning: "A result that cannot be repeated with its seed cannot be debugged.",
  }),
  INVALID_UTF8: fails("A stream contains bytes that are not UTF-8", {
    meaning:
      "Usually a token that ends in the middle of a character was sent as it is. Clients show U+FFFD in its place, or reject the stream.",
    faults: BYTE_FAULTS,
  }),
  TOKENS_OUT_TOO_LOW: fails("`tokens_out` is lower than the number of token events", {
    meaning: "Bills and quotas are made from it.",
    faults: ["wrong-tokens-out", "two-terminals", "data-after-end", "duplicate-token", "repeat-event"],
  }),
  MAX_TOKENS_EXCEEDED: fails("A job has more tokens than `max_tokens`", {
    meaning: "Clients plan their context and their budget with it.",
    faults: ["never-stops", "data-after-end", "duplicate-token", "repeat-event"],
  }),
  TEXT_AFTER_STOP: fails("A text contains a stop sequence of its request", {
    meaning: "What follows the sequence reaches parsers and users that rely on its end.",
    faults: ["ignores-stop", "cross-talk", "duplicate-token", "repeat-event", "swap-tokens", "swap-events"],
  }),
  CUMULATIVE_TEXT: fails("Each token repeats the whole text before it", {
    meaning:
      "A client that joins the tokens shows the answer many times over. Send what is new since the last token. Reported for 8 tokens or more.",
    faults: ["duplicate-token", "repeat-event"],
  }),
  STOP_REASON_WRONG: fails("The stop reason contradicts the request or the number of tokens", {
    meaning:
      "Clients decide by it whether an answer is complete. `max_tokens` with fewer tokens, a stop sequence that was not requested. Judged in this project's own protocol.",
    faults: ["wrong-tokens-out", "ignores-stop", "cross-talk"],
  }),
  DECODE_TIME_TOO_LONG: fails("`decode_time_ms` is longer than the whole job took", {
    meaning: "Usually another unit. Throughput and bills are made from it. Judged in this project's own protocol.",
  }),
  STREAM_LEFT_OPEN: fails("A stream stayed open after its terminal event", {
    meaning:
      "A client that reads to the end of the body waits for its time-out, and the connection cannot be used again. Reported after `graceMs`, if that is half a second or more.",
    faults: ["terminal-then-hang", "stall", "comments-only", "pause", "latency", "bandwidth", "drip", "cpu-quota"],
    calls: ["pause("],
  }),
  RESET_AFTER_END: fails("The connection broke between the terminal event and the end of the body", {
    meaning:
      "The events are complete, so it passes for a clean end; a client that reads to the end of the body reports a broken connection.",
    faults: [
      "terminal-then-rst",
      "rst",
      "fin",
      "reset-at-close",
      "wrong-length",
      "bad-chunk",
      "limit-bytes",
      "kill",
      "exit",
    ],
    calls: ["kill(", "restart("],
  }),
  UNHEALTHY_WITH_200: fails("The health request is answered 200 with the status `unhealthy`", {
    meaning: "Load balancers and orchestrators look at the status code alone, and keep sending requests. Answer 503.",
    faults: ["changed-status"],
  }),
  EOS_AT_MAX_TOKENS: note("A job with exactly `max_tokens` tokens ended with `eos`", {
    meaning:
      "Both can be true: the last token that was allowed may have been followed by the end of the sequence. A server that reports `eos` for an answer that was cut off looks the same.",
  }),
} as const satisfies Record<string, FindingInfo>;

/** A code of the catalogue. */
export type FindingCode = keyof typeof FINDINGS;

/** Every code, in catalogue order. */
export const FINDING_CODES = Object.keys(FINDINGS) as readonly FindingCode[];
