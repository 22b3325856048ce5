import { dialectOption } from "../../dialects/index.js";
import {
  abortSignal,
  callback,
  checkedBy,
  custom,
  defineOptions,
  durationMs,
  integer,
  isRecord,
  listOf,
  oneOf,
  positive,
  recordOf,
  resolveOptions,
  text,
  withDefault,
  type OptionsOf,
  type ResolvedOptionsOf,
} from "../../options/index.js";
import { LEVELS, type Level } from "../areas.js";
import { CATALOGUE } from "../catalogue.js";
import type { Check } from "../check.js";
import { readProfile, type ConformanceProfile } from "../profile.js";
import type { CheckResult, ConformanceReport } from "../report/conformance-report.js";
import { checkIds, selectChecks } from "./select-checks.js";

const FILLED = text({ filled: true });

const CONFORMANCE_OPTIONS = defineOptions({
  /** How thorough: `smoke`, `standard` or `full`. @default "standard" */
  level: withDefault(oneOf<Level>(LEVELS), "standard"),
  /** Only these checks, whatever their level is: ids or areas; `*` stands for any characters. @default all of the level */
  only: listOf(FILLED, { wanted: "a list of checks", filled: true }),
  /** Checks to leave out, by id, with the reason. @default none */
  skip: withDefault(recordOf(FILLED), {}),
  /** What the server declares about itself. @default nothing */
  profile: withDefault(
    checkedBy((name, profile: ConformanceProfile) => readProfile(name, profile)),
    {},
  ),
  /** What the server speaks. @default what the harness knows */
  dialect: dialectOption(),
  /** The model that requests name. @default the first one that the server lists */
  model: FILLED,
  /** An earlier report to compare with. */
  baseline: custom<ConformanceReport>("a conformance report", (value) => {
    return isRecord(value) && value["kind"] === "conformance-report";
  }),
  /** Seed of prompts and random choices. @default 1 */
  seed: withDefault(integer([0, 2 ** 32 - 1]), 1),
  /** Multiplies the budget of each check and `silenceMs`, beside what the speed of the server asks for. @default 1 */
  budgetFactor: withDefault(positive({ most: 1000 }), 1),
  /** A server that sends nothing for this long does not answer any more, in ms. @default 10000 */
  silenceMs: withDefault(durationMs(), 10_000),
  /** Ends the run; the report is then partial. */
  signal: abortSignal(),
  /** Called when a check has its verdict, in the order of the ends. */
  onResult: callback<(result: CheckResult) => void>(),
  /** Called once, when the server is ready and its dialect known. */
  onServer: callback<(server: ConformanceReport["server"]) => void>(),
});

/** Options of a run of the suite. */
export interface ConformanceOptions extends OptionsOf<typeof CONFORMANCE_OPTIONS> {}

/** With every default applied. */
export type ResolvedConformanceOptions = ResolvedOptionsOf<typeof CONFORMANCE_OPTIONS>;

/** Checks options without running anything, and returns the checks that would run. @throws {INVALID_OPTION} */
export function planConformance(options: ConformanceOptions, catalogue: readonly Check[] = CATALOGUE) {
  const resolved = resolveOptions(CONFORMANCE_OPTIONS, options);
  checkIds("skip", Object.keys(resolved.skip), catalogue);
  checkIds("profile.deviations", Object.keys(resolved.profile.deviations ?? {}), catalogue);
  return { resolved, checks: selectChecks(catalogue, resolved) };
}
