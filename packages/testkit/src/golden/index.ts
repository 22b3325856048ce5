export { matchGolden, type RecordMode } from "./match-golden.js";
export type { GoldenOptions } from "./options.js";
