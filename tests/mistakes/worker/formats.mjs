// How the events of a job are written: one entry for each API.

/** This project's protocol. A seed is written as it came: a double does not hold every u64. */
export const ORCD = {
  encode: (event) => [JSON.stringify(event).replace(/"seed":"(\d+)"/, '"seed":$1')],
  frame: ({ type }, data) => `event: ${type}\ndata: ${data}\n\n`,
};

const REASONS = { max_tokens: "length", eos: "stop", stop_sequence: "stop" };

/** `POST /v1/chat/completions` with `stream: true`. */
export const OPENAI = {
  encode: (event, job) => encodeChunks(event, job),
  frame: (_event, data) => `data: ${data}\n\n`,
};

function encodeChunks(event, { id, request }) {
  const chunk = (fields) => JSON.stringify({ id, object: "chat.completion.chunk", created: 1, model: "m", ...fields });
  const choice = (delta, finish_reason = null) => chunk({ choices: [{ index: 0, delta, finish_reason }] });
  switch (event.type) {
    case "started":
      return [choice({ role: "assistant", content: "" })];
    case "token":
      return [choice({ content: event.t })];
    case "error":
      return [JSON.stringify({ error: { message: event.message, type: "server_error", code: event.code } })];
    case "end": {
      const usage = { prompt_tokens: 3, completion_tokens: event.tokens_out, total_tokens: event.tokens_out + 3 };
      const figures = request.stream_options?.include_usage === true ? [chunk({ choices: [], usage })] : [];
      return [choice({}, REASONS[event.stop_reason]), ...figures, "[DONE]"];
    }
    default:
      return [];
  }
}
