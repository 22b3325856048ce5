// LangChain's chat model of OpenAI.
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import { ABORT_AFTER, PROMPT, serve, TOOL, TOOL_RESULT } from "./cases.mjs";

const chat = ({ baseUrl, model, maxTokens, maxRetries = 0 }) =>
  new ChatOpenAI({ model, apiKey: "unused", maxTokens, maxRetries, configuration: { baseURL: `${baseUrl}/v1` } });

const finishOf = (message) => message.response_metadata.finish_reason;
const tokensOf = (message) => message.usage_metadata?.output_tokens;

await serve({
  async stream(options) {
    const texts = [];
    let whole;
    for await (const chunk of await chat(options).stream(PROMPT)) {
      if (chunk.text !== "") texts.push(chunk.text);
      whole = whole === undefined ? chunk : whole.concat(chunk);
    }
    return { texts, finish: finishOf(whole), tokens: tokensOf(whole) };
  },

  async whole(options) {
    const message = await chat(options).invoke(PROMPT);
    return { text: message.text, finish: finishOf(message), tokens: tokensOf(message) };
  },

  async tool(options) {
    const weather = tool(() => TOOL_RESULT, { ...TOOL, schema: z.object({ city: z.string() }) });
    const model = chat(options).bindTools([weather]);
    const question = new HumanMessage(PROMPT);
    const asked = await model.invoke([question]);
    const results = await Promise.all(asked.tool_calls.map((call) => weather.invoke(call)));
    const answered = await model.invoke([
      question,
      asked,
      ...results.filter((result) => result instanceof ToolMessage),
    ]);
    return { calls: asked.tool_calls.map(({ name, args }) => ({ name, arguments: args })), text: answered.text };
  },

  async structured(options) {
    const schema = z.object({ city: z.string(), population: z.number() });
    const model = chat(options).withStructuredOutput(schema, { name: "city", method: "jsonSchema", strict: true });
    return { value: await model.invoke(PROMPT) };
  },

  async abort(options) {
    const aborter = new AbortController();
    let count = 0;
    try {
      for await (const chunk of await chat(options).stream(PROMPT, { signal: aborter.signal })) {
        if (chunk.text !== "" && ++count === ABORT_AFTER) aborter.abort();
      }
    } catch (error) {
      if (!aborter.signal.aborted) throw error;
      return { count, aborted: error.constructor.name };
    }
    return { count };
  },
});
