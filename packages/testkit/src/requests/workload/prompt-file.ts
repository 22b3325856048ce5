import { InvalidOptionError } from "../../errors/index.js";
import { describeJsonError, findJsonPlace } from "../../json/index.js";
import { isRecord } from "../../options/index.js";
import { readPrompt, type FilePrompt, type PromptProblem } from "./file-prompt.js";

const SHOWN_LENGTH = 80;

/** The prompts of a file. */
export interface PromptFile {
  readonly prompts: readonly FilePrompt[];
  /** Conversations without a message of a user, which are left out. */
  readonly skippedCount: number;
}

/**
 * Reads a file of prompts: one JSON object a line (JSONL), or an array of them. An object has a `prompt`, `messages` as chat APIs take them,
 * or `conversations` as ShareGPT has them.
 *
 * @param file its name in messages. @throws {INVALID_OPTION} a line that is none of them, with file, line, field and value; or no prompt.
 * @example parsePromptFile('{"prompt": "Hello"}\n{"prompt": "Write a haiku"}', "prompts.jsonl")
 */
export function parsePromptFile(text: string, file: string): PromptFile {
  const content = text.replace(/^\uFEFF/, "");
  const read = content.trimStart().startsWith("[") ? readArray(content, file) : readLines(content, file);
  const prompts = read.filter((prompt) => prompt !== undefined);
  if (prompts.length > 0) return { prompts, skippedCount: read.length - prompts.length };
  throw new InvalidOptionError({
    message: `Expected ${file} to have at least one prompt, got none`,
    hint: 'Write one JSON object a line, such as {"prompt": "Hello"}.',
  });
}

function readLines(text: string, file: string): (FilePrompt | undefined)[] {
  const found: (FilePrompt | undefined)[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const place = `${file}:${index + 1}`;
    found.push(readOne(parse(line, place), () => place));
  }
  return found;
}

function readArray(text: string, file: string): (FilePrompt | undefined)[] {
  const list = parse(text, file) as unknown[];
  return list.map((value, index) => {
    return readOne(value, (field) => {
      const line = findJsonPlace(text, `[${index}]${field === "" ? "" : `.${field}`}`)?.line;
      return line === undefined ? `${file}, element ${index}` : `${file}:${line}`;
    });
  });
}

function readOne(value: unknown, placeOf: (field: string) => string): FilePrompt | undefined {
  const read = isRecord(value) ? readPrompt(value) : problem("", "an object", value);
  if (read === undefined || !("wanted" in read)) return read;
  const { field, wanted, value: given } = read;
  const what = field === "" ? "the line" : `\`${field}\``;
  throw new InvalidOptionError({ message: `${placeOf(field)}: expected ${what} to be ${wanted}, got ${show(given)}` });
}

function problem(field: string, wanted: string, value: unknown): PromptProblem {
  return { field, wanted, value };
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const reason = describeJsonError(text, cause as Error).replace(
      /line 1, (?=column)/,
      text.includes("\n") ? "$&" : "",
    );
    throw new InvalidOptionError({ message: `${place}: not valid JSON: ${reason}`, cause });
  }
}

function show(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
