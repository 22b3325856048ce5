/** The output stream that a line was written to. */
export type LogStream = "stdout" | "stderr";

/** One line that a worker wrote. */
export interface LogLine {
  readonly stream: LogStream;
  /** The line without its line break; truncated to 8,192 characters. */
  readonly text: string;
  /** When the line arrived, in milliseconds since the epoch. */
  readonly atMs: number;
}

/** Whether a line matches: a string is searched for literally, a pattern is matched (flags `g` and `y` are ignored). */
export function createLineMatcher(pattern: string | RegExp): (text: string) => RegExpExecArray | boolean | null {
  if (typeof pattern === "string") return (text) => text.includes(pattern);
  const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
  return (text) => stateless.exec(text);
}
