import { formatMs, formatNumber } from "../../numbers/index.js";
import { makeTestRequest, TestPrompts } from "../../requests/index.js";
import type { WorkerTestHarness } from "../../harness/index.js";
import { checkRepeat, checkTokenCount } from "./check-job.js";
import type { DemoEngine } from "./demo-engines.js";
import type { DemoCheck, EngineReport, JobReport } from "./engine-report.js";
import { checkNothingIsLeft, checkStop } from "./left-behind.js";
import type { Narrator } from "./narrator.js";
import { createJobReport, streamJob, type DemoRequest, type StreamedJob } from "./stream-job.js";

/**
 * Starts an engine, runs a prompt on it twice, stops it, and reports what happened; a failure is part of the report.
 */
export async function showEngine(engine: DemoEngine, narrator: Narrator): Promise<EngineReport> {
  const show = new EngineShow(engine, narrator);
  await show.run();
  const { checks, facts } = show;
  return { engine: engine.kind, ok: checks.every(({ passed }) => passed), ...facts, checks };
}

class EngineShow {
  readonly checks: DemoCheck[] = [];
  facts: Omit<EngineReport, "engine" | "ok" | "checks"> = {};
  readonly #engine: DemoEngine;
  readonly #narrator: Narrator;

  constructor(engine: DemoEngine, narrator: Narrator) {
    this.#engine = engine;
    this.#narrator = narrator;
  }

  async run(): Promise<void> {
    const worker = await this.#start();
    if (worker === undefined) return;
    try {
      const { maxTokens } = this.#engine;
      await this.#use(worker, { ...makeTestRequest("demo-1", TestPrompts.short(), maxTokens), max_tokens: maxTokens });
    } catch (error) {
      this.#record("end", { name: "completion", passed: false, detail: (error as Error).message });
    } finally {
      await this.#stop(worker);
    }
  }

  async #start(): Promise<WorkerTestHarness | undefined> {
    this.#narrator.heading(this.#engine.title);
    try {
      const { note, start } = await this.#engine.prepare();
      this.#narrator.note(note);
      const worker = await start();
      const { pid, port, readyAfterMs: startMs = 0 } = worker;
      this.facts = { startMs, port, ...(pid === undefined ? {} : { pid }) };
      const detail = `ready to serve after ${formatMs(startMs)} (process ${pid ?? "unknown"}, port ${port})`;
      this.#record("start", { name: "start", passed: true, detail });
      return worker;
    } catch (error) {
      this.#record("start", { name: "start", passed: false, detail: (error as Error).message });
      return undefined;
    }
  }

  async #use(worker: WorkerTestHarness, request: DemoRequest): Promise<void> {
    const { model, device } = await worker.health();
    this.facts = { ...this.facts, model, device };
    this.#narrator.fact("model", `${model}, device ${device}`);
    this.#narrator.fact("prompt", describeRequest(request));
    const job = await this.#stream(worker, request);
    const report = createJobReport(request, job);
    this.facts = { ...this.facts, job: report };
    const end = `stop reason ${report.stopReason}; the events are complete and in order`;
    this.#record("end", { name: "completion", passed: true, detail: end });
    this.#record("count", checkTokenCount(job, report));
    this.#narrator.fact("speed", describeSpeed(report));
    this.#record("repeat", await checkRepeat(worker, { ...request, job_id: "demo-2" }, job));
  }

  async #stream(worker: WorkerTestHarness, request: DemoRequest): Promise<StreamedJob> {
    let index = 0;
    this.#narrator.beginTokens();
    try {
      return await streamJob(worker, request, (text) => this.#narrator.token(text, index++));
    } finally {
      this.#narrator.endTokens();
    }
  }

  async #stop(worker: WorkerTestHarness): Promise<void> {
    const { pid, port } = worker;
    const { hostname: host } = new URL(worker.baseUrl);
    const stopped = await worker.stop().catch((error: unknown) => error as Error);
    this.#record("stop", checkStop(stopped));
    const report = stopped instanceof Error ? undefined : stopped;
    if (report !== undefined) this.facts = { ...this.facts, stopMs: report.tookMs };
    if (pid === undefined) return;
    this.#recordClean(await checkNothingIsLeft({ pid, host, port }, report));
  }

  /** One row if everything is fine; leftovers have separate rows. */
  #recordClean(checks: readonly DemoCheck[]): void {
    if (checks.some(({ passed }) => !passed)) {
      for (const check of checks) this.#record("clean", check);
      return;
    }
    this.checks.push(...checks);
    this.#narrator.verdict("clean", true, checks.map(({ detail }) => detail).join(", "));
  }

  #record(label: string, check: DemoCheck): void {
    this.checks.push(check);
    this.#narrator.verdict(label, check.passed, check.detail);
  }
}

function describeRequest({ prompt, max_tokens, temperature, seed }: DemoRequest): string {
  const sampling = `temperature ${temperature ?? "of the worker"}, seed ${seed ?? "of the worker"}`;
  return `${JSON.stringify(prompt)}, at most ${max_tokens} tokens, ${sampling}`;
}

function describeSpeed({ tokensPerSecond, firstTokenMs }: JobReport): string {
  const rate =
    tokensPerSecond === undefined
      ? "no rate: too few tokens"
      : `${formatNumber(tokensPerSecond)} tokens/s between the first and the last token`;
  return firstTokenMs === undefined ? rate : `${rate}; first token after ${formatMs(firstTokenMs)}`;
}
