import { joinVisibleLines, toVisibleText } from "../terminal/index.js";

/** Marks every testkit error, including those of another copy of the package. */
export const BRAND = Symbol.for("inference-testkit.error");

/** Longer chains of causes are cut, because they may be circular. */
const DEEPEST_CAUSE = 8;
/** Properties of an error that are normally not enumerable. */
const OWN = ["name", "message", "stack", "cause", "errors"];

/**
 * Makes a foreign error safe to print: test reporters print the cause under an error, and its message often quotes what a worker
 * sent. An error without control characters is returned unchanged, any other as a copy with its name, code and stack.
 */
export function toVisibleError(error: unknown, depth = 0): unknown {
  if (typeof error === "string") return toVisibleText(error);
  // A testkit error was already escaped when it was created.
  if (!(error instanceof Error) || BRAND in error) return error;
  if (depth === DEEPEST_CAUSE) return undefined;
  const errors = listErrors(error);
  const visible = {
    cause: toVisibleError(error.cause, depth + 1),
    errors: errors?.map((one) => toVisibleError(one, depth + 1)),
  };
  const areSame = visible.cause === error.cause && (errors?.every((one, at) => one === visible.errors?.[at]) ?? true);
  return areSame && isVisible(error) ? error : copyVisible(error, visible);
}

interface VisibleParts {
  readonly cause: unknown;
  readonly errors: readonly unknown[] | undefined;
}

function isVisible(error: Error): boolean {
  const properties = listProperties(error).flatMap(([name, value]) => {
    return typeof value === "string" ? [name, value] : [name];
  });
  const texts = [asText(error.name), asText(error.message), ...properties];
  return texts.every((text) => text === toVisibleText(text)) && describeStack(error) === error.stack;
}

function copyVisible(error: Error, { cause, errors }: VisibleParts): Error {
  const copy = new Error(toVisibleText(asText(error.message)), cause === undefined ? {} : { cause });
  for (const [name, value] of listProperties(error)) {
    Object.assign(copy, { [toVisibleText(name)]: typeof value === "string" ? toVisibleText(value) : value });
  }
  const hidden = { name: toVisibleText(asText(error.name)), stack: describeStack(error), errors };
  for (const [name, value] of Object.entries(hidden)) {
    if (value !== undefined) Object.defineProperty(copy, name, { value, writable: true, configurable: true });
  }
  return copy;
}

function listErrors(error: Error): readonly unknown[] | undefined {
  const { errors } = error as { errors?: unknown };
  return Array.isArray(errors) ? errors : undefined;
}

function listProperties(error: Error): [string, unknown][] {
  return Object.entries(error).filter(([name]) => !OWN.includes(name));
}

/** The stack begins with the message; below it, each line is a location. */
function describeStack({ stack, message }: Error): string | undefined {
  if (stack === undefined) return undefined;
  const text = asText(message);
  const withMessage = asText(stack).replace(text, () => toVisibleText(text));
  return joinVisibleLines(withMessage.split("\n"));
}

/** A property typed as string may have been set to anything. */
function asText(value: unknown): string {
  return String(value);
}
