const job = (id, wrong, found, more = {}) => ({ id, wrong, user: "runs a job", found, ...more });
const timeouts = (fields) => ({ start: { timeouts: fields } });

/** @type {import("../mistake.ts").MistakeArea} */
export const FRAMING = {
  title: "HTTP and Server-Sent Events",
  mistakes: [
    job("json-content-type", "The stream has the content type `application/json`", "INVALID_RESPONSE"),
    job("no-content-type", "The stream has no content type", "INVALID_RESPONSE"),
    job("compressed-anyway", "The stream is compressed although the client does not accept that", "INVALID_RESPONSE"),
    job("whole-json-answer", "The answer is one JSON object, not a stream", "INVALID_RESPONSE"),
    job("html-error-page", "An error page of HTML is sent with the status 200", "INVALID_RESPONSE"),
    job("answers-500", "An exception is answered 500 without a reason", "HTTP_FAILED"),
    job("no-blank-line-at-end", "The last event is not ended by a blank line", "COMPLETION_FAILED: truncated"),
    job("one-newline", "Events are separated by one newline", "COMPLETION_FAILED: truncated"),
    job(
      "escaped-newlines",
      "Newlines of the frame are sent as `\\n`, in two characters",
      "COMPLETION_FAILED: truncated",
    ),
    job(
      "pretty-printed",
      "The JSON of an event has several lines, and only the first one begins with `data:`",
      "COMPLETION_FAILED: invalid-event",
    ),
    job("lines-of-json", "Events are lines of JSON without `data:`", "COMPLETION_FAILED: truncated"),
    job("data-twice", "Each event begins with `data: data:`", "COMPLETION_FAILED: invalid-event"),
    job(
      "python-repr",
      "Events are written as Python shows a dict, with single quotes",
      "COMPLETION_FAILED: invalid-event",
    ),
    job("raw-newline-in-text", "A newline in the text is not escaped", "COMPLETION_FAILED: invalid-event"),
    job("nan-in-json", "A figure is `NaN`, which is not JSON", "COMPLETION_FAILED: invalid-event"),
    job(
      "wrong-event-name",
      "The `event:` of a frame differs from the `type` of its data",
      "COMPLETION_FAILED: invalid-event",
    ),
    job("unknown-event-type", "Tokens have a type that the protocol does not have", "COMPLETION_FAILED: invalid-event"),
    job("null-for-text", "A token that is not text yet is sent as null", "COMPLETION_FAILED: invalid-event"),
    job("empty-token", "A token that is not text yet is sent as an empty one", "COMPLETION_FAILED: invalid-event"),
    job(
      "length-too-short",
      "`content-length` counts characters instead of bytes, so the end is cut off",
      "COMPLETION_FAILED: truncated",
    ),
    job("length-too-long", "`content-length` is larger than the body", "COMPLETION_FAILED: transport-error"),
    job("drops-connection-at-end", "The connection is closed without the last chunk of the body", "RESET_AFTER_END"),
    job("resets-connection-at-end", "The connection is reset after the last event", "RESET_AFTER_END"),
    job("stays-open", "The stream stays open after its last event", "STREAM_LEFT_OPEN"),
    job("breaks-off", "The connection breaks in the middle of an answer", "COMPLETION_FAILED: transport-error"),
    job("no-end-event", "The stream ends without its last event", "COMPLETION_FAILED: truncated"),
    job("sends-at-once", "The answer is collected and sent at once", "NOT_STREAMED"),
    job("buffers-4-kib", "The answer is written through a buffer that is not flushed after each event", "NOT_STREAMED"),
    job("does-not-flush", "`http.ResponseWriter` is not flushed after each event", "NOT_STREAMED", { language: "go" }),
    job("never-answers", "A job is accepted and never answered", "LIMIT_HEADERS", timeouts({ headersMs: 400 })),
    job(
      "only-comments",
      "A job that hangs is kept alive by comments",
      "COMPLETION_FAILED: limit-exceeded",
      timeouts({ firstTokenMs: 400 }),
    ),
    job(
      "stalls",
      "The generation stops in the middle, and the connection stays open",
      "COMPLETION_FAILED: limit-exceeded",
      timeouts({ tokenIdleMs: 400 }),
    ),
    job("endless-line", "A line has no end", "COMPLETION_FAILED: limit-exceeded"),
  ],
};
