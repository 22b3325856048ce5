// One stream in each dialect: what comes before the tokens, a token, and what comes after them, as servers send them.
import { encodeSseEvent } from "inference-worker-protocol";

const sse = (data, event) => `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
const line = (data) => `${JSON.stringify(data)}\n`;
const word = (i) => ` word${i % 1000}`;
const DONE = "data: [DONE]\n\n";

const chunk = (kind, choices, more = {}) =>
  sse({ id: "cmpl-1", object: kind, created: 1_700_000_000, model: "bench", choices, ...more });
const response = (event, fields) => sse({ type: event, ...fields }, event);
const ollama = (fields) => line({ model: "bench", created_at: "2026-01-01T00:00:00Z", done: false, ...fields });

/** Each takes the number of tokens. */
export const DIALECT_FRAMES = {
  orcd: {
    head: () =>
      encodeSseEvent({
        type: "started",
        job_id: "job-1",
        model: "bench",
        started_at: new Date(0).toISOString(),
        seed: 42,
      }),
    token: (i) => encodeSseEvent({ type: "token", t: word(i), i }),
    tail: (count) => encodeSseEvent({ type: "end", tokens_out: count, decode_time_ms: 1, stop_reason: "max_tokens" }),
  },
  "openai-completions": {
    head: () => "",
    token: (i) => chunk("text_completion", [{ index: 0, text: word(i), finish_reason: null }]),
    tail: (count) =>
      chunk("text_completion", [{ index: 0, text: "", finish_reason: "length" }]) +
      chunk("text_completion", [], { usage: { prompt_tokens: 3, completion_tokens: count } }) +
      DONE,
  },
  "openai-chat": {
    head: () =>
      chunk("chat.completion.chunk", [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }]),
    token: (i) => chunk("chat.completion.chunk", [{ index: 0, delta: { content: word(i) }, finish_reason: null }]),
    tail: (count) =>
      chunk("chat.completion.chunk", [{ index: 0, delta: {}, finish_reason: "length" }]) +
      chunk("chat.completion.chunk", [], { usage: { prompt_tokens: 3, completion_tokens: count } }) +
      DONE,
  },
  "openai-responses": {
    head: () =>
      response("response.created", {
        sequence_number: 0,
        response: { id: "resp-1", status: "in_progress", output: [] },
      }),
    token: (i) =>
      response("response.output_text.delta", {
        ...{ sequence_number: i + 1, item_id: "msg-1", output_index: 0, content_index: 0, delta: word(i) },
      }),
    tail: (count) =>
      response("response.incomplete", {
        sequence_number: count + 1,
        response: {
          ...{ id: "resp-1", status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
          ...{ output: [], usage: { input_tokens: 3, output_tokens: count } },
        },
      }),
  },
  anthropic: {
    head: () =>
      response("message_start", {
        message: { id: "msg-1", role: "assistant", content: [], usage: { input_tokens: 3, output_tokens: 1 } },
      }) + response("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    token: (i) => response("content_block_delta", { index: 0, delta: { type: "text_delta", text: word(i) } }),
    tail: (count) =>
      response("content_block_stop", { index: 0 }) +
      response("message_delta", {
        delta: { stop_reason: "max_tokens", stop_sequence: null },
        usage: { output_tokens: count },
      }) +
      response("message_stop", {}),
  },
  "llama-cpp": {
    head: () => "",
    token: (i) =>
      sse({
        index: 0,
        content: word(i),
        tokens: [i],
        stop: false,
        id_slot: 0,
        tokens_predicted: i + 1,
        tokens_evaluated: 3,
      }),
    tail: (count) =>
      sse({
        ...{ index: 0, content: "", tokens: [], id_slot: 0, stop: true, stop_type: "limit", stopping_word: "" },
        tokens_predicted: count,
      }),
  },
  ollama: {
    head: () => "",
    token: (i) => ollama({ response: word(i) }),
    tail: (count) =>
      ollama({ response: "", done: true, done_reason: "length", eval_count: count, eval_duration: 1_000_000 }),
  },
  tgi: {
    head: () => "",
    token: (i) =>
      sse({
        index: i + 1,
        token: { id: i, text: word(i), logprob: -1, special: false },
        generated_text: null,
        details: null,
      }),
    tail: (count) =>
      sse({
        ...{ index: count + 1, token: { id: 0, text: "", logprob: 0, special: true }, generated_text: "…" },
        details: { finish_reason: "length", generated_tokens: count, seed: 42 },
      }),
  },
};

/** The content type of a stream in a dialect. */
export const contentTypeOf = (dialect) =>
  dialect === "ollama" ? "application/x-ndjson" : "text/event-stream; charset=utf-8";
