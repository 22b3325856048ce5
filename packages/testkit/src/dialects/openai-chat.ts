import { InvalidEventError } from "inference-worker-protocol";
import type { Dialect, EncodingContext, ExecuteBody } from "./dialect.js";
import type { InferenceEvent } from "./events.js";
import type { EventBuilder } from "./shared/event-builder.js";
import { countOf, fieldsOf, join, listOf, show, type Fields } from "./shared/json.js";
import { ChunkReader, OPENAI_SERVER, readFinish, readOpenAiFields, samplingBody } from "./shared/openai.js";
import { encodeJob, toMessages } from "./shared/request.js";
import { readWhole, StreamDecoder } from "./shared/stream-decoder.js";

const NAME = "openai-chat";
const PATH = "/v1/chat/completions";

/** `POST /v1/chat/completions`: vLLM, llama-server, SGLang, TGI, Ollama and others. A `prompt` is sent as one message of the user. */
export const openAiChat: Dialect = {
  name: NAME,
  capabilities: { framing: "sse" },
  ...OPENAI_SERVER,
  executePaths: [PATH],
  encodeRequest: (request: ExecuteBody, context: EncodingContext) => {
    const fields = readOpenAiFields(request, context, { dialect: NAME });
    const body = { messages: toMessages(fields), ...samplingBody(fields) };
    return encodeJob(request, { path: PATH, body, extraBody: fields.extraBody });
  },
  createDecoder: (context) =>
    new StreamDecoder(NAME, context, (builder) => {
      return new ChunkReader(builder, "delta", ({ delta }) => readMessage(fieldsOf(delta), builder));
    }),
  decodeAnswer: (answer, context) =>
    readWhole(answer, context, ({ choices, usage }, builder) => {
      const choice = fieldsOf(listOf(choices)[0]);
      const finish = readFinish(choice);
      if (finish === undefined || !("message" in choice)) return undefined;
      builder.usage(fieldsOf(usage)["completion_tokens"]);
      return [...readMessage(fieldsOf(choice["message"]), builder), ...builder.end(finish.reason, finish)];
    }),
  inspection: { textStart: /"(?:content|reasoning_content|reasoning)"\s*:\s*"(?!")/ },
};

function readMessage(message: Fields, builder: EventBuilder): readonly InferenceEvent[] {
  const { content, refusal } = message;
  const calls = listOf(message["tool_calls"]);
  const reasoning = builder.text(message["reasoning_content"] ?? message["reasoning"], "reasoning");
  const texts = join(join(reasoning, readContent(content, builder)), builder.text(refusal));
  if (calls.length === 0) return texts; // nearly always
  return join(
    texts,
    calls.map((call, index) => readToolCall(fieldsOf(call), index, builder)),
  );
}

/** A text, or a list of parts. */
function readContent(content: unknown, builder: EventBuilder): readonly InferenceEvent[] {
  if (!Array.isArray(content)) return builder.text(content);
  return content.flatMap((part) => {
    const { type, text } = fieldsOf(part);
    if (type !== "text") throw new InvalidEventError(`a part of the content that is not text: ${show(type)}`);
    return builder.text(text);
  });
}

function readToolCall(call: Fields, position: number, builder: EventBuilder): InferenceEvent {
  const { name, arguments: text } = fieldsOf(call["function"]);
  return builder.toolCall(countOf(call["index"]) ?? position, { id: call["id"], name, arguments: text });
}
