const chat = (id, wrong, found, more = {}) => ({
  ...{ id, wrong, user: "runs a job", found, start: { dialect: "openai-chat" } },
  ...more,
});

/** @type {import("../mistake.ts").MistakeArea} */
export const OPENAI = {
  title: "OpenAI's form",
  mistakes: [
    chat("openai-no-finish-reason", "No chunk has a `finish_reason`", "COMPLETION_FAILED: truncated"),
    chat("openai-no-done", "The stream ends without `[DONE]`", "COMPLETION_FAILED: truncated"),
    chat("openai-error-in-stream", "An exception is sent as a chunk, and the stream continues", "COMPLETION_FAILED"),
    chat("openai-whole-text-each-time", "Each chunk repeats the text before it", "CUMULATIVE_TEXT"),
    chat(
      "openai-half-surrogates",
      "An emoji is cut into the halves of its surrogate pair",
      "COMPLETION_FAILED: invalid-event",
    ),
    chat(
      "openai-message-for-delta",
      "Chunks have a `message` instead of a `delta`",
      "COMPLETION_FAILED: invalid-event",
    ),
    chat("openai-completions-chunks", "Chunks are those of `/v1/completions`", "COMPLETION_FAILED: invalid-event"),
    chat("openai-counts-low", "`completion_tokens` is lower than the number of chunks", "TOKENS_OUT_TOO_LOW"),
    chat("openai-ignores-stream", "`stream: true` is ignored", "INVALID_RESPONSE"),
    chat("openai-html-in-stream", "A proxy writes an error page into the stream", "COMPLETION_FAILED: invalid-event"),
  ],
};
