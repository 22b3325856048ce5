import { describe, expect, test } from "vitest";
import { assertStopReason, collectStream, findStopMismatch } from "../../src/events/index.js";
import { collect, collectCase, frames, jobOf } from "./support.js";

describe("a message of another dialect is recognized", () => {
  test.each([
    ["orcd", "llama-server chat-stream", "openai-chat"],
    ["openai-chat", "llama-server completions-stream", "openai-completions"],
    ["openai-completions", "llama-server chat-stream", "openai-chat"],
    ["openai-chat", "llama-server native-completion-stream", "llama-cpp"],
    ["openai-chat", "vllm anthropic-stream", "anthropic"],
    ["anthropic", "vllm responses-stream", "openai-responses"],
    ["llama-cpp", "vllm chat-stream", "openai-chat"],
  ])("%s reads %s", async (wrong, path, right) => {
    const [server = "", name = ""] = path.split(" ");
    const { outcome } = await collect(wrong, jobOf(server, name).transcript.content);

    expect(outcome).toMatchObject({
      status: "invalid-event",
      reason: expect.stringContaining(`dialect: "${right}"`) as string,
    });
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

test.each(["openai-chat", "anthropic", "llama-cpp", "ollama", "tgi", "openai-responses"])(
  "%s: a huge text where a word belongs, or a tree of thousands of levels, makes a short message",
  async (name) => {
    const fields = { stop_reason: "@", done_reason: "@", stop_type: "@", finish_reason: "@" };
    const message = { ...fields, choices: [{ delta: {}, ...fields }], done: true, stop: true, content: "", token: {} };
    const line = JSON.stringify({ ...message, generated_text: "x", details: fields, type: "@" });
    for (const value of [JSON.stringify("x".repeat(50_000)), `${"[".repeat(5_000)}${"]".repeat(5_000)}`]) {
      const text = line.replaceAll('"@"', value);
      const { outcome } = await collect(name, name === "ollama" ? `${text}\n` : frames(text));

      expect(outcome.status).toBe("invalid-event");
      expect((outcome as { reason: string }).reason.length).toBeLessThan(500);
    }
  },
);
