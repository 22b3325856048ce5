import { describe, expect, test } from "vitest";
import { assertStopReason, extractText, extractTokens, findStopMismatch } from "../../src/events/index.js";
import { collectStream } from "../../src/events/index.js";
import { collect, dialectOf, jobOf } from "./support.js";
import { readTranscript } from "./transcripts.js";

const collectCase = (server: string, name: string) => {
  const { dialect, transcript } = jobOf(server, name);
  return collect(dialect, transcript.content);
};
const frames = (...messages: readonly (object | string)[]) =>
  messages.map((message) => `data: ${typeof message === "string" ? message : JSON.stringify(message)}\n\n`).join("");
const delta = (fields: object, finish: string | null = null) => ({
  choices: [{ index: 0, delta: fields, finish_reason: finish }],
});
const STOP = delta({}, "stop");

describe("seen on real servers", () => {
  test.each([
    ["llama-server", "role with `content: null`", '"delta":{"role":"assistant","content":null}', "Hello"],
    ["vllm", "role with an empty content", '"delta":{"role":"assistant","content":""}', "Hello"],
    ["ollama", "role and text together (native)", '"message":{"role":"assistant","content":"I"}', "I"],
    ["llm-d-sim", "a role only", '"delta":{"role":"assistant"}', "Say "],
  ])("%s: the first chunk of a chat has a %s, and the first token is text", async (server, _what, chunk, first) => {
    const name = "chat-stream";
    expect(jobOf(server, name).transcript.content.toString()).toContain(chunk);
    const { events } = await collectCase(server, name);

    expect(events[1]).toEqual({ type: "token", t: first, i: 0 });
  });

  test("llama-server: half a character is no chunk, and none is left at the limit: 10 tokens came as 3", async () => {
    const stream = await collectCase("llama-server", "completions-emoji-cut");

    expect(extractTokens(stream)).toEqual(["🎉", "🎉", "🎉"]);
    expect(stream.terminal).toMatchObject({ tokens_out: 10, stop_reason: "max_tokens" });
  });

  test("vLLM: half a character is a chunk with empty text, which is no token", async () => {
    const { events } = await collectCase("vllm", "completions-emoji-cut");

    expect(extractTokens(events)).toEqual(["🚀", "🎉", "🎉"]);
    expect(extractText(events)).not.toContain("\ufffd");
  });

  test("llm-d-inference-sim: what is not ASCII is dropped by the server, and shown as it came", async () => {
    expect(extractText(await collectCase("llm-d-sim", "chat-emoji"))).toBe("nave");
  });

  test("the `finish_reason` is in a chunk of its own, or on the last text", async () => {
    for (const server of ["llama-server", "vllm", "llm-d-sim"]) {
      const { terminal } = await collectCase(server, "completions-stream-usage");
      expect(terminal, server).toMatchObject({ type: "end", stop_reason: "max_tokens" });
    }
  });

  test("the last usage counts: Ollama sends zeros in every chunk before, the sim `null`", async () => {
    const ollama = await collectCase("ollama", "openai-completions-stream");
    const sim = await collectCase("llm-d-sim", "completions-stream-usage");

    expect(jobOf("ollama", "openai-completions-stream").transcript.content.toString()).toContain('"completion_tokens":0');
    expect(ollama.terminal).toMatchObject({ tokens_out: 8 });
    expect(ollama.terminal).not.toHaveProperty("tokens_out_estimated");
    expect(sim.terminal).toMatchObject({ tokens_out: 13 });
  });

  test("Ollama counts the end of the sequence: 7 texts, 8 tokens", async () => {
    const stream = await collectCase("ollama", "generate-stream");

    expect(extractTokens(stream)).toHaveLength(7);
    expect(stream.terminal).toMatchObject({ tokens_out: 8, stop_reason: "stop", decode_time_ms: 137.971 });
  });

  test("without a usage the tokens are counted, and marked as estimated", async () => {
    const { terminal } = await collectCase("vllm", "chat-stream");

    expect(terminal).toMatchObject({ tokens_out: 12, tokens_out_estimated: true });
  });

  test("continuous usage: each chunk counts on", async () => {
    const { terminal } = await collectCase("vllm", "completions-stream-usage-continuous");

    expect(terminal).toMatchObject({ tokens_out: 5 });
  });

  test("prompt too long on Ollama's OpenAI route: 200, no text, `stop`", async () => {
    const stream = await collectCase("ollama", "overflow");

    expect(stream.outcome.status).toBe("complete");
    expect(extractTokens(stream)).toEqual([]);
  });

  test.each([
    ["llama-server", "err-context-overflow", 400, "exceed_context_size_error"],
    ["vllm", "err-context-overflow", 400, "BadRequestError"],
    ["llm-d-sim", "err-context-overflow", 400, "BadRequestError"],
    ["llama-server", "err-not-json", 500, "server_error"],
    ["vllm", "err-not-json", 400, "Bad Request"],
    ["vllm", "err-bad-model", 404, "NotFoundError"],
    ["ollama", "err-bad-model-openai", 404, "not_found_error"],
    ["llm-d-sim", "err-bad-model", 404, "NotFoundError"],
    ["aimock", "err-injected", 429, "rate_limit_exceeded"],
  ])("%s %s: %i %s", (server, name, status, code) => {
    const { dialect, transcript } = jobOf(server, name);
    const body = JSON.parse(transcript.content.toString()) as unknown;

    expect(transcript.status).toBe(status);
    expect(dialect.decodeError?.({ status, body })).toMatchObject({ code, retriable: status === 429 });
  });

  test.each(["llama-server/err-bad-model", "llama-server/err-bad-temp", "llm-d-sim/err-bad-temp"])(
    "%s is not refused by the server",
    async (path) => {
      const [server = "", name = ""] = path.split("/");
      expect((await collectCase(server, name)).outcome.status).toBe("complete");
    },
  );

  test("vLLM, whose engine is killed: an error frame, then `[DONE]`, is an error", async () => {
    const { content } = jobOf("vllm", "midstream-enginecore-killed").transcript;
    const { outcome, events } = await collectCase("vllm", "midstream-enginecore-killed");

    expect(content.toString().trimEnd()).toMatch(/data: \{"error".*\}\n\ndata: \[DONE\]$/);
    expect(outcome).toMatchObject({ status: "worker-error", terminal: { code: "InternalServerError" } });
    expect(events.at(-1)?.type).toBe("error");
  });

  test.each(["openai-chat", "openai-completions", "anthropic"])(
    "Ollama, whose runner is killed (%s): a clean end without anything is truncated",
    async (route) => {
      const { transcript } = jobOf("ollama", `midstream-runner-killed-${route}`);
      const { outcome } = await collectCase("ollama", transcript.case);

      expect(transcript.isWhole).toBe(true);
      expect(outcome).toMatchObject({ status: "truncated", endedBy: "close" });
    },
  );

  test.each(["generate", "chat"])("Ollama, whose runner is killed (%s): a line with an error", async (route) => {
    const { outcome } = await collectCase("ollama", `midstream-runner-killed-${route}`);

    expect(outcome).toMatchObject({ status: "worker-error", terminal: { message: expect.stringContaining("EOF") } });
  });

  test.each(["llama-server", "llm-d-sim"])("%s is killed: the chunked body is cut", async (server) => {
    expect(jobOf(server, "midstream-sigKILL").transcript.isWhole).toBe(false);
    expect((await collectCase(server, "midstream-sigKILL")).outcome.status).toBe("truncated");
  });

  test("llm-d-inference-sim refuses with 200 and an error frame", async () => {
    expect((await collectCase("llm-d-sim", "err-no-messages")).outcome).toMatchObject({
      status: "worker-error",
      terminal: { code: "InternalServerError", message: "unexpected response part in streaming" },
    });
  });

  test.each(["llama-server", "vllm", "llm-d-sim"])("%s with `n: 2` is refused: two answers in one stream", async (server) => {
    expect((await collectCase(server, "completions-n2")).outcome).toMatchObject({
      status: "invalid-event",
      reason: "choice 1: only `n: 1` can be read",
    });
  });

  test("Responses: vLLM says `incomplete` inside of `response.completed`", async () => {
    expect((await collectCase("vllm", "responses-stream")).terminal).toMatchObject({ stop_reason: "max_tokens" });
  });

  test.each(["llama-server", "ollama"])(
    "Responses: %s calls a response complete that has reached its limit; the limit of the request shows it",
    async (server) => {
      const { dialect, transcript } = jobOf(server, "responses-stream");
      const decoder = dialect.createDecoder({ jobId: "a", request: { job_id: "a", prompt: "x", max_tokens: 8 } });
      const messages = transcript.content.toString().split("\n\n").map((block) => /^data: ?(.*)$/m.exec(block)?.[1]);
      const events = messages.flatMap((data) => (data === undefined ? [] : decoder.push({ data })));

      expect((await collectCase(server, "responses-stream")).terminal).toMatchObject({ stop_reason: "stop" });
      expect(events.at(-1)).toMatchObject({ tokens_out: 8, stop_reason: "max_tokens" });
    },
  );

  test("openai-mock-api sends its stream as `text/plain`: refused, and the message says which dialect it looks like", async () => {
    const { transcript, dialect } = jobOf("openai-mock-api", "chat-stream");
    const response = new Response(transcript.content, { headers: { "content-type": "text/plain; charset=utf-8" } });

    expect(transcript.headers["content-type"]).toMatch(/^text\/plain/);
    await expect(collectStream(response, { dialect })).rejects.toMatchObject({
      code: "INVALID_RESPONSE",
      message: expect.stringContaining("Expected `text/event-stream`, got `text/plain"),
    });
  });

  test("mock-llm: everything in one chunk", async () => {
    expect(extractTokens(await collectCase("mock-llm", "chat-stream"))).toEqual(["Say hello"]);
  });

  test("vLLM's own `stop_reason`: null at the end of the sequence, the stop sequence, or the id of a token", async () => {
    const finish = (stop: unknown) => ({ choices: [{ index: 0, text: "", finish_reason: "stop", stop_reason: stop }] });
    const endOf = async (stop: unknown) => (await collect("openai-completions", frames(finish(stop), "[DONE]"))).terminal;

    expect((await collectCase("vllm", "chat-eos")).terminal).toMatchObject({ stop_reason: "eos" });
    expect(await endOf("\n\n")).toMatchObject({ stop_reason: "stop_sequence", stop_sequence_matched: "\n\n" });
    expect(await endOf(128009)).toMatchObject({ stop_reason: "stop" });
  });

  test("Ollama asked without a prompt only loads the model", () => {
    const answer: unknown = JSON.parse(readTranscript("ollama", "err-no-prompt").content.toString());

    expect(() => dialectOf("ollama").decodeAnswer?.(answer, { jobId: undefined, request: undefined })).toThrow(
      "the request had no prompt, so the server only loaded the model",
    );
  });
});

