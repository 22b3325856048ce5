import type { Dialect, EncodingContext, ExecuteBody } from "./dialect.js";
import { fieldsOf, listOf } from "./shared/json.js";
import { ChunkReader, OPENAI_SERVER, readFinish, readOpenAiFields, samplingBody } from "./shared/openai.js";
import { encodeJob } from "./shared/request.js";
import { readWhole, StreamDecoder } from "./shared/stream-decoder.js";

/** What it cannot carry. */
const REFUSED = ["messages"] as const;
const NAME = "openai-completions";
const PATH = "/v1/completions";

/** `POST /v1/completions`: vLLM, llama-server, SGLang, Ollama and others. The prompt is sent as it is, without a chat template. */
export const openAiCompletions: Dialect = {
  name: NAME,
  capabilities: { framing: "sse", refused: REFUSED },
  ...OPENAI_SERVER,
  executePaths: [PATH],
  encodeRequest: (request: ExecuteBody, context: EncodingContext) => {
    const fields = readOpenAiFields(request, context, { dialect: NAME, refused: REFUSED });
    const { prompt, extraBody } = fields;
    return encodeJob(request, { path: PATH, body: { prompt, ...samplingBody(fields) }, extraBody });
  },
  createDecoder: (context) =>
    new StreamDecoder(NAME, context, (builder) => new ChunkReader(builder, "text", ({ text }) => builder.text(text))),
  decodeAnswer: (answer, context) =>
    readWhole(answer, context, ({ choices, usage }, builder) => {
      const choice = fieldsOf(listOf(choices)[0]);
      const finish = readFinish(choice);
      if (finish === undefined || !("text" in choice)) return undefined;
      builder.usage(fieldsOf(usage)["completion_tokens"]);
      return [...builder.text(choice["text"]), ...builder.end(finish.reason, finish)];
    }),
  inspection: { textStart: /"text"\s*:\s*"/ },
};
