import * as v from "valibot";
import type { Chat } from "../../engine/chat.js";
import { parseBody } from "../body.js";
import type { Ask, Dialect, JsonObject, ServedModel } from "../dialect.js";
import * as f from "../fields.js";
import { COMMON, OPTION_NAMES, readCommon } from "./common.js";
import { createLines, type Said } from "./lines.js";

/** The body of `POST /api/generate`. */
export const GENERATE_REQUEST = v.object({
  ...COMMON,
  prompt: v.string(),
  system: f.optional(v.string()),
  raw: f.optional(v.boolean()),
  suffix: f.only(""),
  images: f.onlyEmptyList,
  template: f.only(""),
  context: f.onlyEmptyList,
});

/** Ollama's generate: the prompt is one message of a chat, unless it is `raw`. */
export const ollamaGenerate: Dialect = {
  read(body: JsonObject, served: ServedModel): Ask {
    const fields = parseBody(GENERATE_REQUEST, body);
    return {
      ...readCommon(fields, served),
      input: fields.raw === true ? fields.prompt : toChat(fields),
      names: OPTION_NAMES,
      idPrefix: "gen-",
      createEncoder: (facts) =>
        createLines(facts, fields.stream ?? true, { dialect: "ollama-generate", textKey: "response", say }),
    };
  },
};

function toChat({ prompt, system }: v.InferOutput<typeof GENERATE_REQUEST>): Chat {
  const first = system == null || system === "" ? [] : [{ role: "system", content: system } as const];
  return { messages: [...first, { role: "user", content: prompt }], tools: [], toolChoice: "auto" };
}

/** Calls have no place in it: only chats have tools. */
function say({ text, reasoning }: Said): object {
  return { response: text, ...(reasoning === "" ? {} : { thinking: reasoning }) };
}
