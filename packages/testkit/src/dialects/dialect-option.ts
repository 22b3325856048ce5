import { suggest } from "inference-worker-protocol/validation";
import { checkOption, isRecord, type Option } from "../options/index.js";
import { anthropic } from "./anthropic.js";
import type { Dialect } from "./dialect.js";
import { llamaCpp } from "./llama-cpp.js";
import { ollama } from "./ollama.js";
import { openAiChat } from "./openai-chat.js";
import { openAiCompletions } from "./openai-completions.js";
import { openAiResponses } from "./openai-responses.js";
import { orcd } from "./orcd.js";
import { tgi } from "./tgi.js";

/** Every dialect of this package, by its name. */
const DIALECTS = {
  orcd,
  "openai-chat": openAiChat,
  "openai-completions": openAiCompletions,
  "openai-responses": openAiResponses,
  anthropic,
  "llama-cpp": llamaCpp,
  ollama,
  tgi,
} as const satisfies Readonly<Record<string, Dialect>>;

/** The name of a dialect of this package. */
export type DialectName = keyof typeof DIALECTS;

const NAMES = Object.keys(DIALECTS);

/** The dialect of this package with that name. */
export function findDialect(name: string): Dialect | undefined {
  return Object.hasOwn(DIALECTS, name) ? DIALECTS[name as DialectName] : undefined;
}

/** The option that takes a dialect: the name of one of this package, or a user's own object. */
export function dialectOption(): Option<DialectName | Dialect, Dialect> {
  return {
    choices: NAMES,
    read: (name, value) => {
      const dialect = typeof value === "string" ? findDialect(value) : value;
      checkOption(isDialect(dialect), name, { wanted: describeWanted(value), value });
      return dialect;
    },
  };
}

function isDialect(value: unknown): value is Dialect {
  return (
    isRecord(value) && typeof value["encodeRequest"] === "function" && typeof value["createDecoder"] === "function"
  );
}

function describeWanted(value: unknown): string {
  const near = suggest(value, NAMES).replace(/^; /, "").replace(/\?$/, "?");
  return `one of ${NAMES.join(", ")}, or an object with \`encodeRequest\` and \`createDecoder\`${near === "" ? "" : ` (${near})`}`;
}
