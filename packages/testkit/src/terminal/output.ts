import { styleText } from "node:util";
import { toVisibleJson, toVisibleText } from "./visible-text.js";
import { wrapWords } from "./wrap-words.js";

type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan" | "blue";

/** Text with a style, created by {@link Output.style}: the only text that may send control sequences to a terminal. */
export class StyledText {
  readonly #rendered: string;
  /** Its width on the screen. */
  readonly width: number;

  constructor(rendered: string, width: number) {
    this.#rendered = rendered;
    this.width = width;
  }

  /** With the control sequences of its style. */
  get rendered(): string {
    return this.#rendered;
  }
}

/** A part of a line. Strings are always escaped. */
export type OutputPart = string | StyledText;

/**
 * The only way for a command to print to the terminal. It alone creates line breaks, colors and cursor movements; in the text it is
 * given, these are printed as escape sequences.
 */
export interface Output {
  /** Writes a part of a line. */
  readonly write: (...parts: readonly OutputPart[]) => void;
  /** Writes a whole line, or the end of one. */
  readonly line: (...parts: readonly OutputPart[]) => void;
  /** The same; on a terminal, a line that is too long is broken between words. */
  readonly paragraph: (...parts: readonly OutputPart[]) => void;
  /** Overwrites the current line of a terminal; longer text is truncated. */
  readonly redraw: (text: string) => void;
  /** Colored if the stream is a color terminal and the user wants colors (NO_COLOR, FORCE_COLOR). */
  readonly style: (style: Style, text: string) => StyledText;
  /** Whether it is a terminal, where a line can be redrawn. */
  readonly isTerminal: boolean;
  /** Maximum length of a line. */
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
    paragraph: (...parts) => write(`${stream.isTTY ? wrap(parts, columnCount) : render(parts)}\n`),
    redraw: (text) => write(`\r${toVisibleText(text).slice(0, columnCount - 1)}${CLEAR_TO_END_OF_LINE}`),
    // One style at a time: with a list, early releases of Node 20 ignore the capabilities of the stream.
    style: (style, text) => createStyled(style, toVisibleText(text), stream),
    isTerminal: stream.isTTY,
    columnCount,
  };
}

/** Prints an indented document for programs, without terminal control characters. */
export function printJson(value: unknown, stringify: (value: unknown) => string = stringifyIndented): void {
  process.stdout.write(`${toVisibleJson(stringify(value))}\n`);
}

function stringifyIndented(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function createStyled(style: Style, visible: string, stream: NodeJS.WriteStream): StyledText {
  return new StyledText(styleText(style, visible, { stream }), visible.length);
}

function wrap(parts: readonly OutputPart[], columnCount: number): string {
  const sized = parts.map((part) => {
    const shown = typeof part === "string" ? toVisibleText(part) : part.rendered;
    const isBreakable = typeof part === "string";
    return { shown, isBreakable, width: typeof part === "string" ? shown.length : part.width };
  });
  return wrapWords(sized, columnCount).join("\n");
}

function render(parts: readonly OutputPart[]): string {
  return parts.map((part) => (typeof part === "string" ? toVisibleText(part) : part.rendered)).join("");
}
