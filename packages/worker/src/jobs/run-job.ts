import {
  WorkerError,
  type EndEvent,
  type ErrorEvent,
  type InferenceEvent,
  type StopReason,
} from "inference-worker-protocol";
import type { Engine, EngineEnd, EnginePart, EngineStop, TokenGenerator } from "../engine/engine.js";
import type { Logger, Outcome, WorkerMetrics } from "../telemetry/index.js";
import type { Pipeline, StopMatch } from "../text/index.js";
import type { EventExtra } from "./answer-form.js";
import type { AbortReason, Job } from "./job.js";
import { isText, PendingScores } from "./pending-scores.js";
import { hashOf, TextHash } from "./text-hash.js";

/** Minimum time between two `metrics` events (wire protocol). */
const METRICS_EVERY_MS = 500;

const NO_TEXT: StopMatch = { text: "" };

/** What is not text of the answer. */
type SpecialPart = Exclude<EnginePart, { kind: "scored" }>;

/** What a job needs from the worker. */
export interface JobContext {
  readonly engine: Engine;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
  readonly timeoutMs: number;
}

/** What a job releases as it ends. */
export interface JobRelease {
  /** The id may be reused. */
  id(): void;
  /** The engine is done: the slot may take the next job. */
  slot(): void;
}

interface Generation extends EngineEnd {
  readonly stop: EngineStop;
  /** The stop sequence that ended it. */
  readonly matched?: string | undefined;
}

/** What a job sends last; nothing if its client is gone. */
interface Terminal {
  readonly event: EndEvent | ErrorEvent;
  readonly extra?: EventExtra | undefined;
}

/**
 * Runs one job that holds a slot, up to its one terminal event.
 *
 * A job that ends on its own releases its slot before the terminal event is sent, so a client that has seen `end` finds the
 * slot free. An aborted job is answered immediately and releases its slot when the engine has noticed.
 */
export async function runJob(job: Job, context: JobContext, release: JobRelease): Promise<void> {
  await new JobRun(job, context, release).run();
}

class JobRun {
  readonly #job: Job;
  readonly #context: JobContext;
  readonly #release: JobRelease;
  readonly #startedAtMs = performance.now();
  readonly #outputHash = new TextHash();
  readonly #scores = new PendingScores();
  #reasoningTokens = 0;
  #rejectWait: (reason: Aborted) => void = () => undefined;
  #tokens: TokenGenerator | undefined;
  #tokensOut = 0;
  #nextIndex = 0;
  #lastMetricsAtMs = this.#startedAtMs;

  constructor(job: Job, context: JobContext, release: JobRelease) {
    this.#job = job;
    this.#context = context;
    this.#release = release;
    job.signal.addEventListener("abort", () => this.#rejectWait(new Aborted(job.signal.reason as AbortReason)));
  }

  async run(): Promise<void> {
    const timeout = setTimeout(() => this.#expire(), this.#context.timeoutMs);
    this.#logStart();
    const terminal = await this.#generateAll();
    const released = this.#letGo().then(() => this.#release.slot());
    await this.#orAborted(released).catch(() => undefined); // an engine that does not stop must not swallow the answer
    clearTimeout(timeout);
    try {
      if (terminal !== undefined) await this.#job.sink.send(terminal.event, terminal.extra);
    } finally {
      await released;
    }
  }

  /** Ends the generation at any point; errors of the engine have been reported by now. */
  async #letGo(): Promise<void> {
    try {
      await this.#tokens?.return("eos");
    } catch {
      // See above.
    }
  }

  /** Sends everything except the terminal event, which it returns; `undefined` for a client that is gone. */
  async #generateAll(): Promise<Terminal | undefined> {
    const { job_id, seed } = this.#job.request;
    try {
      const { model } = this.#context.engine.info;
      await this.#send({ type: "started", job_id, model, started_at: new Date().toISOString(), seed });
      this.#tokens = this.#job.generate(this.#context.engine);
      return this.#completed(await this.#generate(this.#tokens));
    } catch (error) {
      return this.#failed(error);
    }
  }

  async #generate(tokens: TokenGenerator): Promise<Generation> {
    const pipeline = this.#job.createPipeline();
    for (;;) {
      const step = await this.#orAborted(tokens.next());
      if (step.done === true) return this.#finish(pipeline, step.value);
      this.#countToken();
      const output = step.value;
      const match = isText(output) ? pipeline.push(this.#scores.bytesOf(output)) : NO_TEXT;
      const slow = isText(output) ? this.#emit(match) : this.#sendPart(output);
      if (slow !== undefined) await slow; // a promise for every token costs more than the token's text
      if (match.matched !== undefined) return { stop: "eos", matched: match.matched };
    }
  }

