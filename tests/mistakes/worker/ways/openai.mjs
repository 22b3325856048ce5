// Mistakes of servers that speak OpenAI's form.
const chunks = (worker, change) => {
  const { frame } = worker;
  worker.frame = (job, event, data) => {
    const changed = change(event, data, job);
    return changed === undefined ? frame.call(worker, job, event, data) : changed === "" ? "" : `data: ${changed}\n\n`;
  };
};
const tokens = (worker, change) =>
  chunks(worker, (event, data) => {
    if (event.type !== "token") return undefined;
    const chunk = JSON.parse(data);
    chunk.choices[0].delta.content = change(event.t, event.i);
    return JSON.stringify(chunk);
  });

export const OPENAI_WAYS = {
  "openai-no-finish-reason": (worker) =>
    chunks(worker, ({ type }, data) => (type === "end" && data.includes('"finish_reason"') ? "" : undefined)),
  "openai-no-done": (worker) => chunks(worker, (_event, data) => (data === "[DONE]" ? "" : undefined)),
  "openai-error-in-stream": (worker) =>
    chunks(worker, ({ i }) =>
      i === 5 ? JSON.stringify({ error: { message: "CUDA out of memory", type: "server_error" } }) : undefined,
    ),
  "openai-whole-text-each-time": (worker) => {
    let text = "";
    tokens(worker, (t) => (text += t));
  },
  "openai-half-surrogates": (worker) => tokens(worker, (t) => (t.includes("👩") ? t.slice(0, 2) : t)),
  "openai-message-for-delta": (worker) =>
    chunks(worker, ({ type }, data) => (type === "token" ? data.replace('"delta"', '"message"') : undefined)),
  "openai-completions-chunks": (worker) =>
    chunks(worker, ({ type, t }, data) =>
      type === "token"
        ? JSON.stringify({
            ...JSON.parse(data),
            object: "text_completion",
            choices: [{ index: 0, text: t, finish_reason: null }],
          })
        : undefined,
    ),
  "openai-counts-low": (worker) =>
    chunks(worker, ({ type }, data) =>
      type === "end" && data.includes('"usage"')
        ? data.replace(/"completion_tokens":\d+/, '"completion_tokens":2')
        : undefined,
    ),
  "openai-ignores-stream": (worker) => {
    const { headers } = worker;
    worker.headers = (job) => ({ ...headers.call(worker, job), "content-type": "application/json" });
    let text = "";
    worker.send = (_job, event) => (text += event.t ?? "");
    worker.finish = ({ response }) =>
      response.end(
        JSON.stringify({
          object: "chat.completion",
          choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
        }),
      );
  },
  "openai-html-in-stream": (worker) => chunks(worker, ({ i }) => (i === 5 ? "<html>502</html>" : undefined)),
};
