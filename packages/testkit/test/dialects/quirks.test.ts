import { describe, expect, test } from "vitest";
import { findDialect } from "../../src/dialects/index.js";
import { collectStream, extractText, extractTokens } from "../../src/events/index.js";
import { collect, collectCase, dialectOf, frames, jobOf } from "./support.js";
import { readTranscript } from "./transcripts.js";

describe("seen on real servers", () => {
  test.each([
    ["llama-server", '"delta":{"role":"assistant","content":null}', "Hello"],
    ["vllm", '"delta":{"role":"assistant","content":""}', "Hello"],
    ["ollama", '"message":{"role":"assistant","content":"I"}', "I"],
    ["llm-d-sim", '"delta":{"role":"assistant"}', "Say "],
  ])("%s: the first chunk of a chat has %s, and the first token is text", async (server, chunk, first) => {
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

    expect(jobOf("ollama", "openai-completions-stream").transcript.content.toString()).toContain(
      '"completion_tokens":0',
    );
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
    ["llama-server err-context-overflow", 400, "exceed_context_size_error"],
    ["vllm err-context-overflow", 400, "BadRequestError"],
    ["llm-d-sim err-context-overflow", 400, "BadRequestError"],
    ["llama-server err-not-json", 500, "server_error"],
    ["vllm err-not-json", 400, "Bad Request"],
    ["vllm err-bad-model", 404, "NotFoundError"],
    ["ollama err-bad-model-openai", 404, "not_found_error"],
    ["llm-d-sim err-bad-model", 404, "NotFoundError"],
    ["aimock err-injected", 429, "rate_limit_exceeded"],
  ])("%s: %i %s", (path, status, code) => {
    const [server = "", name = ""] = path.split(" ");
    const { dialect, transcript } = jobOf(server, name);
    const body = JSON.parse(transcript.content.toString()) as unknown;

    expect(transcript.status).toBe(status);
    expect(dialect.decodeError?.({ status, body })).toMatchObject({ code, retriable: status === 429 });
  });

  test.each([
    ["anthropic", 529, "overloaded_error"],
    ["openai-chat", 503, "overloaded_error"],
  ] as const)("%s: %i may be tried again", (name, status, type) => {
    const body = { type: "error", error: { type, message: "Overloaded" } };

    expect(findDialect(name)?.decodeError?.({ status, body })).toMatchObject({ code: type, retriable: true });
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

    expect(outcome).toMatchObject({
      status: "worker-error",
      terminal: { message: expect.stringContaining("EOF") as string },
    });
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

  test.each(["llama-server", "vllm", "llm-d-sim"])(
    "%s with `n: 2` is refused: two answers in one stream",
    async (server) => {
      expect((await collectCase(server, "completions-n2")).outcome).toMatchObject({
        status: "invalid-event",
        reason: "choice 1: only `n: 1` can be read",
      });
    },
  );

  test("Responses: vLLM says `incomplete` inside of `response.completed`", async () => {
    expect((await collectCase("vllm", "responses-stream")).terminal).toMatchObject({ stop_reason: "max_tokens" });
  });

  test.each(["llama-server", "ollama"])(
    "Responses: %s calls a response complete that has reached its limit; the limit of the request shows it",
    async (server) => {
      const { dialect, transcript } = jobOf(server, "responses-stream");
      const decoder = dialect.createDecoder({ jobId: "a", request: { job_id: "a", prompt: "x", max_tokens: 8 } });
      const messages = transcript.content
        .toString()
        .split("\n\n")
        .map((block) => /^data: ?(.*)$/m.exec(block)?.[1]);
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
      message: expect.stringContaining("Expected `text/event-stream`, got `text/plain") as string,
    });
  });

  test("mock-llm: everything in one chunk", async () => {
    expect(extractTokens(await collectCase("mock-llm", "chat-stream"))).toEqual(["Say hello"]);
  });

  test("vLLM's own `stop_reason`: null at the end of the sequence, the stop sequence, or the id of a token", async () => {
    const finish = (stop: unknown) => ({ choices: [{ index: 0, text: "", finish_reason: "stop", stop_reason: stop }] });
    const endOf = async (stop: unknown) =>
      (await collect("openai-completions", frames(finish(stop), "[DONE]"))).terminal;

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
          "# TYPE vllm:num_requests_running gauge",
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
    ["openai-chat", "llama-server models", ["smollm2"]],
    ["openai-chat", "vllm get-v1-models", ["smollm2"]],
    ["openai-chat", "ollama get-root-v1-models", ["smollm2:latest"]],
    ["ollama", "ollama get-root-api-tags", ["smollm2:latest", "smollm2"]],
  ])("models: %s on %s", (dialect, path, models) => {
    const [server = "", name = ""] = path.split(" ");
    expect(dialectOf(dialect).models?.parse(readTranscript(server, name).content.toString())).toEqual(models);
  });
});
