// The AI SDK of Vercel. The first argument names the provider: `openai-compatible` (chat completions) or `openai` (responses).
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, Output, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { ABORT_AFTER, PROMPT, serve, TOOL, TOOL_RESULT } from "./cases.mjs";

const PROVIDERS = {
  openai: (options) => createOpenAI(options),
  "openai-compatible": (options) =>
    createOpenAICompatible({ ...options, name: "worker", includeUsage: true, supportsStructuredOutputs: true }),
};
const createProvider = PROVIDERS[process.argv[2]];

const settings = ({ baseUrl, model, maxTokens, maxRetries = 0 }) => ({
  model: createProvider({ baseURL: `${baseUrl}/v1`, apiKey: "unused" })(model),
  prompt: PROMPT,
  maxOutputTokens: maxTokens,
  maxRetries,
});

await serve({
  async stream(options) {
    const result = streamText({ ...settings(options), onError: () => undefined });
    const texts = [];
    for await (const text of result.textStream) texts.push(text);
    return { texts, finish: await result.finishReason, tokens: (await result.usage).outputTokens };
  },

  async whole(options) {
    const { text, finishReason, usage } = await generateText(settings(options));
    return { text, finish: finishReason, tokens: usage.outputTokens };
  },

  async tool(options) {
    const calls = [];
    const execute = (input) => {
      calls.push({ name: TOOL.name, arguments: input });
      return TOOL_RESULT;
    };
    const weather = tool({ description: TOOL.description, inputSchema: z.object({ city: z.string() }), execute });
    const { text } = await generateText({ ...settings(options), tools: { weather }, stopWhen: stepCountIs(2) });
    return { calls, text };
  },

  async structured(options) {
    const output = Output.object({ schema: z.object({ city: z.string(), population: z.number() }) });
    return { value: (await generateText({ ...settings(options), output })).output };
  },

  async abort(options) {
    const aborter = new AbortController();
    let failure;
    const onError = ({ error }) => (failure = error);
    const result = streamText({ ...settings(options), abortSignal: aborter.signal, onError });
    let count = 0;
    for await (const part of result.fullStream) {
      if (part.type === "text-delta" && ++count === ABORT_AFTER) aborter.abort();
    }
    if (failure !== undefined) throw failure;
    return { count };
  },
});