  async #finish(pipeline: Pipeline, end: EngineStop | EngineEnd): Promise<Generation> {
    const last = pipeline.end();
    await this.#emit(last);
    const generation = typeof end === "string" ? { stop: end } : end;
    return last.matched === undefined ? generation : { ...generation, matched: last.matched };
  }

  #sendPart(part: SpecialPart): Promise<void> | undefined {
    if (part.kind === "reasoning") return this.#sendReasoning(part.text);
    const { kind, ...call } = part;
    return this.#send({ type: kind, ...call });
  }

  #sendReasoning(text: string): Promise<void> | undefined {
    this.#reasoningTokens++;
    return this.#send({ type: "token", t: text, i: this.#nextIndex++, channel: "reasoning" });
  }

  /**
   * An engine that is slow to notice an abort delays the slot, never the answer. One wait at a time; `Promise.race` with one
   * promise for the whole job would keep something of every token until the job ends.
   */
  #orAborted<T>(work: Promise<T>): Promise<T> {
    const { abortReason } = this.#job;
    return new Promise((resolve, reject) => {
      this.#rejectWait = reject;
      work.then(resolve, reject);
      if (abortReason !== undefined) reject(new Aborted(abortReason));
    });
  }

  #countToken(): void {
    if (this.#tokensOut === 0)
      this.#context.metrics.observeTimeToFirstToken(performance.now() - this.#job.acceptedAtMs);
    this.#tokensOut++;
    this.#context.metrics.countToken();
  }

  /** Returns a promise when the receiver is slow. */
  #emit({ text }: StopMatch): Promise<void> | undefined {
    if (text === "") return undefined;
    this.#outputHash.update(text);
    const slow = this.#send({ type: "token", t: text, i: this.#nextIndex++ }, this.#scores.take());
    const now = performance.now();
    if (now - this.#lastMetricsAtMs < METRICS_EVERY_MS) return slow;
    this.#lastMetricsAtMs = now;
    const tokensPerSec = (this.#tokensOut * 1000) / (now - this.#startedAtMs);
    const vramBytes = this.#context.engine.memory().vramBytes;
    return this.#send({ type: "metrics", tokens_per_sec: tokensPerSec, vram_bytes: vramBytes }) ?? slow;
  }

  /** Returns a promise when the receiver is slow; an abort also ends that wait. */
  #send(event: InferenceEvent, extra?: EventExtra): Promise<void> | undefined {
    this.#throwIfAborted();
    const slow = this.#job.sink.send(event, extra);
    return slow === undefined ? undefined : this.#orAborted(slow);
  }

  /** Only the terminal event follows a cancellation, even if a token was ready at the same moment. */
  #throwIfAborted(): void {
    const { abortReason } = this.#job;
    if (abortReason !== undefined) throw new Aborted(abortReason);
  }

  #completed({ stop, matched, usage }: Generation): Terminal {
    this.#throwIfAborted();
    const stopReason: StopReason = matched === undefined ? stop : "stop_sequence";
    this.#record("completed", { stop_reason: stopReason });
    const event: EndEvent = {
      type: "end",
      tokens_out: usage?.completionTokens ?? this.#tokensOut,
      decode_time_ms: this.#durationMs(),
      stop_reason: stopReason,
      ...(matched === undefined ? {} : { stop_sequence_matched: matched }),
    };
    return { event, extra: { usage: { reasoningTokens: this.#reasoningTokens, ...usage } } };
  }

  #failed(cause: unknown): Terminal | undefined {
    if (cause instanceof Aborted && cause.reason.kind === "disconnected") {
      this.#record("disconnected", {});
      return undefined;
    }
    const error = toWorkerError(cause);
    this.#record(outcomeOf(error), { code: error.code, message: error.message });
    return { event: errorEvent(error) };
  }

  #expire(): void {
    const message = `job ran longer than ${this.#context.timeoutMs / 1000} s`;
    this.#job.abort({ kind: "error", error: new WorkerError("INFERENCE_TIMEOUT", message) });
  }

  #durationMs(): number {
    return Math.round((performance.now() - this.#startedAtMs) * 1000) / 1000;
  }

  #logStart(): void {
    const { job_id, prompt, max_tokens, seed } = this.#job.request;
    const promptSha256 = hashOf(prompt);
    const correlation_id = this.#job.correlationId;
    const fields = {
      job_id,
      correlation_id,
      prompt_chars: prompt.length,
      prompt_sha256: promptSha256,
      max_tokens,
      seed,
    };
    this.#context.logger.info("execute_start", fields);
  }

  /** The outcome is decided: the id may be reused, and cancellations are answered with "finished" from now on. */
  #record(outcome: Outcome, fields: Record<string, unknown>): void {
    this.#release.id();
    const durationMs = this.#durationMs();
    this.#context.metrics.countRequest(outcome);
    this.#context.metrics.observeInference(durationMs);
    const { id: job_id, correlationId: correlation_id } = this.#job;
    const output = { tokens_out: this.#tokensOut, output_sha256: this.#outputHash.digest() };
    this.#context.logger.info("execute_end", {
      job_id,
      correlation_id,
      outcome,
      duration_ms: durationMs,
      ...output,
      ...fields,
    });
  }
}

class Aborted extends Error {
  readonly reason: AbortReason;

  constructor(reason: AbortReason) {
    super("job was aborted");
    this.reason = reason;
  }
}

/** The event that reports a failure on the stream. */
export function errorEvent(error: WorkerError): ErrorEvent {
  return { type: "error", ...error.toBody() };
}

function toWorkerError(cause: unknown): WorkerError {
  if (cause instanceof WorkerError) return cause;
  if (cause instanceof Aborted && cause.reason.kind === "error") return cause.reason.error;
  return new WorkerError("INTERNAL", cause instanceof Error ? cause.message : String(cause), { cause });
}

function outcomeOf(error: WorkerError): Outcome {
  if (error.code === "CANCELLED") return "cancelled";
  return error.code === "INFERENCE_TIMEOUT" ? "timeout" : "failed";
}
