import type { MutantDefinition } from "./define-mutant.js";

/** Defects that a proxy makes on the way, in front of any server and in any dialect. */
export const WIRE_MUTANTS = {
  "stream.wrong-content-type": {
    meaning: "A stream has a content type that is not that of its framing.",
    killedBy: ["stream.content-type", "ready.answers-one-token"],
    making: { kind: "wire", faults: [{ id: "wrong-content-type" }] },
  },
  "stream.loses-its-content-type": {
    meaning: "A stream has no content type.",
    killedBy: ["stream.content-type", "ready.answers-one-token"],
    making: { kind: "wire", faults: [{ id: "missing-header", name: "content-type" }] },
  },
  "stream.stays-open": {
    meaning: "The body does not end after the terminal event.",
    killedBy: ["stream.one-terminal-event"],
    making: { kind: "wire", faults: [{ id: "terminal-then-hang" }] },
  },
  "stream.ends-without-terminal": {
    meaning: "The body ends without a terminal event.",
    killedBy: ["stream.one-terminal-event"],
    making: { kind: "wire", faults: [{ id: "clean-end", at: { afterTokens: 3 } }] },
  },
  "stream.ends-inside-an-event": {
    meaning: "The body ends properly in the middle of an event.",
    killedBy: ["stream.one-terminal-event", "length.large-answer-is-complete"],
    making: { kind: "wire", faults: [{ id: "clean-end-mid-event", at: { afterTokens: 3 } }] },
  },
  "stream.is-reset-on-the-way": {
    meaning: "The connection is reset in the middle of a long answer.",
    killedBy: ["length.large-answer-is-complete"],
    making: { kind: "wire", faults: [{ id: "rst", at: { afterTokens: 64 } }] },
  },
  "stream.is-reset-at-its-end": {
    meaning: "The connection is reset after the terminal event, before the body has ended.",
    killedBy: ["stream.one-terminal-event", "ready.answers-one-token"],
    making: { kind: "wire", faults: [{ id: "terminal-then-rst" }] },
  },
  "stream.stalls": {
    meaning: "Nothing more is sent after the third token, and the connection stays open.",
    killedBy: ["length.large-answer-is-complete"],
    making: { kind: "wire", faults: [{ id: "stall", at: { afterTokens: 3 } }] },
  },
  "stream.is-buffered-on-the-way": {
    meaning: "A proxy holds a stream back until it is complete, and sends it at once.",
    killedBy: ["stream.arrives-while-generated"],
    seen: "https://github.com/BerriAI/litellm/issues/28384",
    making: { kind: "wire", faults: [{ id: "buffered" }] },
  },
  "stream.loses-what-is-not-read": {
    meaning:
      "The connection is reset half a second after the last byte was sent, whatever the client has read by then.",
    killedBy: ["stream.slow-reader-gets-everything"],
    making: { kind: "wire", faults: [{ id: "reset-at-close", ms: 500 }] },
  },
  "stream.merges-two-events": {
    meaning: "The blank line or line end between two events is missing.",
    killedBy: ["stream.every-event-parses"],
    making: { kind: "wire", faults: [{ id: "merge-events" }] },
  },
  "stream.splits-an-event": {
    meaning: "An event ends in the middle of its JSON, and goes on in the next one.",
    killedBy: ["stream.every-event-parses"],
    making: { kind: "wire", faults: [{ id: "split-event" }] },
  },
  "stream.drops-an-event": {
    meaning: "One token event of each stream is lost.",
    killedBy: ["stream.equals-whole-answer", "stream.tokens-are-in-order"],
    making: { kind: "wire", faults: [{ id: "drop-event", at: { afterTokens: 2 } }] },
  },
  "stream.repeats-an-event": {
    meaning: "One token event of each stream is sent twice.",
    killedBy: ["stream.equals-whole-answer", "stream.tokens-are-in-order"],
    making: { kind: "wire", faults: [{ id: "repeat-event", at: { afterTokens: 2 } }] },
  },
  "stream.swaps-events": {
    meaning: "Now and then two successive token events of a stream are sent in the opposite order.",
    killedBy: ["stream.equals-whole-answer", "stream.tokens-are-in-order"],
    // Several, because two tokens of a random text may be equal.
    making: { kind: "wire", faults: [2, 6, 11].map((afterTokens) => ({ id: "swap-events", at: { afterTokens } })) },
  },
  "text.gets-an-invalid-byte": {
    meaning: "The text of a token has a byte that is not UTF-8.",
    killedBy: ["text.whole-characters"],
    making: { kind: "wire", faults: [{ id: "invalid-utf8", at: { afterTokens: 1 } }] },
  },
  "validation.refusals-become-500": {
    meaning: "A proxy turns every refusal with 400 into a 500.",
    killedBy: ["validation.malformed-json", "validation.wrong-type"],
    making: { kind: "wire", faults: [{ id: "changed-status", from: 400, code: 500 }] },
  },
  "errors.lose-retry-after": {
    meaning: "A proxy removes Retry-After from the answers of a full server.",
    killedBy: ["errors.overload-says-when-to-retry"],
    making: { kind: "wire", faults: [{ id: "missing-header", name: "retry-after" }] },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
