import * as v from "valibot";
import type { Engine } from "../engine/engine.js";
import { parseBody } from "./body.js";
import { checkChat } from "./check-chat.js";
import type { JsonObject, ServedModel } from "./dialect.js";
import { invalidField, requireModel } from "./failures.js";
import * as f from "./fields.js";
import { message, toMessage } from "./openai/chat-messages.js";

/** The body of `POST /tokenize`: `content` as llama-server has it, `prompt` or `messages` as vLLM has them. */
export const TOKENIZE_REQUEST = v.object({
  model: f.optional(f.nonEmpty),
  content: f.optional(v.string()),
  prompt: f.optional(v.string()),
  messages: f.optional(v.array(message)),
  with_pieces: f.only(false),
  return_token_strs: f.only(false),
});

/**
 * Counts the tokens of a text or a conversation as a job would.
 *
 * @throws {WorkerError} INVALID_REQUEST, NOT_FOUND
 */
export async function tokenize(body: JsonObject, engine: Engine, served: ServedModel): Promise<object> {
  const { model, content, prompt, messages } = parseBody(TOKENIZE_REQUEST, body);
  if (model != null) requireModel(model, served);
  if (content != null) return { tokens: engine.tokenize(content) };
  if (prompt == null && messages == null) throw invalidField("prompt", "is required, or `messages` or `content`");
  const chat = { messages: (messages ?? []).map(toMessage), tools: [], toolChoice: "auto" } as const;
  const tokens = engine.tokenize(prompt ?? (await engine.renderChat(checkChat(chat))));
  return { count: tokens.length, max_model_len: engine.info.contextLength, tokens };
}
