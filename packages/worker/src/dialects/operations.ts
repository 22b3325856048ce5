import { JOB_ID_HEADER } from "inference-worker-protocol";
import type { GenericSchema } from "valibot";
import { MESSAGE_REQUEST } from "./anthropic/messages.js";
import { EXECUTE_SCHEMA } from "./execute-schema.js";
import { OLLAMA_CHAT_REQUEST } from "./ollama/chat.js";
import { GENERATE_REQUEST } from "./ollama/generate.js";
import { CHAT_REQUEST } from "./openai/chat.js";
import { COMPLETION_REQUEST } from "./openai/completions.js";
import { EMBEDDING_REQUEST } from "./openai/embeddings.js";
import { RESPONSE_REQUEST } from "./openai/responses.js";
import { TOKENIZE_REQUEST } from "./tokenize.js";

/** One method of one path. */
export interface Operation {
  readonly path: string;
  readonly method: "get" | "post";
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly parameters?: readonly object[];
  /** A schema of valibot, or one of JSON Schema. */
  readonly body?: { readonly name: string; readonly schema: GenericSchema | object };
  readonly answer: { readonly status?: number; readonly description: string; readonly types: readonly string[] };
  /** Name of the schema of its errors. */
  readonly errors: keyof typeof ERROR_SCHEMAS;
}

const text = { type: "string" } as const;
const object = (properties: Readonly<Record<string, object>>, required = Object.keys(properties)) =>
  ({ type: "object", properties, required }) as const;

/** How each family of dialects reports a failure. */
export const ERROR_SCHEMAS = {
  OrcdError: {
    oneOf: [
      object({ code: text, message: text, retriable: { type: "boolean" } }),
      object({ errors: { type: "array", items: object({ field: text, constraint: text, message: text }) } }),
    ],
  },
  OpenAiError: object({
    error: object({ message: text, type: text, param: { type: ["string", "null"] }, code: text }),
  }),
  AnthropicError: object({ type: { const: "error" }, error: object({ type: text, message: text }) }),
  OllamaError: object({ error: text }),
} as const;

const JSON_TYPE = "application/json";
const SSE_TYPE = "text/event-stream";
const NDJSON_TYPE = "application/x-ndjson";

const jobId = {
  name: JOB_ID_HEADER,
  in: "header",
  required: false,
  description: "The id of the job: for faults, the journal, and `/cancel/{job_id}`.",
  schema: { type: "string", minLength: 1, maxLength: 256 },
};
const inPath = (name: string, description: string) => ({ name, in: "path", required: true, description, schema: text });

const orcd = { tag: "worker-orcd", errors: "OrcdError" } as const;
const openAi = { tag: "OpenAI", errors: "OpenAiError" } as const;
const anthropic = { tag: "Anthropic", errors: "AnthropicError" } as const;
const ollama = { tag: "Ollama", errors: "OllamaError" } as const;

/** A route that runs a job: one body, or a stream. */
function runs(path: string, { stream, ...facts }: RunningRoute) {
  const answer = { description: "The whole answer, or a stream of its parts.", types: [JSON_TYPE, stream] };
  return { path, method: "post", parameters: [jobId], answer, ...facts } as const;
}

type RunningRoute = Pick<Operation, "id" | "summary" | "body"> & { readonly stream: string };

function reads(
  path: string,
  facts: Pick<Operation, "id" | "summary" | "parameters">,
  types: readonly string[] = [JSON_TYPE],
) {
  return { path, method: "get", answer: { description: facts.summary, types }, ...facts } as const;
}

const CHAT = "Continue a conversation.";
const accepted = { status: 202, description: "Accepted.", types: [JSON_TYPE] };

/** Everything that the worker answers. */
export const OPERATIONS: readonly Operation[] = [
  {
    ...orcd,
    path: "/execute",
    method: "post",
    id: "execute",
    summary: "Run a job; its events are a stream.",
    body: { name: "ExecuteRequest", schema: EXECUTE_SCHEMA },
    answer: { description: "The events of the job.", types: [SSE_TYPE] },
  },
  {
    ...orcd,
    path: "/cancel/{job_id}",
    method: "post",
    id: "cancelByPath",
    summary: "Cancel a job.",
    parameters: [inPath("job_id", "The id of the job.")],
    answer: accepted,
  },
  {
    ...orcd,
    path: "/cancel",
    method: "post",
    id: "cancelByBody",
    summary: "Cancel a job.",
    body: { name: "CancelRequest", schema: object({ job_id: { type: "string", minLength: 1 } }) },
    answer: accepted,
  },
  {
    ...orcd,
    path: "/shutdown",
    method: "post",
    id: "shutDown",
    summary: "Finish the jobs and stop.",
    answer: accepted,
  },
  { ...orcd, ...reads("/health", { id: "readHealth", summary: "The state of the worker." }) },
  { ...orcd, ...reads("/metrics", { id: "readMetrics", summary: "Metrics for Prometheus." }, ["text/plain"]) },
  { ...orcd, ...reads("/openapi.json", { id: "readApi", summary: "This document." }) },
  { ...openAi, ...reads("/v1/models", { id: "listModels", summary: "The models." }) },
  {
    ...openAi,
    ...reads("/v1/models/{model}", { id: "readModel", summary: "One model." }),
    parameters: [inPath("model", "Its name.")],
  },
  {
    ...openAi,
    ...runs("/v1/completions", {
      id: "createCompletion",
      summary: "Continue a text.",
      body: { name: "CompletionRequest", schema: COMPLETION_REQUEST },
      stream: SSE_TYPE,
    }),
  },
  {
    ...openAi,
    ...runs("/v1/chat/completions", {
      id: "createChatCompletion",
      summary: CHAT,
      body: { name: "ChatCompletionRequest", schema: CHAT_REQUEST },
      stream: SSE_TYPE,
    }),
  },
  {
    ...openAi,
    ...runs("/v1/responses", {
      id: "createResponse",
      summary: CHAT,
      body: { name: "ResponseRequest", schema: RESPONSE_REQUEST },
      stream: SSE_TYPE,
    }),
  },
  {
    ...openAi,
    path: "/v1/embeddings",
    method: "post",
    id: "createEmbeddings",
    summary: "Vectors of texts.",
    body: { name: "EmbeddingRequest", schema: EMBEDDING_REQUEST },
    answer: { description: "The vectors.", types: [JSON_TYPE] },
  },
  {
    ...openAi,
    path: "/tokenize",
    method: "post",
    id: "tokenize",
    summary: "The tokens of a text or a conversation.",
    body: { name: "TokenizeRequest", schema: TOKENIZE_REQUEST },
    answer: { description: "The tokens.", types: [JSON_TYPE] },
  },
  {
    ...anthropic,
    ...runs("/v1/messages", {
      id: "createMessage",
      summary: CHAT,
      body: { name: "MessageRequest", schema: MESSAGE_REQUEST },
      stream: SSE_TYPE,
    }),
  },
  {
    ...ollama,
    ...runs("/api/generate", {
      id: "generate",
      summary: "Answer a prompt.",
      body: { name: "GenerateRequest", schema: GENERATE_REQUEST },
      stream: NDJSON_TYPE,
    }),
  },
  {
    ...ollama,
    ...runs("/api/chat", {
      id: "chat",
      summary: CHAT,
      body: { name: "OllamaChatRequest", schema: OLLAMA_CHAT_REQUEST },
      stream: NDJSON_TYPE,
    }),
  },
  { ...ollama, ...reads("/api/tags", { id: "listTags", summary: "The models." }) },
  { ...ollama, ...reads("/api/version", { id: "readVersion", summary: "The version of the API." }) },
];
