const job = (id, wrong, found, more = {}) => ({ id, wrong, user: "runs a job", found, ...more });
const unseen = (id, wrong, notFindable) => ({ id, wrong, user: "runs a job", notFindable });
const limited = { request: { max_tokens: 16 } };
const stopped = { request: { stop: [" am"] } };
const U64 = { request: { seed: "18446744073709551615" } };

/** @type {import("../mistake.ts").MistakeArea} */
export const TEXT = {
  title: "Text",
  mistakes: [
    job("half-characters", "A token that ends in the middle of a character is sent as it is", "INVALID_UTF8"),
    job("latin-1", "The stream is encoded as Latin-1", "INVALID_UTF8"),
    job("half-surrogates", "An emoji is cut into the halves of its surrogate pair", "COMPLETION_FAILED: invalid-event"),
    unseen(
      "replacement-characters",
      "Each half of a character becomes U+FFFD",
      "A model can write U+FFFD, and the text does not show where it comes from. `inference-testkit check` asks for text that it can compare (`text.…`).",
    ),
    unseen(
      "trims-tokens",
      "Spaces at the beginning of tokens are removed",
      "The text alone does not show it. A golden transcript does, and `inference-testkit check`.",
    ),
    job("whole-text-each-time", "Each token repeats the text before it", "CUMULATIVE_TEXT"),
    unseen(
      "every-token-twice",
      "Each token is sent twice, with an index of its own",
      "A model can repeat itself. A golden transcript shows it; `tokens_out` does if the server counts the tokens of the engine.",
    ),
    unseen(
      "echoes-the-prompt",
      "The answer begins with the prompt",
      "A model can repeat the prompt. `inference-testkit check` looks for it with several prompts.",
    ),
    unseen(
      "special-token-in-text",
      "The text of a special token, such as `</s>`, is sent",
      "It may be text that the model wrote. A golden transcript shows it.",
    ),
    job("ignores-stop", "The text continues after a stop sequence", "TEXT_AFTER_STOP", stopped),
    job("keeps-stop", "The text ends with the stop sequence", "TEXT_AFTER_STOP", stopped),
    job("stop-of-no-request", "The answer claims a stop sequence that was not requested", "STOP_REASON_WRONG"),
  ],
};

/** @type {import("../mistake.ts").MistakeArea} */
export const ORDER = {
  title: "Order of events",
  mistakes: [
    job("no-started", "The first event is a token", "ORDER_VIOLATED"),
    job("started-twice", "`started` is sent twice", "ORDER_VIOLATED"),
    job("counts-from-1", "The index of the tokens begins at 1", "ORDER_VIOLATED"),
    job("skips-an-index", "A token is lost, and its index is missing", "ORDER_VIOLATED"),
    job("repeats-an-index", "A token is sent twice, with the same index", "ORDER_VIOLATED"),
    job("swaps-tokens", "Two tokens arrive in the wrong order", "ORDER_VIOLATED"),
    job("end-twice", "`end` is sent twice", "ORDER_VIOLATED"),
    job("error-after-end", "Closing the stream sends an `error` after `end`", "ORDER_VIOLATED"),
    job("token-after-end", "A token arrives after `end`", "ORDER_VIOLATED"),
    {
      id: "hides-a-failure",
      wrong: "An exception of the engine ends as `end` without any token",
      user: "runs two jobs at once",
      found: "empty",
    },
  ],
};

/** @type {import("../mistake.ts").MistakeArea} */
export const NUMBERS = {
  title: "Numbers and limits",
  mistakes: [
    job("seed-as-double", "A seed above 2^53 passes through a double and is rounded", "SEED_MISMATCH", {
      request: { seed: "9007199254740993" },
    }),
    job(
      "seed-as-i64",
      "A seed of 64 bits passes through a signed integer and becomes negative",
      "COMPLETION_FAILED: invalid-event",
      U64,
    ),
    job("seed-as-u32", "A seed of 64 bits is cut to 32 bits", "SEED_MISMATCH", U64),
    job("own-seed", "The seed of the request is ignored", "SEED_MISMATCH"),
    job("no-seed", "The seed is reported as null", "COMPLETION_FAILED: invalid-event"),
    job("seed-as-string", "The seed is reported as a string", "COMPLETION_FAILED: invalid-event"),
    job("tokens-out-as-string", "`tokens_out` is a string", "COMPLETION_FAILED: invalid-event"),
    job("no-tokens-out", "`tokens_out` is missing", "COMPLETION_FAILED: invalid-event"),
    job("counts-one-less", "`tokens_out` leaves out the last token", "TOKENS_OUT_TOO_LOW"),
    job("counts-the-prompt", "`tokens_out` includes the tokens of a long prompt", "MAX_TOKENS_EXCEEDED"),
    unseen(
      "counts-one-more",
      "`tokens_out` is one too high, and below `max_tokens`",
      "A token that does not complete a character is joined with the next one, so there may be fewer token events than tokens.",
    ),
    job("time-in-nanoseconds", "`decode_time_ms` is in nanoseconds", "DECODE_TIME_TOO_LONG"),
    job("time-in-seconds", "`decode_time_ms` is in seconds", "STREAMING_UNPROVEN"),
    job("negative-time", "`decode_time_ms` is negative, because the clock was set", "COMPLETION_FAILED: invalid-event"),
    job("one-token-too-many", "The answer has one token more than `max_tokens`", "MAX_TOKENS_EXCEEDED", limited),
    job("ignores-max-tokens", "`max_tokens` is ignored", "MAX_TOKENS_EXCEEDED", limited),
    job(
      "max-tokens-too-early",
      "The stop reason is `max_tokens`, and the answer has fewer tokens",
      "STOP_REASON_WRONG",
    ),
    job("always-eos", "The stop reason is always `eos`, also at `max_tokens`", "EOS_AT_MAX_TOKENS", limited),
    unseen(
      "ignores-temperature",
      "The temperature is ignored",
      "One answer does not show it. The checks `sampling.…` of `inference-testkit check` compare several.",
    ),
  ],
};
