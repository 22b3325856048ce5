import { isDeepStrictEqual } from "node:util";
import { join } from "node:path";
import type { ExecuteBody } from "../dialects/index.js";
import { collectStream } from "../events/index.js";
import type { WorkerTestHarness } from "../harness/index.js";
import { checkOption, resolveOptions } from "../options/index.js";
import { findDifference } from "./compare.js";
import { readGoldenFile, writeGoldenFile } from "./golden-file.js";
import { GOLDEN_OPTIONS, type GoldenOptions } from "./options.js";
import { toAnswer, toRequestKey, type Transcript } from "./transcript.js";
import { readWorkerKey } from "./worker-key.js";

/** What is recorded: everything, what no transcript exists of, nothing. */
export type RecordMode = "all" | "new" | "none";

export interface GoldenQuestion {
  readonly worker: WorkerTestHarness;
  readonly name: string;
  readonly request: ExecuteBody;
  readonly mode: RecordMode;
  /** The folder if the options name none. */
  readonly folder: string | undefined;
  readonly options: GoldenOptions;
}

export type GoldenResult =
  | { readonly status: "same"; readonly path: string }
  | { readonly status: "recorded"; readonly path: string }
  | { readonly status: "different" | "missing" | "recorded-elsewhere"; readonly message: readonly string[] };

/** One write at a time to a file: two tests may record under the same name. */
const writing = new Map<string, Promise<unknown>>();

/**
 * Runs the request and compares its answer with the transcript that was recorded under the name for the same worker and request.
 *
 * @throws {INVALID_OPTION} {GOLDEN_INVALID} {COMPLETION_FAILED}
 */
export async function matchGolden(question: GoldenQuestion): Promise<GoldenResult> {
  const { worker, name, request, mode } = question;
  const { folder = question.folder, key, close } = resolveOptions(GOLDEN_OPTIONS, question.options);
  const path = join(checkPlace(folder, name), `${name}.json`);
  const answer = toAnswer(await collectStream(await worker.execute(request)));
  const transcript = { worker: await readWorkerKey(worker, key), request: toRequestKey(request), ...answer };
  return inTurn(path, async () => {
    const known = await readGoldenFile(path);
    const golden = known.find((entry) => isSameKey(entry, transcript));
    const difference = golden && findDifference(golden, answer, close);
    if (golden !== undefined && difference === undefined) return { status: "same", path };
    if (mode === "all" || (mode === "new" && known.length === 0)) {
      const others = known.filter((entry) => entry !== golden);
      await writeGoldenFile(path, [...others, transcript]);
      return { status: "recorded", path };
    }
    if (difference !== undefined)
      return { status: "different", message: [`\`${name}\` differs from ${path}:`, ...difference] };
    return describeAbsent({ known, transcript, name, path });
  });
}

function checkPlace(folder: string | undefined, name: unknown): string {
  checkOption(typeof name === "string" && /^[\w][\w .-]{0,99}$/.test(name), "name", {
    wanted: "a file name of at most 100 letters, digits, spaces, `.`, `_` and `-`",
    value: name,
  });
  checkOption(folder !== undefined, "folder", {
    wanted: "given: this runner does not tell a matcher the file of its test",
    value: folder,
  });
  return folder;
}

async function inTurn<T>(path: string, work: () => Promise<T>): Promise<T> {
  const turn = (writing.get(path) ?? Promise.resolve()).then(work, work);
  writing.set(path, turn);
  try {
    return await turn;
  } finally {
    if (writing.get(path) === turn) writing.delete(path);
  }
}

function isSameKey(one: Transcript, two: Transcript): boolean {
  return listDifferences(one, two).length === 0;
}

/** The entries of worker and request that differ, each with both values. */
function listDifferences(golden: Transcript, now: Transcript): string[] {
  return (["worker", "request"] as const).flatMap((part) => {
    const [before, after]: Readonly<Record<string, unknown>>[] = [golden[part], now[part]];
    const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
    return names
      .filter((name) => !isDeepStrictEqual(normal(before?.[name]), normal(after?.[name])))
      .map((name) => `  ${part}.${name}: ${show(before?.[name])} then, ${show(after?.[name])} now`);
  });
}

/** A seed may be read as a number and given as a `bigint`. */
function normal(value: unknown): unknown {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}

function show(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  return value === undefined ? "nothing" : shorten(JSON.stringify(value));
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function describeAbsent(found: {
  readonly known: readonly Transcript[];
  readonly transcript: Transcript;
  readonly name: string;
  readonly path: string;
}): GoldenResult {
  const { known, transcript, name, path } = found;
  const nearest = known
    .map((entry) => listDifferences(entry, transcript))
    .sort((one, two) => one.length - two.length)[0];
  if (nearest === undefined)
    return { status: "missing", message: [`\`${name}\` has no golden transcript: ${path} does not exist`] };
  const count = known.length === 1 ? "another worker or request" : `${known.length} other workers or requests`;
  return {
    status: "recorded-elsewhere",
    message: [`\`${name}\` was recorded with ${count}; the nearest differs in:`, ...nearest, `  in ${path}`],
  };
}
