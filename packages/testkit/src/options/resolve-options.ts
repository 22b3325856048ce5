import { checkKnownOptions } from "./check-option.js";
import type { AnyOption, OptionsOf, OptionTable, ResolvedOptionsOf } from "./option.js";

/**
 * Resolves options: rejects unknown names, checks every value and applies the defaults. `undefined` counts as not given.
 *
 * @param path the prefix of nested options in messages, such as `stop` for `stop.count`. @default none
 * @throws {INVALID_OPTION} naming the first invalid option, what was expected and the value.
 * @example const { count, everyMs } = resolveOptions(PING_OPTIONS, { count: 3 });
 */
export function resolveOptions<const T extends OptionTable>(
  table: T,
  given: OptionsOf<T>,
  path = "",
): ResolvedOptionsOf<T> {
  checkKnownOptions(path === "" ? "options" : path, given, Object.keys(table));
  const values: Readonly<Record<string, unknown>> = given;
  const names = Object.keys(table);
  const read = (name: string) =>
    readOption(table[name] as AnyOption, path === "" ? name : `${path}.${name}`, values[name]);
  return Object.fromEntries(names.map((name) => [name, read(name)])) as ResolvedOptionsOf<T>;
}

function readOption(option: AnyOption, name: string, value: unknown): unknown {
  if (value !== undefined || "isRequired" in option) return option.read(name, value);
  return "fallback" in option ? option.fallback : undefined;
}
