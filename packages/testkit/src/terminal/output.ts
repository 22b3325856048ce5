import { styleText } from "node:util";

type Style = "bold" | "dim" | "red" | "green" | "cyan" | "blue";

/** Where a command tells people what it does. */
export interface Output {
  readonly write: (text: string) => void;
  /** Writes a whole line. */
  readonly line: (text?: string) => void;
  /** Coloured if the stream is a terminal with colours and the user wants them (NO_COLOR, FORCE_COLOR). */
  readonly style: (style: Style, text: string) => string;
  /** A terminal, where a line may be drawn again. */
  readonly isTerminal: boolean;
  /** Characters a line may have. */
  readonly columnCount: number;
}

const DEFAULT_COLUMN_COUNT = 100;
/** Longer lines are hard to read. */
const MAX_COLUMN_COUNT = 120;

/** An output on a stream; `quiet` drops everything. */
export function createOutput(stream: NodeJS.WriteStream, quiet = false): Output {
  const write = (text: string): void => {
    if (!quiet) stream.write(text);
  };
  return {
    write,
    line: (text = "") => write(`${text}\n`),
    // One style at a time: with a list, early releases of Node 20 ignore what the stream can do.
    style: (style, text) => styleText(style, text, { stream }),
    isTerminal: stream.isTTY,
    columnCount: Math.min(stream.columns || DEFAULT_COLUMN_COUNT, MAX_COLUMN_COUNT),
  };
}
