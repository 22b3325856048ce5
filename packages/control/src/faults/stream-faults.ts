import { defineGroup, param } from "./define-fault.js";

const transport = defineGroup("transport", "proxy");
const framing = defineGroup("framing", "proxy");
const AT_TOKEN = { at: ["tokens"], defaultAt: { afterTokens: 1 } } as const;
const SOMEWHERE = ["headers", "tokens", "bytes", "ms"] as const;

/** Connection faults during a stream. */
export const TRANSPORT_FAULTS = {
  rst: transport({
    meaning: "The connection is reset.",
    reports: "`transport-error` (ECONNRESET or UND_ERR_SOCKET)",
    at: SOMEWHERE,
    defaultAt: "after-headers",
  }),
  fin: transport({
    meaning: "The connection is closed inside the body.",
    reports: "`transport-error` (UND_ERR_SOCKET)",
    at: SOMEWHERE,
    defaultAt: "after-headers",
  }),
  "clean-end": transport({
    meaning: "The response ends cleanly without a terminal event.",
    reports: "`truncated`",
    at: SOMEWHERE,
    defaultAt: "after-headers",
  }),
  "clean-end-mid-event": transport({
    meaning: "The response ends cleanly in the middle of the next event.",
    reports: "`truncated`, with the unterminated bytes",
    at: ["headers", "tokens"],
    defaultAt: { afterTokens: 1 },
  }),
  "terminal-then-hang": transport({
    meaning: "The response stays open after the terminal event.",
    reports: "`complete`, after the grace period",
  }),
  "terminal-then-rst": transport({
    meaning: "The connection is reset after the terminal event, before the end of the body.",
    reports: "`transport-error` (ECONNRESET), although no event is missing",
  }),
  "reset-at-close": transport({
    meaning:
      "The connection is not kept: it is reset `ms` after the last byte of the answer was handed to the system. A client that reads too slowly loses the rest.",
    reports: "`complete` for a client that is quick enough, otherwise `transport-error`",
    params: { ms: param.ms(0) },
  }),
  stall: transport({
    meaning: "Nothing more is sent for `ms`; without `ms`, permanently.",
    reports: "`limit-exceeded` (firstTokenMs, tokenIdleMs or transportIdleMs)",
    params: { ms: param.maybeMs },
    at: SOMEWHERE,
    defaultAt: "after-headers",
  }),
  "comments-only": transport({
    meaning: "Only comments are sent, so the connection stays busy.",
    reports: "`limit-exceeded` (firstTokenMs or tokenIdleMs)",
    params: { everyMs: param.ms(20) },
    at: SOMEWHERE,
    defaultAt: "after-headers",
  }),
  buffered: transport({
    meaning: "The body is held back until it is complete, and then sent at once. At most 16 MiB are held back.",
    reports: "`complete`, with all tokens at the same time",
  }),
  drip: transport({
    meaning: "The body is sent in pieces of `bytes` bytes, `everyMs` apart.",
    reports: "a slow `complete`, no character broken",
    params: { bytes: param.bytes(1), everyMs: param.ms(1) },
  }),
  bandwidth: transport({
    meaning: "The body is sent at `bytesPerSec`.",
    reports: "a slow `complete`",
    params: { bytesPerSec: param.bytes(64 * 1024) },
  }),
  latency: transport({
    meaning: "Every byte is delayed by `ms`, plus or minus a seeded jitter of up to `jitterMs`; the order is kept.",
    reports: "a later `complete`",
    params: { ms: param.ms(50), jitterMs: param.ms(0) },
  }),
  "limit-bytes": transport({
    meaning: "The connection is closed after `bytes` bytes of the body.",
    reports: "`transport-error`, at that byte",
    params: { bytes: param.bytes(200) },
  }),
} as const;

/**
 * Faults of the event-stream format, and rare but valid forms of it, which a client must accept.
 */
export const FRAMING_FAULTS = {
  crlf: framing({ meaning: "Lines end with CR LF.", reports: "`complete`: the format allows it" }),
  cr: framing({ meaning: "Lines end with CR.", reports: "`complete`: the format allows it" }),
  mixed: framing({
    meaning: "Lines end with LF, CR LF and CR alternately.",
    reports: "`complete`: the format allows it",
  }),
  bom: framing({ meaning: "The stream begins with a BOM.", reports: "`complete`: the format allows it" }),
  "split-utf8": framing({
    meaning: "Every multi-byte character is split across two writes.",
    reports: "`complete`, no character lost",
  }),
  "split-crlf": framing({
    meaning: "Lines end with CR LF, split across two writes.",
    reports: "`complete`, no line duplicated",
  }),
  "invalid-utf8": framing({
    meaning: "The text of a token contains a byte that is not valid UTF-8.",
    reports: "`complete`, with U+FFFD in its place; job outcome `invalid-utf8`",
    at: ["tokens"],
    defaultAt: { afterTokens: 0 },
  }),
  "drop-event": framing({
    meaning: "A token event is not sent.",
    reports: "`ORDER_VIOLATED` if tokens are numbered, otherwise `complete`",
    ...AT_TOKEN,
  }),
  "repeat-event": framing({
    meaning: "A token event is sent twice.",
    reports: "`ORDER_VIOLATED` if tokens are numbered, otherwise `complete`",
    ...AT_TOKEN,
  }),
  "swap-events": framing({
    meaning: "Two successive token events are sent in the opposite order.",
    reports: "`ORDER_VIOLATED` if tokens are numbered, otherwise `complete`",
    ...AT_TOKEN,
  }),
  "merge-events": framing({
    meaning: "The blank line or line end between a token event and the next event is missing.",
    reports: "`invalid-event`",
    ...AT_TOKEN,
  }),
  "split-event": framing({
    meaning: "A token event is ended in the middle of its JSON; the rest follows as if it were an event.",
    reports: "`invalid-event`",
    ...AT_TOKEN,
  }),
  "no-final-blank": framing({
    meaning: "The blank line after the last event is missing.",
    reports: "`truncated`, with the unterminated bytes",
  }),
  "huge-event": framing({
    meaning: "One event has `bytes` bytes.",
    reports: "`limit-exceeded` (eventBytes)",
    params: { bytes: param.bytes(2 * 1024 * 1024) },
    at: ["headers", "tokens"],
    defaultAt: "after-headers",
  }),
  "endless-line": framing({
    meaning: "A line continues for `bytes` bytes and never ends.",
    reports: "`limit-exceeded` (eventBytes)",
    params: { bytes: param.bytes(4 * 1024 * 1024) },
    at: ["headers", "tokens"],
    defaultAt: "after-headers",
  }),
  retry: framing({
    meaning: "A `retry` field asks the client to reconnect, which a client of a job must not do.",
    reports: "`complete`, with `retryMs`",
    params: { ms: param.ms(3_000) },
  }),
  "multi-line-json": framing({
    meaning: "The JSON of each event is split across several `data` lines.",
    reports: "`complete`: the format allows it",
  }),
} as const;
