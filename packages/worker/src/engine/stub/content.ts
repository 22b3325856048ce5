import type { Tool } from "../chat.js";
import type { EngineOutput, EngineRequest, EngineStop } from "../engine.js";
import { combine, combineMixed, hashSeed, hashText, mix32, toUnit } from "worker-orcd-control";
import { instanceOf } from "./json-instance.js";
import type { StubPlan } from "./plan.js";
import { lastText } from "./prompt.js";
import { callOf, contentOf } from "./reply-content.js";
import { Sampler } from "./sampler.js";
import { splitWords } from "./split-words.js";
import { UNICODE_SAMPLE, VOCABULARY } from "./vocabulary.js";

/** Number of recent tokens that the repetition penalty covers (llama.cpp's default window). */
const PENALTY_WINDOW = 64;

const encoder = new TextEncoder();

/** Whether the content has nothing to vary: every run of a request is the same. */
export function isFixedContent({ config: { content }, reply }: Pick<StubPlan, "config" | "reply">): boolean {
  return reply !== undefined || typeof content === "object" || content === "counter" || content === "echo";
}

/** Tokens, and why they end. */
export type Content = Iterator<EngineOutput, EngineStop | undefined>;

/**
 * The tokens of one job; a source that ends without a reason means end of sequence.
 *
 * @param variation 0 or any number; consecutive numbers give tokens that differ from the first one on, unless the content is
 * fixed.
 */
export function createContent(
  { config, reply }: Pick<StubPlan, "config" | "reply">,
  request: EngineRequest,
  variation: number,
): Content {
  if (reply !== undefined) return contentOf(reply);
  if (typeof config.content === "object") return encodeAll(config.content.script);
  const wanted = findCall(request);
  if (wanted !== undefined) return callOf(wanted, request.job_id);
  if (config.content === "counter") return counter();
  if (config.content === "echo") return encodeAll(splitWords(lastText(request)));
  if (config.content === "unicode") return splitCharacters(request, variation);
  if (config.content === "instructions") return followInstructions(request, variation);
  return jsonOrWords(request, variation);
}

/** Does what a chat model would: a prompt is an instruction. */
function followInstructions(request: EngineRequest, variation: number): Content {
  const text = lastText(request);
  const repeated = /^repeat exactly[^:]*:\s*(.+)$/is.exec(text)?.[1];
  if (repeated !== undefined) return encodeAll(splitWords(repeated));
  return /\bemoji\b/i.test(text) ? splitCharacters(request, variation) : jsonOrWords(request, variation);
}

function jsonOrWords(request: EngineRequest, variation: number): Content {
  if (request.format?.kind === "json_schema")
    return encodeAll(schemaInstance(request.format.schema, request, variation));
  const asksForJson = request.format !== undefined || /json/i.test(lastText(request));
  return asksForJson ? encodeAll(jsonObject(request, variation)) : words(request, variation);
}

function* encodeAll(texts: Iterable<string>): Generator<Uint8Array, undefined> {
  for (const text of texts) yield encoder.encode(text);
}

function* counter(): Generator<Uint8Array, undefined> {
  for (let index = 0; ; index++) yield encoder.encode(`${index} `);
}

/** Samples from logits that are a hash of the prompt and the previous tokens: a language model without a language. */
function* words(request: EngineRequest, variation: number): Generator<Uint8Array, undefined> {
  const promptHash = hashText(request.prompt);
  const seedHash = hashSeed(request.seed);
  const sampler = new Sampler(VOCABULARY.length, request);
  const { logits } = sampler;
  const recent: number[] = [];
  for (let index = 0; ; index++) {
    const context = combine(combine(promptHash, index), recent.at(-1) ?? -1);
    fillLogits(logits, context);
    const token = sampler.sample(recent, toUnit(combine(seedHash, index)));
    recent.push(token);
    if (recent.length > PENALTY_WINDOW) recent.shift();
    yield wordAt((token + shiftAt(variation, index)) % VOCABULARY.length, index);
  }
}

/** Precomputed hashes of the tokens: half of the work for each logit. */
const TOKEN_HASHES = Uint32Array.from(VOCABULARY, (_, token) => mix32(token));

function fillLogits(logits: Float64Array, context: number): void {
  for (let token = 0; token < logits.length; token++) {
    logits[token] = 6 * toUnit(combineMixed(context, TOKEN_HASHES[token] ?? 0));
  }
}

/** Steps through the vocabulary with the first token, so that it differs in two consecutive runs. */
function shiftAt(variation: number, index: number): number {
  return variation === 0 || index === 0 ? variation : combine(variation, index);
}

/** Greedy output does not depend on the seed. */
function seedHashOf({ seed, temperature }: EngineRequest): number {
  return temperature === 0 ? 0 : hashSeed(seed);
}

/** The words at the beginning and after another word; shared, because consumers do not modify what an engine yields. */
const FIRST_WORDS = VOCABULARY.map((word) => encoder.encode(word));
const LATER_WORDS = VOCABULARY.map((word) => encoder.encode(/^\p{P}/u.test(word) ? word : ` ${word}`));

function wordAt(token: number, index: number): Uint8Array {
  return (index === 0 ? FIRST_WORDS[token] : LATER_WORDS[token]) ?? new Uint8Array();
}

/** The answer to a prompt that asks for JSON: one object, so that the stop sequence `}` has something to match. */
function jsonObject(request: EngineRequest, variation: number): string[] {
  const seedHash = seedHashOf(request);
  const hash = combine(hashText(request.prompt), seedHash);
  const name = VOCABULARY[(hash + variation) % (VOCABULARY.length - 2)] ?? "name";
  const age = 18 + (combine(hash, 1) % 80);
  return ["{", '"name"', ": ", `"${name}"`, ", ", '"age"', ": ", String(age), "}"];
}

/** A value that fits the schema that the client wants, in pieces of a few characters. */
function schemaInstance(
  schema: Readonly<Record<string, unknown>>,
  request: EngineRequest,
  variation: number,
): string[] {
  const hash = combine(combine(hashText(request.prompt), seedHashOf(request)), variation);
  let drawn = 0;
  const value = instanceOf(schema, (count) => combine(hash, drawn++) % count);
  return JSON.stringify(value).match(/[\s\S]{1,6}/gu) ?? [];
}

/** The tool that the client insists on. */
function findCall({ chat }: EngineRequest): Tool | undefined {
  if (chat === undefined || chat.toolChoice === "auto" || chat.toolChoice === "none") return undefined;
  const { toolChoice: choice, tools } = chat;
  return choice === "required" ? tools[0] : tools.find(({ name }) => name === choice.name);
}

/** The text rotated by `steps` characters. */
function rotate(text: string, steps: number): string {
  const characters = Array.from(text);
  const first = steps % characters.length;
  return [...characters.slice(first), ...characters.slice(0, first)].join("");
}

/** Repeats the sample text, cut into tokens of 1 to 3 bytes by the seed, mostly inside characters. */
function* splitCharacters(request: EngineRequest, variation: number): Generator<Uint8Array, undefined> {
  const bytes = encoder.encode(rotate(UNICODE_SAMPLE, variation));
  const seedHash = seedHashOf(request);
  for (let index = 0, start = 0; ; index++) {
    const end = Math.min(bytes.length, start + 1 + (combine(seedHash, index) % 3));
    yield bytes.slice(start, end);
    start = end % bytes.length;
  }
}
