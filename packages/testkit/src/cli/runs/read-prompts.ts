import { readFileSync, statSync } from "node:fs";
import { InvalidOptionError } from "../../errors/index.js";
import { checkOption, type Option } from "../../options/index.js";
import { parsePromptFile, type PromptFile } from "../../requests/workload/index.js";

/** A file is read whole. */
const MOST_BYTES = 256 * 1024 ** 2;

/** The prompts of a file, and its name. */
export interface NamedPrompts extends PromptFile {
  readonly file: string;
}

/** The path of a file of prompts. */
export function promptsFile(): Option<string, NamedPrompts> {
  return {
    read: (name, value) => {
      const file = String(value);
      const text = read(name, file);
      return { file, ...parsePromptFile(text, file) };
    },
  };
}

function read(name: string, file: string): string {
  try {
    const { size } = statSync(file);
    checkOption(size <= MOST_BYTES, name, { wanted: `a file of at most ${MOST_BYTES} bytes`, value: size });
    return readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof InvalidOptionError) throw cause;
    const message = `Expected \`${name}\` to be a readable file: ${(cause as Error).message}`;
    throw new InvalidOptionError({ message, cause });
  }
}