describe("slots, models and metrics of real servers", () => {
  const slotsOf = (dialect: string) => [dialectOf(dialect).slots ?? []].flat();
  const parseSlots = (path: string, server: string, name: string) =>
    slotsOf("openai-chat")
      .find((endpoint) => endpoint.path === path)
      ?.parse(readTranscript(server, name).content.toString());

  test("llama-server: its slots, idle and right after a disconnect", () => {
    expect(parseSlots("/slots", "llama-server", "slots")).toEqual({ busy: 0, total: 2 });
    expect(parseSlots("/slots", "llama-server", "cancel-close-slots-after")).toEqual({ busy: 0, total: 2 });
    expect(parseSlots("/metrics", "llama-server", "metrics")).toEqual({ busy: 0, queued: 0 });
  });

  test("vLLM: the gauges of its metrics, of all engines", () => {
    const [endpoint] = slotsOf("openai-chat");

    expect(parseSlots("/metrics", "vllm", "get-metrics")).toEqual({ busy: 0, queued: 0 });
    expect(
      endpoint?.parse(
        [
          '# TYPE vllm:num_requests_running gauge',
          'vllm:num_requests_running{engine="0"} 2.0',
          'vllm:num_requests_running{engine="1"} 1.0',
          'vllm:num_requests_waiting{engine="0"} 4.0',
          'vllm:num_requests_waiting_by_reason{engine="0",reason="capacity"} 9.0',
        ].join("\n"),
      ),
    ).toEqual({ busy: 3, queued: 4 });
    expect(() => endpoint?.parse("process_cpu_seconds_total 1")).toThrow("none of the known gauges");
  });

  test.each([
    ["openai-chat", "llama-server", "models", ["smollm2"]],
    ["openai-chat", "vllm", "get-v1-models", ["smollm2"]],
    ["openai-chat", "ollama", "get-root-v1-models", ["smollm2:latest"]],
    ["ollama", "ollama", "get-root-api-tags", ["smollm2:latest", "smollm2"]],
  ])("models: %s on %s", (dialect, server, name, models) => {
    expect(dialectOf(dialect).models?.parse(readTranscript(server, name).content.toString())).toEqual(models);
  });
});

