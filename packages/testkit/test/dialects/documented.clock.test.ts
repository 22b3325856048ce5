import { describe, expect, onTestFinished, test, vi } from "vitest";
import { assertStopReason, collectStream, extractText, extractTokens } from "../../src/events/index.js";
import { collect, delta, dialectOf, frames, STOP } from "./support.js";

describe("from documentation", () => {
  test("keep-alive comments, CRLF and `data:` without a space", async () => {
    const text = `: ping\r\n\r\n${frames(delta({ content: "Hi" }), STOP, "[DONE]")}`;
    const { outcome, events } = await collect(
      "openai-chat",
      text.replaceAll("data: ", "data:").replaceAll(/\r?\n/g, "\r\n"),
    );

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
        ...block(
          0,
          { type: "thinking", thinking: "" },
          { type: "thinking_delta", thinking: "Hm." },
          { type: "signature_delta", signature: "x" },
        ),
        ...block(1, { type: "text", text: "" }, { type: "text_delta", text: "Yes" }),
        ...block(
          2,
          { type: "tool_use", id: "t1", name: "add", input: {} },
          { type: "input_json_delta", partial_json: '{"a":' },
          { type: "input_json_delta", partial_json: "1}" },
        ),
        message("message_delta", {
          delta: { stop_reason: "tool_use", stop_sequence: null },
          usage: { output_tokens: 9 },
        }),
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
    const failed = await collect(
      "anthropic",
      frames({ type: "error", error: { type: "overloaded_error", message: "later" } }),
    );
    expect(failed.outcome).toMatchObject({ status: "worker-error", terminal: { code: "overloaded_error" } });
  });

  test("Anthropic reports the stop sequence", async () => {
    const stop = { type: "message_delta", delta: { stop_reason: "stop_sequence", stop_sequence: "}" } };
    const stream = await collect("anthropic", frames(stop, { type: "message_stop" }));

    assertStopReason(stream, "stop_sequence", { sequence: "}" });
  });

  test("reasoning is not a part of the answer, and counts", async () => {
    for (const field of ["reasoning_content", "reasoning"]) {
      const stream = await collect(
        "openai-chat",
        frames(delta({ [field]: "Think. " }), delta({ content: "Yes" }), STOP, "[DONE]"),
      );

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
      frames(
        call({ id: "c", function: { name: "f", arguments: "" } }),
        call({ function: { arguments: "{}" } }),
        delta({}, "tool_calls"),
        "[DONE]",
      ),
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
      {
        message: { role: "assistant", content: "", tool_calls: [{ function: { name: "f", arguments: { a: 1 } } }] },
        done: false,
      },
      { message: { role: "assistant", content: "" }, done: true, done_reason: "stop", eval_count: 3 },
    ];
    const { events } = await collect("ollama", lines.map((line) => `${JSON.stringify(line)}\n`).join(""));

    expect(events.slice(1)).toMatchObject([
      { type: "token", t: "Hm", channel: "reasoning" },
      { type: "tool_call", name: "f", arguments: '{"a":1}' },
      { type: "end", tokens_out: 3, stop_reason: "tool_calls" },
    ]);
  });

  test("the Responses API: reasoning, a call, a failure, and an error event", async () => {
    const completed = {
      type: "response.completed",
      response: { status: "completed", output: [{ type: "function_call" }], usage: { output_tokens: 7 } },
    };
    const { events } = await collect(
      "openai-responses",
      frames(
        { type: "response.reasoning_text.delta", delta: "Hm" },
        {
          type: "response.output_item.added",
          item: { id: "i1", type: "function_call", call_id: "c1", name: "f", arguments: "" },
        },
        { type: "response.function_call_arguments.delta", item_id: "i1", delta: "{}" },
        completed,
      ),
    );
    const failed = await collect(
      "openai-responses",
      frames({
        type: "response.failed",
        response: { status: "failed", error: { code: "server_error", message: "no" } },
      }),
    );
    const error = await collect(
      "openai-responses",
      frames({ type: "error", code: "rate_limit", message: "slow down" }),
    );

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
    const token = (text: string, special = false) => ({
      token: { id: 1, text, logprob: 0, special },
      generated_text: null,
      details: null,
    });
    const last = {
      ...token("</s>", true),
      generated_text: "Hi",
      details: { finish_reason: "eos_token", generated_tokens: 2, seed: 1 },
    };
    const stream = await collect("tgi", frames(token("Hi"), last));
    const failed = await collect("tgi", frames({ error: "Model is overloaded", error_type: "overloaded" }));

    expect(stream.events.slice(1)).toEqual([
      { type: "token", t: "Hi", i: 0 },
      { type: "end", tokens_out: 2, stop_reason: "eos" },
    ]);
    expect((await collect("tgi", frames(token("Hi")))).outcome).toMatchObject({
      status: "truncated",
      reason: "a message with `generated_text`",
    });
    expect(failed.outcome).toMatchObject({
      status: "worker-error",
      terminal: { code: "overloaded", message: "Model is overloaded" },
    });
  });

  test("ids that change in mid-stream, several tokens in a chunk, U+FFFD, and numbers as strings", async () => {
    const { events, outcome } = await collect(
      "openai-chat",
      frames(
        { id: "a", ...delta({ content: "one two" }) },
        { id: "b", ...delta({ content: "\ufffd" }) },
        STOP,
        { choices: [], usage: { completion_tokens: "9" } },
        "[DONE]",
      ),
    );

    expect(extractTokens(events)).toEqual(["one two", "\ufffd"]);
    expect(outcome).toMatchObject({ status: "complete", terminal: { tokens_out: 9 } });
  });

  test("`[DONE]` without a `finish_reason` is truncated, and so is a `finish_reason` without `[DONE]`", async () => {
    const token = delta({ content: "Hi" });

    expect((await collect("openai-chat", frames(token, "[DONE]"))).outcome).toEqual({
      status: "truncated",
      endedBy: "done-marker",
      reason: "a `finish_reason`",
    });
    expect((await collect("openai-chat", frames(token, STOP))).outcome).toEqual({
      status: "truncated",
      endedBy: "close",
      reason: "`[DONE]`",
    });
  });

  test.each([
    [
      "text after the `finish_reason`",
      frames(STOP, delta({ content: "late" }), "[DONE]"),
      "text after the `finish_reason`",
    ],
    [
      "a message after `[DONE]`",
      frames(STOP, "[DONE]", delta({ content: "late" })),
      "a message after the end of the job",
    ],
    ["an unknown `finish_reason`", frames(delta({}, "bored")), 'an unknown `finish_reason`: "bored"'],
    ["half a character", 'data: {"choices":[{"index":0,"delta":{"content":"\\ud83d"}}]}\n\n', "half a character"],
    ["text that is a number", frames(delta({ content: 5 })), "expected text, got number"],
    ["not JSON", "data: {oops\n\n", "the data is not JSON"],
    ["a list", frames([1]), "expected a JSON object, got a list"],
    [
      "an image in the content",
      frames(delta({ content: [{ type: "image_url" }] })),
      "a part of the content that is not text",
    ],
    ["nothing that is known", frames({ hello: 1 }), "its fields are `hello`"],
  ])("%s is an invalid event", async (_what, text, reason) => {
    expect((await collect("openai-chat", text)).outcome).toMatchObject({
      status: "invalid-event",
      reason: expect.stringContaining(reason) as string,
    });
  });

  test("an error that is `null` is none", async () => {
    const chat = await collect("openai-chat", frames({ error: null, ...delta({ content: "Hi" }) }, STOP, "[DONE]"));
    const native = await collect(
      "llama-cpp",
      frames({ error: null, content: "Hi", stop: true, stop_type: "eos", tokens_predicted: 1 }),
    );
    const answer = { object: "response", error: null, status: "completed", output: [], usage: { output_tokens: 1 } };
    const whole = dialectOf("openai-responses").decodeAnswer?.(answer, { jobId: undefined, request: undefined });

    expect(chat.outcome.status).toBe("complete");
    expect(native.outcome.status).toBe("complete");
    expect(whole?.at(-1)).toMatchObject({ type: "end", stop_reason: "stop" });
  });

  test("the parts of a tool's call are progress: they keep a stream alive as tokens do", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const part = frames(delta({ tool_calls: [{ index: 0, function: { arguments: "x" } }] }));
    async function* slowly() {
      for (let count = 0; count < 6; count += 1) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        yield Buffer.from(part);
      }
      yield Buffer.from(frames(delta({}, "tool_calls"), "[DONE]"));
    }

    const collecting = collectStream(slowly(), { dialect: "openai-chat", firstTokenMs: 300, tokenIdleMs: 300 });
    await vi.advanceTimersByTimeAsync(2_000);

    expect((await collecting).outcome.status).toBe("complete");
  });

  test("an error as a JSON body with 200, and a page of a proxy, are no streams", async () => {
    for (const [body, type] of [
      ['{"error":{"message":"no"}}', "application/json"],
      ["<html>502</html>", "text/html"],
    ] as const) {
      const source = new Response(body, { headers: { "content-type": type } });
      await expect(collectStream(source, { dialect: "openai-chat" })).rejects.toMatchObject({
        code: "INVALID_RESPONSE",
      });
    }
  });
});
