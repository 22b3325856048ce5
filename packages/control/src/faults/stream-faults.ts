import { defineGroup, param } from "./define-fault.js";

const transport = defineGroup("transport", "proxy");
const framing = defineGroup("framing", "proxy");
const SOMEWHERE = ["headers", "tokens", "bytes", "ms"] as const;

/** Faults of the connection while a stream is on it. */
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
    meaning: "The response ends properly, but without a terminal event.",
    reports: "`truncated`",
    at: SOMEWHERE,
    defaultAt: "after-headers",
  }),
  "clean-end-mid-event": transport({
    meaning: "The response ends properly in the middle of the next event.",
    reports: "`truncated`, with the unterminated bytes",
    at: ["headers", "tokens"],
    defaultAt: { afterTokens: 1 },
  }),
  "terminal-then-hang": transport({
    meaning: "The response stays open after the terminal event.",
    reports: "`complete`, after the grace",
  }),
  stall: transport({
    meaning: "Nothing more is sent, for `ms` or for ever.",
    reports: "`limit-exceeded` (firstTokenMs, tokenIdleMs or transportIdleMs)",
    params: { ms: param.maybeMs },
    at: SOMEWHERE,
    defaultAt: "after-headers",
  }),
  "comments-only": transport({
    meaning: "Only comments are sent, which keep the connection busy.",
    reports: "`limit-exceeded` (firstTokenMs or tokenIdleMs)",
    params: { everyMs: param.ms(20) },
    at: SOMEWHERE,
    defaultAt: "after-headers",
  }),
  drip: transport({
    meaning: "The body comes in pieces of so many bytes, so far apart.",
    reports: "a slow `complete`, all characters whole",
    params: { bytes: param.bytes(1), everyMs: param.ms(1) },
  }),
  bandwidth: transport({
    meaning: "The body comes at so many bytes a second.",
    reports: "a slow `complete`",
    params: { bytesPerSec: param.bytes(64 * 1024) },
  }),
  latency: transport({
    meaning: "Every byte comes so much later, plus or minus a seeded jitter; the order is kept.",
    reports: "a later `complete`",
    params: { ms: param.ms(50), jitterMs: param.ms(0) },
  }),
  "limit-bytes": transport({
    meaning: "The connection is closed after so many bytes of the body.",
    reports: "`transport-error`, at that byte",
    params: { bytes: param.bytes(200) },
  }),
} as const;

/** Faults and rarities of the event-stream format; those that the format allows must not be noticed. */
export const FRAMING_FAULTS = {
  crlf: framing({ meaning: "Lines end with CR LF.", reports: "`complete`: the format allows it" }),
  cr: framing({ meaning: "Lines end with CR.", reports: "`complete`: the format allows it" }),
  mixed: framing({ meaning: "Lines end with LF, CR LF and CR in turn.", reports: "`complete`: the format allows it" }),
  bom: framing({ meaning: "The stream begins with a BOM.", reports: "`complete`: the format allows it" }),
  "split-utf8": framing({
    meaning: "Every character of several bytes is split over two writes.",
    reports: "`complete`, no character lost",
  }),
  "split-crlf": framing({
    meaning: "Lines end with CR LF, split over two writes.",
    reports: "`complete`: no line is doubled",
  }),
  "invalid-utf8": framing({
    meaning: "A byte that is no UTF-8 stands in the text of a token.",
    reports: "`complete`, with U+FFFD in its place",
    at: ["tokens"],
    defaultAt: { afterTokens: 0 },
  }),
  "no-final-blank": framing({
    meaning: "The blank line after the last event is missing.",
    reports: "`truncated`, with the unterminated bytes",
  }),
  "huge-event": framing({
    meaning: "One event of so many bytes.",
    reports: "`limit-exceeded` (eventBytes)",
    params: { bytes: param.bytes(2 * 1024 * 1024) },
    at: ["headers", "tokens"],
    defaultAt: "after-headers",
  }),
  "endless-line": framing({
    meaning: "A line that goes on for so many bytes and never ends.",
    reports: "`limit-exceeded` (eventBytes)",
    params: { bytes: param.bytes(4 * 1024 * 1024) },
    at: ["headers", "tokens"],
    defaultAt: "after-headers",
  }),
  retry: framing({
    meaning: "A `retry` field asks for a reconnection, which a client of a job must not make.",
    reports: "`complete`, with `retryMs`",
    params: { ms: param.ms(3_000) },
  }),
  "multi-line-json": framing({
    meaning: "The JSON of each event is spread over several `data` lines.",
    reports: "`complete`: the format allows it",
  }),
} as const;
