import { orcd } from "../dialects/index.js";
import {
  checkOption,
  custom,
  defineOptions,
  isRecord,
  oneOf,
  pattern,
  required,
  resolveOptions,
  withDefault,
  type Option,
  type OptionsOf,
  type OptionTable,
  type ResolvedOptionsOf,
} from "../options/index.js";

const path = custom<string>(
  "a path that begins with /",
  (value) => typeof value === "string" && value.startsWith("/") && !value.includes("\0"),
);

const CONDITIONS = {
  line: defineOptions({
    /**
     * The ready line of the worker protocol on stdout. It has the port that was actually bound, so the program can bind port 0 and no
     * other process can take the port in between.
     */
    kind: required(oneOf(["line"])),
  }),
  log: defineOptions({
    /** A line on stdout or stderr. */
    kind: required(oneOf(["log"])),
    /** What the line must match; a named group `port` captures the port the program listens on. */
    pattern: required(pattern()),
  }),
  http: defineOptions({
    /** A path answers with status 200. */
    kind: required(oneOf(["http"])),
    /** The path. @default "/health" */
    path: withDefault(path, orcd.ready?.path ?? "/"),
  }),
  port: defineOptions({
    /**
     * The port accepts a TCP connection. The weakest condition: many servers, including llama-server and vLLM, listen while they are
     * still loading the model, and answer 503 or reset the connection until they are done. Prefer `http` with a path that answers 200
     * only after that.
     */
    kind: required(oneOf(["port"])),
  }),
} satisfies Readonly<Record<string, OptionTable>>;

type Conditions = typeof CONDITIONS;

/** When a worker counts as ready. Always raced against the exit of the process. */
export type ReadyCondition = { [Kind in keyof Conditions]: OptionsOf<Conditions[Kind]> }[keyof Conditions];

/** {@link ReadyCondition} with every default applied. */
export type ResolvedReadyCondition = {
  [Kind in keyof Conditions]: ResolvedOptionsOf<Conditions[Kind]>;
}[keyof Conditions];

/** The option that takes a {@link ReadyCondition}. */
export function readyCondition(): Option<ReadyCondition, ResolvedReadyCondition> {
  const kinds = oneOf(Object.keys(CONDITIONS) as (keyof Conditions)[]);
  return {
    read: (name, value) => {
      checkOption(isRecord(value), name, { wanted: "an object with a `kind`", value });
      const table: OptionTable = CONDITIONS[kinds.read(`${name}.kind`, value["kind"])];
      return resolveOptions(table, value, name) as unknown as ResolvedReadyCondition;
    },
  };
}
