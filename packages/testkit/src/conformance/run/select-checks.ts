import { suggest } from "inference-worker-protocol/validation";
import { InvalidOptionError } from "../../errors/index.js";
import { AREAS, LEVELS, type Level } from "../areas.js";
import type { Check } from "../check.js";

/** Which checks of the catalogue run. */
export interface Selection {
  readonly level: Level;
  /** Ids or areas; `*` stands for any characters. A check that is named runs whatever its level is. */
  readonly only?: readonly string[] | undefined;
}

/** Chooses the checks of a run, in the order of the catalogue. @throws {INVALID_OPTION} a pattern that no check has. */
export function selectChecks(catalogue: readonly Check[], { level, only }: Selection): Check[] {
  if (only === undefined) {
    const levels = LEVELS.slice(0, LEVELS.indexOf(level) + 1);
    return catalogue.filter((check) => levels.includes(check.level));
  }
  const patterns = only.map((word) => toPattern(word, catalogue));
  return catalogue.filter(({ id }) => patterns.some((pattern) => pattern.test(id)));
}

/** @throws {INVALID_OPTION} an id that no check has. */
export function checkIds(name: string, ids: readonly string[], catalogue: readonly Check[]): void {
  for (const id of ids) if (!catalogue.some((check) => check.id === id)) throw refuse(name, id, catalogue);
}

function toPattern(word: string, catalogue: readonly Check[]): RegExp {
  const isArea = Object.hasOwn(AREAS, word);
  const source = (isArea ? `${word}.*` : word).split("*").map(escape).join(".*");
  const pattern = new RegExp(`^${source}$`);
  if (catalogue.some(({ id }) => pattern.test(id))) return pattern;
  throw refuse("only", word, catalogue);
}

function refuse(name: string, word: string, catalogue: readonly Check[]): InvalidOptionError {
  const ids = catalogue.map(({ id }) => id);
  const near = suggest(word, ids) || suggest(word, Object.keys(AREAS));
  return new InvalidOptionError({
    message: `Expected \`${name}\` to name a check or an area, got \`${word}\`${near}`,
    option: `${name}.${word}`,
    hint: "`inference-testkit check --list` prints them all.",
  });
}

function escape(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
}