describe("from documentation", () => {
  test("keep-alive comments, CRLF and `data:` without a space", async () => {
    const text = `: ping\r\n\r\n${frames(delta({ content: "Hi" }), STOP, "[DONE]")}`;
    const { outcome, events } = await collect("openai-chat", text.replaceAll("data: ", "data:").replaceAll(/\r?\n/g, "\r\n"));

    expect(outcome.status).toBe("complete");
    expect(extractText(events)).toBe("Hi");
  });

  test("Anthropic: `ping`, a thinking block with its signature, a tool with its input, and an error", async () => {
    const message = (type: string, fields: object = {}) => ({ type, ...fields });
    const block = (index: number, content: object, ...deltas: readonly object[]) => [
      message("content_block_start", { index, content_block: content }),
      ...deltas.map((fields) => message("content_block_delta", { index, delta: fields })),
      message("content_block_stop", { index }),
    ];
    const stream = await collect(
      "anthropic",
      frames(
        message("message_start", { message: { usage: { output_tokens: 1 } } }),
        message("ping"),
        ...block(0, { type: "thinking", thinking: "" }, { type: "thinking_delta", thinking: "Hm." }, { type: "signature_delta", signature: "x" }),
        ...block(1, { type: "text", text: "" }, { type: "text_delta", text: "Yes" }),
        ...block(2, { type: "tool_use", id: "t1", name: "add", input: {} }, { type: "input_json_delta", partial_json: '{"a":' }, { type: "input_json_delta", partial_json: "1}" }),
        message("message_delta", { delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { output_tokens: 9 } }),
        message("message_stop"),
      ),
    );

    expect(stream.events.slice(1)).toEqual([
      { type: "token", t: "Hm.", i: 0, channel: "reasoning" },
      { type: "token", t: "Yes", i: 1 },
      { type: "tool_call", index: 0, id: "t1", name: "add" },
      { type: "tool_call", index: 0, arguments: '{"a":' },
      { type: "tool_call", index: 0, arguments: "1}" },
      { type: "end", tokens_out: 9, stop_reason: "tool_calls" },
    ]);
    const failed = await collect("anthropic", frames({ type: "error", error: { type: "overloaded_error", message: "later" } }));
    expect(failed.outcome).toMatchObject({ status: "worker-error", terminal: { code: "overloaded_error" } });
  });

  test("Anthropic reports the stop sequence", async () => {
    const stop = { type: "message_delta", delta: { stop_reason: "stop_sequence", stop_sequence: "}" } };
    const stream = await collect("anthropic", frames(stop, { type: "message_stop" }));

    assertStopReason(stream, "stop_sequence", { sequence: "}" });
  });

  test("reasoning is not a part of the answer, and counts", async () => {
    for (const field of ["reasoning_content", "reasoning"]) {
      const stream = await collect("openai-chat", frames(delta({ [field]: "Think. " }), delta({ content: "Yes" }), STOP, "[DONE]"));

      expect(extractText(stream)).toBe("Yes");
      expect(extractText(stream, { channel: "reasoning" })).toBe("Think. ");
      expect(extractTokens(stream)).toEqual(["Think. ", "Yes"]);
      expect(stream.terminal).toMatchObject({ tokens_out: 2, tokens_out_estimated: true });
    }
  });

  test("calls of tools arrive in parts", async () => {
    const call = (fields: object) => delta({ tool_calls: [{ index: 1, ...fields }] });
    const { events } = await collect(
      "openai-chat",
      frames(call({ id: "c", function: { name: "f", arguments: "" } }), call({ function: { arguments: "{}" } }), delta({}, "tool_calls"), "[DONE]"),
    );

    expect(events.slice(1)).toEqual([
      { type: "tool_call", index: 1, id: "c", name: "f" },
      { type: "tool_call", index: 1, arguments: "{}" },
      { type: "end", tokens_out: 0, tokens_out_estimated: true, stop_reason: "tool_calls" },
    ]);
  });

  test("Ollama's reasoning and tools", async () => {
    const lines = [
      { message: { role: "assistant", content: "", thinking: "Hm" }, done: false },
      { message: { role: "assistant", content: "", tool_calls: [{ function: { name: "f", arguments: { a: 1 } } }] }, done: false },
      { message: { role: "assistant", content: "" }, done: true, done_reason: "stop", eval_count: 3 },
    ];
    const { events } = await collect("ollama", lines.map((line) => `${JSON.stringify(line)}\n`).join(""));

    expect(events.slice(1)).toMatchObject([
      { type: "token", t: "Hm", channel: "reasoning" },
      { type: "tool_call", name: "f", arguments: '{"a":1}' },
      { type: "end", tokens_out: 3 },
    ]);
  });

  test("the Responses API: reasoning, a call, a failure, and an error event", async () => {
    const completed = { type: "response.completed", response: { status: "completed", output: [{ type: "function_call" }], usage: { output_tokens: 7 } } };
    const { events } = await collect(
      "openai-responses",
      frames(
        { type: "response.reasoning_text.delta", delta: "Hm" },
        { type: "response.output_item.added", item: { id: "i1", type: "function_call", call_id: "c1", name: "f", arguments: "" } },
        { type: "response.function_call_arguments.delta", item_id: "i1", delta: "{}" },
        completed,
      ),
    );
    const failed = await collect("openai-responses", frames({ type: "response.failed", response: { status: "failed", error: { code: "server_error", message: "no" } } }));
    const error = await collect("openai-responses", frames({ type: "error", code: "rate_limit", message: "slow down" }));

    expect(events.slice(1)).toEqual([
      { type: "token", t: "Hm", i: 0, channel: "reasoning" },
      { type: "tool_call", index: 0, id: "c1", name: "f" },
      { type: "tool_call", index: 0, arguments: "{}" },
      { type: "end", tokens_out: 7, stop_reason: "tool_calls" },
    ]);
    expect(failed.outcome).toMatchObject({ status: "worker-error", terminal: { code: "server_error" } });
    expect(error.outcome).toMatchObject({ status: "worker-error", terminal: { code: "rate_limit" } });
  });

  test("TGI: special tokens are counted, not shown; the reason is exact; an error", async () => {
    const token = (text: string, special = false) => ({ token: { id: 1, text, logprob: 0, special }, generated_text: null, details: null });
    const last = { ...token("</s>", true), generated_text: "Hi", details: { finish_reason: "eos_token", generated_tokens: 2, seed: 1 } };
    const stream = await collect("tgi", frames(token("Hi"), last));
    const failed = await collect("tgi", frames({ error: "Model is overloaded", error_type: "overloaded" }));

    expect(stream.events.slice(1)).toEqual([
      { type: "token", t: "Hi", i: 0 },
      { type: "end", tokens_out: 2, stop_reason: "eos" },
    ]);
    expect((await collect("tgi", frames(token("Hi")))).outcome).toMatchObject({ status: "truncated", reason: "a message with `generated_text`" });
    expect(failed.outcome).toMatchObject({ status: "worker-error", terminal: { code: "overloaded", message: "Model is overloaded" } });
  });

  test("ids that change in mid-stream, several tokens in a chunk, U+FFFD, and numbers as strings", async () => {
    const { events, outcome } = await collect(
      "openai-chat",
      frames({ id: "a", ...delta({ content: "one two" }) }, { id: "b", ...delta({ content: "\ufffd" }) }, STOP, { choices: [], usage: { completion_tokens: "9" } }, "[DONE]"),
    );

    expect(extractTokens(events)).toEqual(["one two", "\ufffd"]);
    expect(outcome).toMatchObject({ status: "complete", terminal: { tokens_out: 9 } });
  });

  test("`[DONE]` without a `finish_reason` is truncated, and so is a `finish_reason` without `[DONE]`", async () => {
    const token = delta({ content: "Hi" });

    expect((await collect("openai-chat", frames(token, "[DONE]"))).outcome).toEqual({ status: "truncated", endedBy: "done-marker", reason: "a `finish_reason`" });
    expect((await collect("openai-chat", frames(token, STOP))).outcome).toEqual({ status: "truncated", endedBy: "close", reason: "`[DONE]`" });
  });

  test.each([
    ["text after the `finish_reason`", frames(STOP, delta({ content: "late" }), "[DONE]"), "text after the `finish_reason`"],
    ["a message after `[DONE]`", frames(STOP, "[DONE]", delta({ content: "late" })), "a message after the end of the job"],
    ["an unknown `finish_reason`", frames(delta({}, "bored")), 'an unknown `finish_reason`: "bored"'],
    ["half a character", 'data: {"choices":[{"index":0,"delta":{"content":"\\ud83d"}}]}\n\n', "half a character"],
    ["text that is a number", frames(delta({ content: 5 })), "expected text, got number"],
    ["not JSON", "data: {oops\n\n", "the data is not JSON"],
    ["a list", frames([1] as unknown as object), "expected a JSON object, got [1]"],
    ["an image in the content", frames(delta({ content: [{ type: "image_url" }] })), "a part of the content that is not text"],
    ["nothing that is known", frames({ hello: 1 }), "its fields are `hello`"],
  ])("%s is an invalid event", async (_what, text, reason) => {
    expect((await collect("openai-chat", text)).outcome).toMatchObject({
      status: "invalid-event",
      reason: expect.stringContaining(reason),
    });
  });

  test("an error as a JSON body with 200, and a page of a proxy, are no streams", async () => {
    for (const [body, type] of [
      ['{"error":{"message":"no"}}', "application/json"],
      ["<html>502</html>", "text/html"],
    ] as const) {
      const source = new Response(body, { headers: { "content-type": type } });
      await expect(collectStream(source, { dialect: "openai-chat" })).rejects.toMatchObject({ code: "INVALID_RESPONSE" });
    }
  });
});

