import { checkOption } from "../options/index.js";

/** How many that are over stay known: their logs and verdicts may still be asked for. */
const MOST_RETIRED = 64;
/** How many may be in use. */
const MOST_LIVE = 10_000;
const SHOWN = 10;

/** Objects of the engine by the handle that a client has: `worker-1`, `worker-2`, … A handle is never used again. */
export class HandleTable<T> {
  readonly #kind: string;
  readonly #entries = new Map<string, T>();
  readonly #retired = new Set<string>();
  #count = 0;

  constructor(kind: string) {
    this.#kind = kind;
  }

  /** @throws {INVALID_OPTION} too many are in use. */
  add(value: T): string {
    const liveCount = this.#entries.size - this.#retired.size;
    checkOption(liveCount < MOST_LIVE, this.#kind, {
      wanted: `one of at most ${MOST_LIVE} in use`,
      value: liveCount + 1,
    });
    this.#count += 1;
    const handle = `${this.#kind}-${this.#count}`;
    this.#entries.set(handle, value);
    return handle;
  }

  /** @param name the name of the param. @throws {INVALID_OPTION} unknown, or over for so long that it was forgotten. */
  get(name: string, handle: unknown): T {
    const value = typeof handle === "string" ? this.#entries.get(handle) : undefined;
    checkOption(value !== undefined, name, {
      wanted: `the handle of a ${this.#kind} (${this.#describeKnown()})`,
      value: handle,
    });
    return value;
  }

  /** It is over: still known, until more than 64 newer ones are over. */
  retire(handle: string): void {
    if (!this.#entries.has(handle)) return;
    this.#retired.add(handle);
    const [oldest] = this.#retired;
    if (this.#retired.size <= MOST_RETIRED || oldest === undefined) return;
    this.#retired.delete(oldest);
    this.#entries.delete(oldest);
  }

  isRetired(handle: string): boolean {
    return this.#retired.has(handle);
  }

  /** All that are known, oldest first. */
  get entries(): readonly (readonly [handle: string, value: T])[] {
    return [...this.#entries];
  }

  #describeKnown(): string {
    const known = [...this.#entries.keys()];
    if (known.length === 0) return "there is none";
    return `${known.length > SHOWN ? "the last ones are" : "known:"} ${known.slice(-SHOWN).join(", ")}`;
  }
}
