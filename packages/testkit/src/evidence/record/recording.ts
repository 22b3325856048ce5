import { setImmediate as nextTurn } from "node:timers/promises";
import type { StreamWatch, WatchedRequest } from "../../client/index.js";
import { isTestkitError, type EvidenceError } from "../../errors/index.js";
import type { Finding } from "../../findings/index.js";
import type { StopReport } from "../../launch/index.js";
import { custom, oneOf, text } from "../../options/index.js";
import type { Verdict, VerdictStatus } from "../format.js";
import {
  checkFolder,
  createFailed,
  dropFolder,
  giveFolderBack,
  takeFolder,
  type TakenFolder,
} from "../write/bundle-folder.js";
import { writeBundle } from "../write/write-bundle.js";
import { Recorder } from "./recorder.js";
import { resolveRecordOptions, type RecordOptions, type ResolvedRecordOptions } from "./record-options.js";
import { settleExchange, type SettledExchange } from "./settle-exchange.js";
import { findVersion, type Subject } from "./subject.js";

/** How the worker ended when it was stopped. */
export interface StopResult {
  readonly report: StopReport | undefined;
  /** What was noticed about the worker. */
  readonly findings: readonly Finding[];
  readonly failures: readonly unknown[];
}

/** A limit far above what tests need; verdicts beyond it are only counted. */
const MOST_VERDICTS = 10_000;
/** The message of an error may quote anything. */
const anyText = custom<string>("a string", (value) => typeof value === "string");
/** Stream outcomes that a healthy worker never causes. */
const BROKEN = new Set(["truncated", "transport-error", "limit-exceeded", "invalid-event"]);

/**
 * Records all traffic of one harness and writes it to a folder when the worker is stopped.
 *
 * @example
 * const recording = await worker.recordTo("evidence/job-1", { when: "failure", redact: true });
 * recording.verdict("first token", ttftMs < 200 ? "pass" : "fail", `${ttftMs} ms`);
 */
export class Recording {
  readonly #options: ResolvedRecordOptions;
  readonly #subject: Subject;
  readonly #recorder: Recorder;
  readonly #taken: TakenFolder;
  readonly #version: string | undefined;
  readonly #verdicts: Verdict[] = [];
  #droppedVerdictCount = 0;
  #testError: unknown;
  #isWanted: boolean;
  #over: (StopResult & { readonly settled: readonly SettledExchange[] }) | undefined;
  #isWritten = false;

  private constructor(options: ResolvedRecordOptions, subject: Subject, taken: TakenFolder) {
    this.#taken = taken;
    this.#options = options;
    this.#subject = subject;
    this.#recorder = new Recorder(options.maxBytes);
    this.#version = findVersion(subject);
    this.#isWanted = options.when === "always";
  }

  /** @internal @throws {INVALID_OPTION} @throws {EVIDENCE_FAILED} */
  static async begin(folder: string, options: RecordOptions, about: RecordingParts): Promise<Recording> {
    const resolved = resolveRecordOptions(folder, options, about.isQuiet);
    return new Recording(resolved, about.subject, await takeFolder(resolved.folder));
  }

  get folder(): string {
    return this.#options.folder;
  }

  /** Whether the bundle is in the folder; false until the worker is stopped. */
  get isWritten(): boolean {
    return this.#isWritten;
  }

  /**
   * Adds a judgement to `verdicts.json`; a `fail` counts as a failure for `when: "failure"`.
   *
   * @throws {INVALID_OPTION} an empty name, an unknown status, or a message that is not a string.
   */
  verdict(name: string, status: VerdictStatus, message?: string): void {
    text({ filled: true }).read("name", name);
    oneOf<VerdictStatus>(["pass", "fail", "skip"]).read("status", status);
    if (message !== undefined) anyText.read("message", message);
    if (this.#verdicts.length >= MOST_VERDICTS) this.#droppedVerdictCount += 1;
    else this.#verdicts.push({ name, status, message, atMs: this.#now() });
  }

  /**
   * Reports that the test failed: the bundle is kept, with this error among its verdicts. If the worker has already been stopped, the
   * bundle is written now, or rewritten.
   *
   * @throws {EVIDENCE_FAILED} after the stop, if the bundle cannot be written.
   */
  async fail(error: unknown): Promise<void> {
    this.#testError ??= error;
    this.#isWanted = true;
    this.verdict("test", "fail", error instanceof Error ? error.message : String(error));
    await this.#writeLate();
  }

  /**
   * Keeps the bundle regardless of the outcome; after the stop, it is written immediately. @throws {EVIDENCE_FAILED} as for {@link fail}.
   */
  async keep(): Promise<void> {
    this.#isWanted = true;
    if (!this.#isWritten) await this.#writeLate();
  }

  /** @internal */
  watch(request: WatchedRequest): StreamWatch | undefined {
    return this.#over === undefined ? this.#recorder.watch(request) : undefined;
  }

  /** @internal The worker is stopped. Never throws: the result of the test must not be hidden. */
  async finish(result: StopResult): Promise<EvidenceError | undefined> {
    try {
      await nextTurn(); // readers whose connection was cut by the stop are notified in this turn
      const nowMs = performance.now();
      const settled: SettledExchange[] = [];
      for (const exchange of this.#recorder.exchanges) settled.push(await settleExchange(exchange, nowMs));
      this.#over = { ...result, settled };
      if (this.#options.when === "failure" && hasFailed(result, settled, this.#verdicts)) this.#isWanted = true;
      if (this.#isWanted) await this.#write(this.#taken);
      else await dropFolder(this.folder, this.#taken);
      return undefined;
    } catch (cause) {
      return createFailed(this.folder, cause, this.#testError);
    } finally {
      giveFolderBack(this.folder);
    }
  }

  async #writeLate(): Promise<void> {
    if (this.#over === undefined) return;
    try {
      await this.#write(await takeFolder(this.folder));
    } catch (cause) {
      throw createFailed(this.folder, cause, this.#testError);
    } finally {
      giveFolderBack(this.folder);
    }
  }

  async #write(taken: TakenFolder): Promise<void> {
    if (this.#over === undefined) return;
    this.#isWritten = false;
    await checkFolder(this.folder, taken);
    await writeBundle({
      ...this.#over,
      options: this.#options,
      recorder: this.#recorder,
      subject: this.#subject,
      version: this.#version,
      verdicts: this.#verdicts,
      droppedVerdictCount: this.#droppedVerdictCount,
    });
    this.#isWritten = true;
  }

  #now(): number {
    return Math.round((performance.now() - this.#recorder.startedAtMs) * 1000) / 1000;
  }
}

/** What a harness reports about itself. */
export interface RecordingParts {
  readonly subject: Subject;
  /** Whether the worker is known to log neither prompts nor text. */
  readonly isQuiet: boolean;
}

function hasFailed(
  { failures }: StopResult,
  settled: readonly SettledExchange[],
  verdicts: readonly Verdict[],
): boolean {
  return failures.length > 0 || verdicts.some(({ status }) => status === "fail") || settled.some(isBroken);
}

function isBroken({ exchange, stream }: SettledExchange): boolean {
  const { request, failure, end } = exchange;
  if (!request.isJob || isTestkitError(failure?.error, "STREAM_ABORTED")) return false;
  if (stream !== undefined) return BROKEN.has(stream.outcome.status);
  return failure !== undefined || end?.how.kind === "broken";
}