describe("a message of another dialect is recognized", () => {
  test.each([
    ["orcd", "llama-server", "chat-stream", "openai-chat"],
    ["openai-chat", "llama-server", "completions-stream", "openai-completions"],
    ["openai-completions", "llama-server", "chat-stream", "openai-chat"],
    ["openai-chat", "llama-server", "native-completion-stream", "llama-cpp"],
    ["openai-chat", "vllm", "anthropic-stream", "anthropic"],
    ["anthropic", "vllm", "responses-stream", "openai-responses"],
    ["llama-cpp", "vllm", "chat-stream", "openai-chat"],
  ])("%s reads %s %s", async (wrong, server, name, right) => {
    const { outcome } = await collect(wrong, jobOf(server, name).transcript.content);

    expect(outcome).toMatchObject({ status: "invalid-event", reason: expect.stringContaining(`dialect: "${right}"`) });
  });

  test("lines of JSON where a stream of events is expected, and the other way round", async () => {
    const lines = jobOf("ollama", "generate-stream").transcript;
    const events = jobOf("vllm", "chat-stream").transcript;
    const respond = ({ content, headers }: typeof lines) =>
      new Response(content, { headers: { "content-type": headers["content-type"] ?? "" } });

    await expect(collectStream(respond(lines), { dialect: "openai-chat" })).rejects.toThrow('dialect: "ollama"');
    await expect(collectStream(respond(events), { dialect: "ollama" })).rejects.toThrow('dialect: "openai-chat"');
  });
});

describe("a server that reports only `stop`", () => {
  test("an assertion that needs to know says that it is not reported", async () => {
    const stream = await collectCase("llama-server", "completions-stop");

    expect(findStopMismatch(stream, "stop_sequence")?.message).toContain(
      "got stop: the server does not report whether that was the end of the sequence or a stop sequence",
    );
    expect(findStopMismatch(stream, "eos")?.message).toContain("does not report");
    expect(findStopMismatch(stream, "max_tokens")?.message).not.toContain("does not report");
    assertStopReason(stream, "stop");
  });

  test("`stop` also accepts the exact reasons", async () => {
    expect(findStopMismatch(await collectCase("vllm", "chat-eos"), "stop")).toBeUndefined();
    expect(findStopMismatch(await collectCase("vllm", "completions-stream"), "stop")).toBeDefined();
  });
});
