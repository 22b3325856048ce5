import { InvalidOptionError } from "../../errors/index.js";
import { text, type Option } from "../../options/index.js";

/** A command line and its words. */
export interface CommandLine {
  readonly line: string;
  readonly words: readonly [program: string, ...args: string[]];
}

/** A command line, split by {@link splitCommand}. */
export function commandLine(): Option<string, CommandLine> {
  const { read } = text();
  return {
    read: (name, value) => {
      const line = read(name, value);
      return { line, words: splitCommand(line) };
    },
  };
}

/**
 * Splits a command line into words at white space; quotes group words and a backslash escapes the next character, as in sh. Nothing
 * else is special: no shell runs.
 *
 * @throws {INVALID_OPTION} an open quote, or no word.
 * @example splitCommand("./my-worker --name 'a b'") // ["./my-worker", "--name", "a b"]
 */
export function splitCommand(line: string): [string, ...string[]] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [token] of line.matchAll(/'[^']*'|"(?:[^"\\]|\\[^])*"|\\[^]|\s+|[^]/g)) {
    if (/^\s/.test(token)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = `${word ?? ""}${unquote(token, line)}`;
  }
  if (word !== undefined) words.push(word);
  const [program, ...args] = words;
  if (program !== undefined && program !== "") return [program, ...args];
  throw new InvalidOptionError({ message: `Expected \`--command\` to name a program, got \`${line}\`` });
}

function unquote(token: string, line: string): string {
  if (token === "'" || token === '"' || token === "\\") {
    throw new InvalidOptionError({ message: `Expected \`--command\` to close its quotes, got \`${line}\`` });
  }
  if (token.startsWith("'")) return token.slice(1, -1);
  if (token.startsWith('"')) return token.slice(1, -1).replace(/\\(["\\$`])/g, "$1");
  return token.startsWith("\\") ? token.slice(1) : token;
}
