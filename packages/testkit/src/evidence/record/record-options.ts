import {
  checkedBy,
  checkOption,
  defineOptions,
  flag,
  integer,
  isRecord,
  oneOf,
  resolveOptions,
  text,
  withDefault,
  type OptionsOf,
} from "../../options/index.js";
import type { Redactions } from "../format.js";

const REDACT_OPTIONS = defineOptions({
  /** Prompts, stop sequences, and every request field that is not in the protocol. @default false */
  prompts: withDefault(flag(), false),
  /** Generated text. @default false */
  text: withDefault(flag(), false),
  /**
   * Lines of the worker's log. @default true if anything else is redacted, unless the worker is the bundled one, which logs neither
   * prompts nor text
   */
  log: flag(),
});

/**
 * What is replaced by its length and, where that does not reveal the content, a SHA-256. With `prompts` or `text`, everything that may
 * quote them is replaced as well: messages of errors and verdicts, bodies of answers, bytes that could not be decoded.
 */
export interface RedactOptions extends OptionsOf<typeof REDACT_OPTIONS> {}

/** What a bundle contains. */
export const BUNDLE_OPTIONS = defineOptions({
  /** `true` redacts prompts and text. @default false */
  redact: withDefault(
    checkedBy((name, value: boolean | RedactOptions) => resolveRedact(name, value)),
    resolveRedact("redact", false),
  ),
  /**
   * Maximum size of the bundle without `metadata.json`, at least 65,536. What does not fit is left out and counted.
   * @default 64 MiB
   */
  maxBytes: withDefault(integer([64 * 1024, Number.MAX_SAFE_INTEGER]), 64 * 1024 * 1024),
  /** Whether `stop()` hashes the file after `--model`, once per file and process: about a second per GB. @default true */
  hashModel: withDefault(flag(), true),
});

const OCCASION = defineOptions({
  /**
   * `failure` keeps the bundle only if something failed, see the guide for what counts. `asked` keeps it only if `fail()` or `keep()`
   * was called, for code that knows the result from the test runner. @default "always"
   */
  when: withDefault(oneOf(["always", "failure", "asked"]), "always"),
  /** Name of the test in `metadata.json`. */
  testName: text({ filled: true }),
});

export const RECORD_OPTIONS: typeof OCCASION & typeof BUNDLE_OPTIONS = { ...OCCASION, ...BUNDLE_OPTIONS };

/** Options of `recordTo()`. */
export interface RecordOptions extends OptionsOf<typeof RECORD_OPTIONS> {}

/** When a bundle is kept. */
export type RecordWhen = NonNullable<RecordOptions["when"]>;

/** {@link RecordOptions} with every default applied. */
export interface ResolvedRecordOptions {
  readonly folder: string;
  readonly when: RecordWhen;
  readonly redact: Redactions;
  readonly maxBytes: number;
  readonly testName: string | undefined;
  readonly hashModel: boolean;
}

/**
 * Validates every value and applies the defaults.
 *
 * @param isQuiet whether the worker is known to log neither prompts nor text.
 * @throws {INVALID_OPTION}
 */
export function resolveRecordOptions(folder: string, options: RecordOptions, isQuiet: boolean): ResolvedRecordOptions {
  text({ filled: true }).read("folder", folder);
  const { redact, ...others } = resolveOptions(RECORD_OPTIONS, options);
  const { prompts, text: generated, log = (prompts || generated) && !isQuiet } = redact;
  return { folder, ...others, redact: { prompts, text: generated, log } };
}

function resolveRedact(name: string, value: boolean | RedactOptions) {
  if (typeof value === "boolean") return { prompts: value, text: value, log: undefined };
  checkOption(isRecord(value), name, { wanted: "true, false or { prompts?, text?, log? }", value });
  return resolveOptions(REDACT_OPTIONS, value, name);
}
