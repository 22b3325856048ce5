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
  positive,
  recordOf,
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
  type ResolvedOptionsOf,
} from "./option.js";
export { resolveOptions } from "./resolve-options.js";
