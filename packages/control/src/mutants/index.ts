export { MUTANT_IDS, MUTANTS, mutantOf, type MutantId, type WorkerMutantId } from "./catalogue.js";
export type { MutantDefinition, MutantMaking } from "./define-mutant.js";
export { parseMutants } from "./parse-mutants.js";
