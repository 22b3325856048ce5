import { createHash } from "node:crypto";
import type { ExecuteBody } from "../client/index.js";
import { median } from "../numbers/index.js";

/** Number of requests whose prompts are hashed. */
const HASHED_COUNT = 32;
/** Fields that differ from request to request, or that have an entry of their own. */
const NOT_SETTINGS = ["job_id", "prompt", "messages", "seed", "max_tokens"];

/** The smallest, the middle and the largest of some numbers. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** What the requests of a run asked for. Two runs that asked for different work are not comparable. */
export interface Workload {
  /** Name of the dialect. */
  readonly dialect: string;
  readonly prompts: {
    /** SHA-256 of the first `hashedCount` prompts, in order. Runs with the same prompts and another seed may have another hash. */
    readonly sha256: string;
    /** At most 32; fewer if the run was shorter. */
    readonly hashedCount: number;
    /** Length of all prompts in characters. */
    readonly characters: Spread;
  };
  /** `null` if no request had one. */
  readonly maxTokens: Spread | null;
  /** All other fields of the first request, such as `temperature`. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Collects the workload while the requests are made. */
export class WorkloadSample {
  readonly #hash = createHash("sha256");
  readonly #characters: number[] = [];
  readonly #maxTokens: number[] = [];
  #hashedCount = 0;
  #settings: Workload["settings"] | undefined;

  add(request: ExecuteBody): void {
    const prompt = readPrompt(request);
    if (this.#hashedCount < HASHED_COUNT) {
      this.#hash.update(`${prompt.length}:`).update(prompt);
      this.#hashedCount += 1;
    }
    this.#characters.push(prompt.length);
    if (typeof request.max_tokens === "number") this.#maxTokens.push(request.max_tokens);
    this.#settings ??= readSettings(request);
  }

  /** @param dialect its name. @returns undefined if no request was made. */
  describe(dialect: string): Workload | undefined {
    const characters = spreadOf(this.#characters);
    if (characters === null) return undefined;
    return {
      dialect,
      prompts: { sha256: this.#hash.copy().digest("hex"), hashedCount: this.#hashedCount, characters },
      maxTokens: spreadOf(this.#maxTokens),
      settings: this.#settings ?? {},
    };
  }
}

/** The prompt of a request; that of a chat is the JSON of its messages. */
export function readPrompt(request: ExecuteBody): string {
  const { prompt, messages } = request as { readonly prompt?: unknown; readonly messages?: unknown };
  if (typeof prompt === "string") return prompt;
  return JSON.stringify(prompt ?? messages ?? null, (_, value: unknown) => toJsonValue(value));
}

function readSettings(request: ExecuteBody): Workload["settings"] {
  const entries = Object.entries(request).filter(([name, value]) => {
    return !NOT_SETTINGS.includes(name) && value !== undefined && value !== null;
  });
  return Object.fromEntries(entries.map(([name, value]) => [name, toJsonValue(value)]));
}

/** JSON has no numbers of 64 bits. */
function toJsonValue(value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) [min, max] = [Math.min(min, value), Math.max(max, value)];
  return { min, median: median(values), max };
}
