/** What to do with a line; `short`: its field name may be cut off. */
type Fate = "keep" | "drop" | "retry" | "short";

const LF = 10;
const COLON = 58;
const SPACE = 32;
const ZERO = 48;
const NINE = 57;
/** How nearly all lines begin. */
const DATA = toCodes("data:");
const EVENT = toCodes("event:");
/** How many characters of an ignored line are reported. */
const PREVIEW_LENGTH = 200;

export interface LineSieveHandlers {
  /** Receives at most the first 200 characters of the line. */
  readonly onIgnoredLine: (line: string) => void;
  /** Receives the value of a `retry` field; `Infinity` if it has hundreds of digits. */
  readonly onRetry: (retryMs: number) => void;
}

/**
 * Removes the lines of an event stream (line ends are already LF) for which eventsource-parser creates an Error object: unknown fields, and
 * a
 * `retry` that is not a number. The stack of each Error costs 10 µs, so 64 MiB of such lines would keep the parser busy for minutes. All
 * `retry` fields are parsed here. The result does not depend on how the text is split.
 */
export class LineSieve {
  readonly #handlers: LineSieveHandlers;
  /** What to do with the rest of a line that the last chunk cut off. */
  #open: Exclude<Fate, "short"> | undefined;
  /** The start of a line, too short to identify the field. */
  #held = "";
  #ignored = "";
  #retry: { valueMs: number; digitCount: number; isValid: boolean; mayBeSpace: boolean } = newRetry();

  constructor(handlers: LineSieveHandlers) {
    this.#handlers = handlers;
  }

  /** The text without the removed lines. */
  sift(slice: string): string {
    const text = this.#held === "" ? slice : this.#held + slice;
    this.#held = "";
    let kept = "";
    let keptFrom = 0;
    let at = 0;
    while (at < text.length) {
      if (this.#open === undefined && text.charCodeAt(at) === LF) {
        at += 1; // a blank line after every message
        continue;
      }
      const fate = this.#open ?? classify(text, at);
      const lineEnd = text.indexOf("\n", at);
      const next = lineEnd === -1 ? text.length : lineEnd + 1;
      if (fate !== "keep") {
        kept += text.slice(keptFrom, at);
        keptFrom = next;
        this.#takeOut(text.slice(at, lineEnd === -1 ? next : lineEnd), fate, lineEnd !== -1);
      } else this.#open = lineEnd === -1 ? "keep" : undefined;
      at = next;
    }
    return keptFrom === 0 ? text : kept + text.slice(keptFrom);
  }

  #takeOut(part: string, fate: Exclude<Fate, "keep">, isComplete: boolean): void {
    if (fate === "short") {
      this.#held = part; // has no line end; with one it would not be short
      return;
    }
    if (fate === "retry") this.#readRetry(this.#open === undefined ? part.slice("retry".length + 1) : part);
    else if (this.#ignored.length < PREVIEW_LENGTH)
      this.#ignored += part.slice(0, PREVIEW_LENGTH - this.#ignored.length);
    this.#open = isComplete ? undefined : fate;
    if (isComplete) this.#endLine(fate);
  }

  #endLine(fate: "drop" | "retry"): void {
    if (fate === "drop") {
      this.#handlers.onIgnoredLine(this.#ignored);
      this.#ignored = "";
      return;
    }
    const { isValid, digitCount, valueMs } = this.#retry;
    this.#retry = newRetry();
    if (isValid && digitCount > 0) this.#handlers.onRetry(valueMs);
  }

  /** A value can be as long as an event, so it is parsed digit by digit and never buffered. */
  #readRetry(part: string): void {
    const retry = this.#retry;
    for (let at = 0; at < part.length && retry.isValid; at += 1) {
      const code = part.charCodeAt(at);
      const isDigit = code >= ZERO && code <= NINE;
      retry.isValid = isDigit || (code === SPACE && retry.mayBeSpace);
      retry.mayBeSpace = false;
      if (!isDigit) continue;
      retry.valueMs = retry.valueMs * 10 + code - ZERO;
      retry.digitCount += 1;
    }
  }
}

function newRetry() {
  return { valueMs: 0, digitCount: 0, isValid: true, mayBeSpace: true };
}

/** `at` is the start of a line. */
function classify(text: string, at: number): Fate {
  switch (text.charCodeAt(at)) {
    case LF:
    case COLON:
      return "keep";
    case 100:
      return begins(text, at, DATA) ? "keep" : compare(text, at, "data");
    case 101:
      return begins(text, at, EVENT) ? "keep" : compare(text, at, "event");
    case 105:
      return compare(text, at, "id");
    case 114: {
      const fate = compare(text, at, "retry");
      return fate === "keep" ? "retry" : fate;
    }
    default:
      return "drop";
  }
}

function toCodes(text: string): readonly number[] {
  return Array.from(text, (char) => char.charCodeAt(0));
}

/** Comparing numbers takes a third of the time of `startsWith`, and this runs for every line of a stream. */
function begins(text: string, at: number, codes: readonly number[]): boolean {
  for (let index = 0; index < codes.length; index += 1) {
    if (text.charCodeAt(at + index) !== codes[index]) return false;
  }
  return true;
}

function compare(text: string, at: number, name: string): Fate {
  const end = at + name.length;
  if (text.startsWith(name, at)) {
    if (end === text.length) return "short";
    const code = text.charCodeAt(end);
    return code === COLON || code === LF ? "keep" : "drop";
  }
  return text.length < end && name.startsWith(text.slice(at)) ? "short" : "drop";
}
