// Mistakes in the text, the order of events, the numbers and the limits.
import { setTimeout as sleep } from "node:timers/promises";

/** Changes the events of every job; a change returns the events that take the place of one. */
const events = (worker, change) => {
  const generate = worker.generate.bind(worker);
  worker.generate = async function* (job) {
    for await (const event of generate(job)) yield* change(event, job) ?? [event];
  };
};
const on = (worker, type, change) =>
  events(worker, (event, job) => (event.type === type ? change(event, job) : undefined));
/** Changes bytes on their way. */
const bytes = (worker, change) => {
  const write = worker.write.bind(worker);
  worker.write = (job, text) => write(job, change(Buffer.from(text)));
};
/** The tokens of an answer that ignores the limit. */
const unlimited = (worker, extra) => {
  worker.limit = ({ request }) => request.max_tokens + extra;
  worker.answer = Array.from({ length: 200 }, (_, index) => ` ${index}`);
};

export const TEXT = {
  "half-characters": (worker) => bytes(worker, (given) => (given.includes("Küche") ? withoutByte(given, 0xbc) : given)),
  "latin-1": (worker) => bytes(worker, (given) => Buffer.from(given.toString(), "latin1")),
  "half-surrogates": (worker) =>
    on(worker, "token", (event) => (event.t.includes("👩") ? [{ ...event, t: event.t.slice(0, 2) }] : undefined)),
  "replacement-characters": (worker) =>
    on(worker, "token", (event) => [{ ...event, t: event.t.replaceAll(/[^\x20-\x7e]/gu, "\ufffd\ufffd") }]),
  "trims-tokens": (worker) => on(worker, "token", (event) => [{ ...event, t: event.t.trim() }]),
  "whole-text-each-time": (worker) => {
    let text = "";
    on(worker, "token", (event) => [{ ...event, t: (text += event.t) }]);
  },
  "every-token-twice": (worker) => {
    let count = 0;
    on(worker, "token", (event) => [
      { ...event, i: count++ },
      { ...event, i: count++ },
    ]);
    on(worker, "end", (event) => [{ ...event, tokens_out: count }]);
  },
  "echoes-the-prompt": (worker) =>
    on(worker, "token", (event, { request }) =>
      event.i === 0 ? [{ ...event, t: request.prompt + event.t }] : undefined,
    ),
  "special-token-in-text": (worker) =>
    on(worker, "token", (event) => (event.i === 23 ? [{ ...event, t: "</s>" }] : undefined)),
  "ignores-stop": (worker) => events(worker, (_event, job) => void delete job.request.stop),
  "keeps-stop": (worker) => on(worker, "end", (event) => [{ type: "token", t: ` am`, i: event.tokens_out - 1 }, event]),
  "stop-of-no-request": (worker) =>
    on(worker, "end", (event) => [{ ...event, stop_reason: "stop_sequence", stop_sequence_matched: "###" }]),
};

export const ORDER = {
  "no-started": (worker) => on(worker, "started", () => []),
  "started-twice": (worker) => on(worker, "started", (event) => [event, event]),
  "counts-from-1": (worker) => on(worker, "token", (event) => [{ ...event, i: event.i + 1 }]),
  "skips-an-index": (worker) => on(worker, "token", (event) => (event.i === 4 ? [] : undefined)),
  "repeats-an-index": (worker) => on(worker, "token", (event) => (event.i === 4 ? [event, event] : undefined)),
  "swaps-tokens": (worker) =>
    on(worker, "token", (event) =>
      event.i === 4 ? [{ ...event, i: 5 }] : event.i === 5 ? [{ ...event, i: 4 }] : undefined,
    ),
  "end-twice": (worker) => on(worker, "end", (event) => [event, event]),
  "error-after-end": (worker) =>
    on(worker, "end", (event) => [event, { type: "error", code: "INTERNAL", message: "closed", retriable: false }]),
  "token-after-end": (worker) => on(worker, "end", (event) => [event, { type: "token", t: "!", i: event.tokens_out }]),
  "hides-a-failure": (worker) => {
    worker.generate = async function* (job) {
      yield { type: "started", job_id: job.id, model: "m", started_at: new Date().toISOString(), seed: job.seed };
      await sleep(20); // the exception of the engine is caught here
      yield { type: "end", tokens_out: 0, decode_time_ms: 20, stop_reason: "eos", stop_sequence_matched: null };
    };
  },
};

export const NUMBERS = {
  "seed-as-double": (worker) =>
    on(worker, "started", (event) => [{ ...event, seed: BigInt(Number(event.seed)).toString() }]),
  "seed-as-i64": (worker) =>
    on(worker, "started", (event) => [{ ...event, seed: Number(BigInt.asIntN(64, BigInt(event.seed))) }]),
  "seed-as-u32": (worker) =>
    on(worker, "started", (event) => [{ ...event, seed: BigInt.asUintN(32, BigInt(event.seed)).toString() }]),
  "own-seed": (worker) => on(worker, "started", (event) => [{ ...event, seed: "42" }]),
  "no-seed": (worker) => on(worker, "started", (event) => [{ ...event, seed: null }]),
  "seed-as-string": (worker) => on(worker, "started", (event) => [{ ...event, seed: `#${event.seed}` }]),
  "tokens-out-as-string": (worker) =>
    on(worker, "end", (event) => [{ ...event, tokens_out: String(event.tokens_out) }]),
  "no-tokens-out": (worker) => on(worker, "end", (event) => [{ ...event, tokens_out: undefined }]),
  "counts-one-less": (worker) => on(worker, "end", (event) => [{ ...event, tokens_out: event.tokens_out - 1 }]),
  "counts-the-prompt": (worker) => on(worker, "end", (event) => [{ ...event, tokens_out: event.tokens_out + 1_000 }]),
  "counts-one-more": (worker) => on(worker, "end", (event) => [{ ...event, tokens_out: event.tokens_out + 1 }]),
  "time-in-nanoseconds": (worker) =>
    on(worker, "end", (event) => [{ ...event, decode_time_ms: event.decode_time_ms * 1e6 }]),
  "time-in-seconds": (worker) =>
    on(worker, "end", (event) => [{ ...event, decode_time_ms: event.decode_time_ms / 1000 }]),
  "negative-time": (worker) => on(worker, "end", (event) => [{ ...event, decode_time_ms: -1 }]),
  "one-token-too-many": (worker) => unlimited(worker, 1),
  "ignores-max-tokens": (worker) => unlimited(worker, 100),
  "max-tokens-too-early": (worker) => {
    worker.answer = worker.answer.slice(0, 12);
    on(worker, "end", (event) => [{ ...event, stop_reason: "max_tokens" }]);
  },
  "always-eos": (worker) => on(worker, "end", (event) => [{ ...event, stop_reason: "eos" }]),
  "ignores-temperature": () => undefined, // as the healthy worker does, whose answer is always the same
};

function withoutByte(given, byte) {
  return Buffer.from([...given].filter((each) => each !== byte));
}
