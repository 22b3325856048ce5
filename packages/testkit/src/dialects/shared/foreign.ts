import { fieldsOf, listOf, type Fields } from "./json.js";

interface Sign {
  readonly dialect: string;
  readonly what: string;
  readonly fits: (fields: Fields) => boolean;
}

/** How the messages of each dialect are told apart. */
const SIGNS: readonly Sign[] = [
  {
    dialect: "openai-chat",
    what: "an OpenAI chat completion",
    fits: ({ choices }) =>
      Array.isArray(choices) && choices.every((choice) => "delta" in fieldsOf(choice) || "message" in fieldsOf(choice)),
  },
  {
    dialect: "openai-completions",
    what: "an OpenAI completion",
    fits: ({ choices }) => listOf(choices).some((choice) => "text" in fieldsOf(choice)),
  },
  {
    dialect: "openai-responses",
    what: "an event of the OpenAI Responses API",
    fits: (fields) => hasType(fields, "response."),
  },
  {
    dialect: "anthropic",
    what: "an event of the Anthropic Messages API",
    fits: (fields) => hasType(fields, "message_", "content_block_"),
  },
  {
    dialect: "ollama",
    what: "an answer of Ollama",
    fits: (fields) => "done" in fields && ("response" in fields || "message" in fields),
  },
  {
    dialect: "llama-cpp",
    what: "a completion of llama-server",
    fits: (fields) => typeof fields["stop"] === "boolean" && "content" in fields,
  },
  {
    dialect: "tgi",
    what: "a token of Text Generation Inference",
    fits: (fields) => "text" in fieldsOf(fields["token"]),
  },
  {
    dialect: "orcd",
    what: "an event of worker-orcd",
    fits: ({ type }) => ["started", "token", "metrics"].includes(type as string),
  },
];

/** Whose message it is, if not that of the dialect. */
export function recognizeMessage(fields: Fields, dialect: string): Sign | undefined {
  return SIGNS.find((each) => each.dialect !== dialect && each.fits(fields));
}

/** Says what a message is that the dialect does not know, and which dialect would. */
export function describeForeign(fields: Fields, dialect: string): string {
  const sign = recognizeMessage(fields, dialect);
  if (sign === undefined) return `not a message of the dialect \`${dialect}\`: its fields are ${listNames(fields)}`;
  return `this looks like ${sign.what}: try \`dialect: "${sign.dialect}"\``;
}

/** The dialect of the start of a body, if a message in it tells. */
export function recognizeBody(body: string): string | undefined {
  for (const line of body.split("\n")) {
    const fields = parseLine(line.replace(/^data: ?/, ""));
    const sign = fields && SIGNS.find(({ fits }) => fits(fields));
    if (sign !== undefined) return sign.dialect;
  }
  return undefined;
}

function parseLine(line: string): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function hasType({ type }: Fields, ...beginnings: readonly string[]): boolean {
  return typeof type === "string" && beginnings.some((beginning) => type.startsWith(beginning));
}

function listNames(fields: Fields): string {
  const names = Object.keys(fields);
  const shown = names.slice(0, 8).map((name) => `\`${name.slice(0, 40)}\``);
  return names.length === 0 ? "none" : `${shown.join(", ")}${names.length > shown.length ? ", …" : ""}`;
}
