import { isCredentialName } from "./credential-names.js";
import { REDACTED } from "../../terminal/index.js";
import { scrubText } from "./credentials.js";

/** Nesting deeper than this is left out instead of overflowing the stack. */
const MOST_LEVELS = 200;

/** Removes the credentials from a JSON value: the values of fields by name, and what its strings quote. */
export function scrubJson(value: unknown, level = 0): unknown {
  if (typeof value === "string") return scrubText(value);
  if (typeof value !== "object" || value === null) return value;
  if (level > MOST_LEVELS) return "[left out: nested too deeply]";
  if (Array.isArray(value)) return scrubList(value, level);
  // A token of a model is listed with its probability.
  const isOfModel = "logprob" in value || "top_logprobs" in value;
  const pairName = findPairName(value);
  return Object.fromEntries(
    Object.entries(value).map(([field, each]) => {
      const name = field === "value" ? (pairName ?? field) : field;
      return [scrubText(field), isCredentialName(name) && !isOfModel ? hide(each, name) : scrubJson(each, level + 1)];
    }),
  );
}

/** A header or a variable is often written as `{ "name": "authorization", "value": "…" }`. */
function findPairName(value: object): string | undefined {
  const { name, key } = value as { readonly name?: unknown; readonly key?: unknown };
  return [name, key].find((each) => typeof each === "string");
}

/** Also handles program arguments and headers: a name followed by its value. */
function scrubList(list: readonly unknown[], level: number): unknown[] {
  return list.map((each, index) => {
    const before: unknown = list[index - 1];
    const isNamed = typeof each === "string" && typeof before === "string" && isBareName(before);
    return isNamed && !/^--?[a-z]/i.test(each) ? REDACTED : scrubJson(each, level + 1);
  });
}

/** Whether an argument is the name of a credential, whose value is the next one. */
export function isBareName(text: string): boolean {
  return /^-{0,2}[\w.-]{1,100}$/.test(text) && isCredentialName(text);
}

/** Everything below the name of a credential. Numbers after `token` are counts. */
function hide(value: unknown, name: string): unknown {
  if (value === null || typeof value === "boolean" || value === "") return value;
  if (/token$/i.test(name) && (typeof value === "number" || typeof value === "bigint")) return value;
  return REDACTED;
}
