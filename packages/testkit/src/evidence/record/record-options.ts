import { checkFilledText, checkInteger, checkKnownOptions, checkOption } from "../../errors/index.js";
import type { Redactions } from "../format.js";

/**
 * What is replaced by its length, and where that does not give it away by a SHA-256. With either of `prompts` and `text`, whatever may
 * quote them is replaced as well: messages of errors and verdicts, bodies of answers, bytes that could not be decoded.
 */
export interface RedactOptions {
  /** Prompts, stop sequences, and every field of a request that the protocol does not know. @default false */
  readonly prompts?: boolean | undefined;
  /** Generated text. @default false */
  readonly text?: boolean | undefined;
  /**
   * Lines of the worker's log. @default true, if something else is redacted and the worker is not the bundled one, which logs neither
   */
  readonly log?: boolean | undefined;
}

/** When a bundle is kept. */
export type RecordWhen = "always" | "failure" | "asked";

/** Options of `recordTo()`. */
export interface RecordOptions {
  /**
   * `failure` keeps the bundle only if something failed, see the guide for what counts; `asked` only if `fail()` or `keep()` was called,
   * for who knows the verdict of the test runner. @default "always"
   */
  readonly when?: RecordWhen | undefined;
  /** `true` is prompts and text. @default false */
  readonly redact?: boolean | RedactOptions | undefined;
  /** Bound of the whole bundle but for `metadata.json`, at least 65,536. What has no room is left out and counted. @default 64 MiB */
  readonly maxBytes?: number | undefined;
  /** Stands in `metadata.json`. */
  readonly testName?: string | undefined;
  /** Whether the file after `--model` is hashed, in `stop()`, once for each file and process; a second or so for each GB. @default true */
  readonly hashModel?: boolean | undefined;
}

/** {@link RecordOptions} with every default applied. */
export interface ResolvedRecordOptions {
  readonly folder: string;
  readonly when: RecordWhen;
  readonly redact: Redactions;
  readonly maxBytes: number;
  readonly testName: string | undefined;
  readonly hashModel: boolean;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const LEAST_BYTES = 64 * 1024;
const WHENS: readonly unknown[] = ["always", "failure", "asked"] satisfies RecordWhen[];
const NAMES = ["when", "redact", "maxBytes", "testName", "hashModel"] satisfies (keyof RecordOptions)[];
const REDACT_NAMES = ["prompts", "text", "log"] satisfies (keyof RedactOptions)[];

/**
 * Applies the defaults and checks every given value.
 *
 * @param isQuiet whether the worker is known to log neither prompts nor text.
 * @throws {INVALID_OPTION}
 */
export function resolveRecordOptions(folder: string, options: RecordOptions, isQuiet: boolean): ResolvedRecordOptions {
  checkFilledText("folder", folder);
  checkKnownOptions("options", options, NAMES);
  const { when = "always", maxBytes = DEFAULT_MAX_BYTES, testName, hashModel = true } = options;
  checkOption(WHENS.includes(when), "when", { wanted: '"always", "failure" or "asked"', value: when });
  checkInteger("maxBytes", maxBytes, [LEAST_BYTES, Number.MAX_SAFE_INTEGER]);
  if (testName !== undefined) checkFilledText("testName", testName);
  checkOption(typeof hashModel === "boolean", "hashModel", { wanted: "a boolean", value: hashModel });
  return { folder, when, redact: resolveRedact(options.redact, isQuiet), maxBytes, testName, hashModel };
}

function resolveRedact(redact: unknown, isQuiet: boolean): Redactions {
  const chosen: unknown = typeof redact === "boolean" ? { prompts: redact, text: redact } : (redact ?? {});
  const wanted = "a boolean or { prompts?, text?, log? }";
  checkOption(typeof chosen === "object" && chosen !== null, "redact", { wanted, value: redact });
  checkKnownOptions("redact", chosen, REDACT_NAMES);
  const given = chosen as RedactOptions;
  for (const name of REDACT_NAMES) {
    const value: unknown = given[name];
    const holds = value === undefined || typeof value === "boolean";
    checkOption(holds, `redact.${name}`, { wanted: "a boolean", value });
  }
  const { prompts = false, text = false } = given;
  return { prompts, text, log: given.log ?? ((prompts || text) && !isQuiet) };
}
