import { readFileSync } from "node:fs";
import { InvalidOptionError, reasonOf } from "../errors/index.js";
import { describeJsonError, describePlace, findJsonPlace } from "../json/index.js";
import { sweepOf } from "../load/schedule/check-profile.js";
import { checkOption, custom, integer, isRecord, type Option } from "../options/index.js";

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const LONGEST_MS = 24 * 3_600_000;
const DURATION = "a duration such as 500ms, 30s, 5m or 1h, at most 24h";
const HIGHEST_EXIT_CODE = 255;

/** A GPU number, or -1 for the CPU. */
export function gpuDevice(): Option<number> {
  const test = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= -1 && Number(value) <= 999;
  return { ...custom<number>("a GPU number, or -1 for the CPU", test), parse: integer().parse };
}

/** A duration with its unit, resolved to ms. */
export function duration(): Option<string, number> {
  return { read: (name, value) => readDuration(name, value, DURATION) };
}

/** A number, or a duration. @param count checks the number. */
export function countOrDuration(
  count: Option<number>,
): Option<string, { readonly count: number } | { readonly durationMs: number }> {
  return {
    read: (name, value) => {
      if (/^\d+$/.test(String(value))) return { count: count.read(name, Number(value)) };
      return { durationMs: readDuration(name, value, `a number, or ${DURATION}`) };
    },
  };
}

/** Values with commas between them: `1,143`. */
export function commaList<Given, Resolved>(element: Option<Given, Resolved>): Option<string, readonly Resolved[]> {
  return {
    read: (name, value) => {
      const words = String(value).split(",");
      return words.map((word) => element.read(name, element.parse?.(word.trim()) ?? word.trim()));
    },
  };
}

/** The values of a sweep, with commas between them: `1,2,4,8`. */
export function sweep(value: Option<number>): Option<string, readonly number[]> {
  const list = commaList(value);
  const values = sweepOf(value);
  return { read: (name, given) => values.read(name, list.read(name, given)) };
}

/** A process's exit code. */
export function exitCode(): Option<number> {
  return integer([0, HIGHEST_EXIT_CODE]);
}

/** 64 hexadecimal digits, resolved to lower case. */
export function sha256(): Option<string> {
  return {
    read: (name, value) => {
      const holds = typeof value === "string" && /^[0-9a-f]{64}$/i.test(value);
      checkOption(holds, name, { wanted: "64 hexadecimal digits", value });
      return value.toLowerCase();
    },
  };
}

/** The address of a server. */
export function httpUrl(): Option<string> {
  return {
    read: (name, value) => {
      const holds = typeof value === "string" && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
      checkOption(holds, name, { wanted: "an http or https address", value });
      return value;
    },
  };
}

/** A JSON object, or `@` and the path of a file with one. @param check throws for an invalid object. */
export function jsonObject<T>(
  check: (name: string, object: Readonly<Record<string, unknown>>) => T,
): Option<string, T> {
  return {
    read: (name, value) => {
      const word = String(value);
      const isJson = word.startsWith("@") || word.trimStart().startsWith("{");
      checkOption(isJson, name, { wanted: "a JSON object, or @ and the path of a file with one", value });
      const file = word.startsWith("@") ? word.slice(1) : undefined;
      return checkJson(name, { text: file === undefined ? word : readText(name, file), file }, check);
    },
  };
}

/** The path of a file with a JSON object. @param check throws for an invalid object; the message gets the line of the file. */
export function jsonFile<T>(check: (name: string, object: Readonly<Record<string, unknown>>) => T): Option<string, T> {
  return {
    read: (name, value) => checkJson(name, { text: readText(name, String(value)), file: String(value) }, check),
  };
}

function readDuration(name: string, value: unknown, wanted: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(String(value)) ?? [];
  const ms = Number(number) * (UNITS_MS[unit] ?? NaN);
  checkOption(ms > 0 && ms <= LONGEST_MS, name, { wanted, value });
  return ms;
}

function readText(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (cause) {
    const message = `Expected \`${name}\` to be a readable file: ${(cause as Error).message}`;
    throw new InvalidOptionError({ message, cause });
  }
}

/** JSON text, and the file that it is from. */
interface JsonSource {
  readonly text: string;
  readonly file: string | undefined;
}

function checkJson<T>(
  name: string,
  source: JsonSource,
  check: (name: string, object: Readonly<Record<string, unknown>>) => T,
): T {
  const value = parseJson(name, source);
  checkOption(isRecord(value), name, { wanted: "a JSON object", value });
  try {
    return check(name, value);
  } catch (error) {
    throw error instanceof InvalidOptionError ? addPlace(error, name, source) : error;
  }
}

/** The same error with the line of the file. The path of an option in a message is its path in the document. */
function addPlace(error: InvalidOptionError, name: string, { text, file }: JsonSource): InvalidOptionError {
  const { option, hint } = error;
  const place = option === undefined || file === undefined ? undefined : findJsonPlace(text, option, name);
  if (place === undefined) return error;
  return new InvalidOptionError({
    message: `${reasonOf(error)} (${describePlace(place, file)})`,
    hint,
    option,
    cause: error,
  });
}

function parseJson(name: string, { text, file }: JsonSource): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = describeJsonError(text, cause as Error, file);
    throw new InvalidOptionError({ message: `Expected \`${name}\` to be valid JSON: ${reason}`, cause });
  }
}
