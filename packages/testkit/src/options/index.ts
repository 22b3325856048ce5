export { checkKnownOptions, checkOption, isRecord } from "./check-option.js";
export {
  abortSignal,
  callback,
  checkedBy,
  custom,
  durationMs,
  flag,
  group,
  integer,
  listOf,
  number,
  oneOf,
  pattern,
  positive,
  recordOf,
  signalName,
  sizeBytes,
  text,
  timeoutMs,
  u64,
} from "./kinds.js";
export {
  defineOptions,
  required,
  withDefault,
  type AnyOption,
  type Option,
  type OptionsOf,
  type OptionTable,
  type ResolvedOptionsOf,
} from "./option.js";
export { resolveOptions } from "./resolve-options.js";
