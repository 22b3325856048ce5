import { BrokenJson, JsonScanner } from "./json-scanner.js";

/** A place in a text, counted from 1, as editors do. */
export interface JsonPlace {
  readonly line: number;
  /** In UTF-16 units. */
  readonly column: number;
}

/**
 * Finds a member or an element in valid JSON text by its path in a message. If it is missing, the nearest value around it is found.
 *
 * @param path such as `limits.maxTokens`, `checks[3].id`, or with the name of the whole document in front.
 * @param root the name of the whole document. @default none
 * @returns the place of a member's name, or of an element; `undefined` if the path is not one of this document, or the text cannot be searched.
 * @example findJsonPlace('{\n  "slot": 1\n}', "--declare.slot", "--declare") // { line: 2, column: 3 }
 */
export function findJsonPlace(text: string, path: string, root = ""): JsonPlace | undefined {
  if (!path.startsWith(root)) return undefined;
  const nearest = { path: "", offset: /^\s*/.exec(text)?.[0].length ?? 0 };
  const visit = (found: string, offset: number): boolean => {
    if (found !== path && !/^[.[]/.test(path.startsWith(found) ? path.slice(found.length) : "")) return false;
    // The last one of several with the same name is the one that counts.
    if (found.length >= nearest.path.length) Object.assign(nearest, { path: found, offset });
    return true;
  };
  return tryScan(text, { root, visit }) === undefined ? toPlace(text, nearest.offset) : undefined;
}

/** Finds where a text stops being JSON. @returns `undefined` if it is JSON, or is nested too deeply to be searched. */
export function findJsonError(text: string): JsonPlace | undefined {
  const problem = tryScan(text, { root: "", visit: () => false });
  return problem instanceof BrokenJson ? toPlace(text, problem.offset) : undefined;
}

/** A place as part of a message: "line 2, column 3". @param file the path of the file, if there is one. */
export function describePlace({ line, column }: JsonPlace, file?: string): string {
  return `line ${line}, column ${column}${file === undefined ? "" : ` of ${file}`}`;
}

/** A message about a member of JSON text, with the line of that member if it can be found. @param path as in {@link findJsonPlace}. */
export function addJsonPlace(message: string, text: string, path: string): string {
  const place = findJsonPlace(text, path);
  return place === undefined ? message : `${message} (${describePlace(place)})`;
}

/** What `JSON.parse` reports about a text, with the line, which it leaves out in most releases of Node. */
export function describeJsonError(text: string, { message }: Error, file?: string): string {
  const reason = message.replace(/ at position \d+( \(line \d+ column \d+\))?$/, "");
  const place = findJsonError(text);
  return place === undefined ? reason : `${reason} (${describePlace(place, file)})`;
}

/** Returns what stops the search: broken JSON, or a nesting that is too deep. */
function tryScan(text: string, options: ConstructorParameters<typeof JsonScanner>[1]): Error | undefined {
  try {
    new JsonScanner(text, options).scan();
    return undefined;
  } catch (error) {
    if (error instanceof BrokenJson || error instanceof RangeError) return error;
    throw error;
  }
}

function toPlace(text: string, offset: number): JsonPlace {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
