import { suggest } from "inference-worker-protocol/validation";
import { MUTANT_IDS, mutantOf, type MutantId } from "./catalogue.js";

/**
 * Checks the names of mutants that a worker in stub mode is to have.
 *
 * @throws {TypeError} an unknown name, or a mutant of the wire, which only a proxy can have.
 * @example parseMutants(["stop.leaks-prefix"])
 */
export function parseMutants(value: unknown): readonly MutantId[] {
  if (!Array.isArray(value)) throw new TypeError("`mutants`: expected a list of names");
  return value.map((id: unknown, index) => parseMutant(id, `mutants[${index}]`));
}

function parseMutant(id: unknown, path: string): MutantId {
  if (!isMutantId(id)) {
    const shown = typeof id === "string" ? JSON.stringify(id) : String(id);
    throw new TypeError(`\`${path}\`: there is no mutant ${shown}${suggest(id, MUTANT_IDS)}`);
  }
  if (mutantOf(id).making.kind !== "wire") return id;
  throw new TypeError(`\`${path}\`: ${id} is a mutant of the wire: a proxy in front of the worker makes it`);
}

function isMutantId(id: unknown): id is MutantId {
  return typeof id === "string" && (MUTANT_IDS as readonly string[]).includes(id);
}
