import { styleText } from "node:util";
import { toVisibleJson, toVisibleText } from "./visible-text.js";

type Style = "bold" | "dim" | "red" | "green" | "cyan" | "blue";

/** Text with a style, made by {@link Output.style}: the only text that may bring control sequences to a terminal. */
export class StyledText {
  readonly #rendered: string;

  constructor(rendered: string) {
    this.#rendered = rendered;
  }

  /** With the control sequences of its style. */
  get rendered(): string {
    return this.#rendered;
  }
}

/** A piece of a line. Strings are always made visible. */
export type OutputPart = string | StyledText;

/**
 * Where a command tells people what it does: the one door to the terminal. Line breaks, colours and cursor movements are its own; in the
 * texts that are handed to it they are written as escape sequences.
 */
export interface Output {
  /** Writes a part of a line. */
  readonly write: (...parts: readonly OutputPart[]) => void;
  /** Writes a whole line, or the end of one. */
  readonly line: (...parts: readonly OutputPart[]) => void;
  /** Writes over the current line of a terminal; what is too long for it is cut. */
  readonly redraw: (text: string) => void;
  /** Coloured if the stream is a terminal with colours and the user wants them (NO_COLOR, FORCE_COLOR). */
  readonly style: (style: Style, text: string) => StyledText;
  /** A terminal, where a line may be drawn again. */
  readonly isTerminal: boolean;
  /** Characters a line may have. */
  readonly columnCount: number;
}

const DEFAULT_COLUMN_COUNT = 100;
/** Longer lines are hard to read. */
const MAX_COLUMN_COUNT = 120;
const CLEAR_TO_END_OF_LINE = "\u001b[K";

/** An output on a stream; `quiet` drops everything. */
export function createOutput(stream: NodeJS.WriteStream, quiet = false): Output {
  const columnCount = Math.min(stream.columns || DEFAULT_COLUMN_COUNT, MAX_COLUMN_COUNT);
  const write = (text: string): void => {
    if (!quiet) stream.write(text);
  };
  return {
    write: (...parts) => write(render(parts)),
    line: (...parts) => write(`${render(parts)}\n`),
    redraw: (text) => write(`\r${toVisibleText(text).slice(0, columnCount - 1)}${CLEAR_TO_END_OF_LINE}`),
    // One style at a time: with a list, early releases of Node 20 ignore what the stream can do.
    style: (style, text) => new StyledText(styleText(style, toVisibleText(text), { stream })),
    isTerminal: stream.isTTY,
    columnCount,
  };
}

/** Prints a document for programs, indented. A terminal that shows it obeys nothing in it. */
export function printJson(value: unknown, stringify: (value: unknown) => string = stringifyIndented): void {
  process.stdout.write(`${toVisibleJson(stringify(value))}\n`);
}

function stringifyIndented(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function render(parts: readonly OutputPart[]): string {
  return parts.map((part) => (typeof part === "string" ? toVisibleText(part) : part.rendered)).join("");
}
