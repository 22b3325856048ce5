import type { CallOptions, HeaderSource, MetricsSnapshot } from "../../client/index.js";
import { findDialect, orcd, type DialectName } from "../../dialects/index.js";
import { InvalidOptionError } from "../../errors/index.js";
import { checkTarget, type JobTarget } from "../../jobs/index.js";
import { plural } from "../../numbers/index.js";
import { text } from "../../options/index.js";
import type { RequestRecord } from "../metrics/request-record.js";
import { countTokens } from "../metrics/request-record.js";
import type { TokenCheck } from "../result.js";

/** The target of a load: a `WorkerTestHarness`, attached ones included, or a `WorkerClient`. */
export interface LoadTarget extends JobTarget {
  readonly baseUrl: string;
  /** The model that requests name, if the dialect has one. */
  readonly model?: string | undefined;
  /** What is sent with every request. */
  readonly headers?: HeaderSource | undefined;
  metrics(options?: CallOptions): Promise<MetricsSnapshot>;
}

/** @throws {INVALID_OPTION} not a load target. */
export function checkLoadTarget(target: unknown): void {
  checkTarget(target);
  text().read("target.baseUrl", (target as Partial<LoadTarget>).baseUrl);
}

/** What a client thread uses of a dialect; how a server is observed is not part of it. */
const USED_BY_THREADS = [
  "capabilities",
  "executePaths",
  "encodeRequest",
  "createDecoder",
  "decodeAnswer",
  "decodeError",
  "models",
] as const;

/** @throws {INVALID_OPTION} a custom dialect: its functions cannot be passed to a client thread. */
export function requireThreadDialect({ dialect = orcd }: LoadTarget): DialectName {
  const builtIn = findDialect(dialect.name);
  if (USED_BY_THREADS.every((part) => builtIn?.[part] === dialect[part])) return dialect.name as DialectName;
  throw new InvalidOptionError({
    message: `Expected a built-in dialect for more than one client thread, got \`${dialect.name}\``,
    hint: "A dialect of your own has functions, which cannot be passed to a thread: leave `clientThreads` at 1.",
  });
}

const TIMEOUT_MS = 5_000;

/** A reading of the worker's own token counter, or why there is none. */
export type CounterReading = { readonly value: number } | { readonly reason: string };

/** Never rejects, because a worker need not have metrics. */
export async function readTokenCounter(target: LoadTarget): Promise<CounterReading> {
  const { name, metrics: { path, tokenCounter } = {} } = target.dialect ?? orcd;
  if (path === undefined || tokenCounter === undefined) {
    return { reason: `the dialect \`${name}\` has no counter of generated tokens` };
  }
  try {
    const metrics = await target.metrics({ timeoutMs: TIMEOUT_MS });
    const names = [tokenCounter].flat();
    const value = names.map((each) => metrics.value(each)).find((each) => each !== undefined);
    return value === undefined ? { reason: `${path} has no ${names.join(", ")}` } : { value };
  } catch (error) {
    return { reason: `${path} cannot be read: ${(error as Error).message.split("\n", 1)[0]}` };
  }
}

/** Compares the tokens of the records with what the worker counted in the meantime. */
export function compareTokens(
  records: readonly RequestRecord[],
  before: CounterReading,
  after: CounterReading,
): TokenCheck {
  for (const reading of [before, after]) if ("reason" in reading) return { status: "unavailable", ...reading };
  const silent = records.filter(({ status }) => !["ok", "empty", "http-error"].includes(status)).length;
  if (silent > 0) {
    return {
      status: "unavailable",
      reason: `${plural(silent, "request")} ended without reporting ${silent === 1 ? "its" : "their"} number of tokens`,
    };
  }
  const workerCounted = (after as { value: number }).value - (before as { value: number }).value;
  const counted = records.reduce((sum, record) => sum + countTokens(record).count, 0);
  const difference = workerCounted === counted ? 0 : Math.abs(workerCounted - counted) / Math.max(workerCounted, 1);
  return { status: "compared", counted, workerCounted, difference: Math.round(difference * 1e6) / 1e6 };
}
