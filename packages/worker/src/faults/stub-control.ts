import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { WorkerError, type Health } from "inference-worker-protocol";
import {
  definitionOf,
  FaultLedger,
  parseFaults,
  parseStubConfig,
  type FaultAccount,
  type FaultListener,
  type StubConfig,
} from "worker-orcd-control";
import type { EngineRequest } from "../engine/engine.js";
import { GENERATION_FAULTS, StubEngine } from "../engine/stub/index.js";
import type { Behavior, Call, RunRoute } from "../http/index.js";
import type { AbortReason, FrameSink, Job } from "../jobs/index.js";
import { SendJournal, type JobRecord } from "../telemetry/index.js";
import { HealthFaults } from "./health-faults.js";
import { JobFaults } from "./job-faults.js";
import { Mutants } from "./mutants/mutants.js";
import { PAYLOAD_FAULTS } from "./payload-edits.js";
import { ReplyScript } from "./reply-script.js";
import { BEHAVIOR_FAULTS, StubJob } from "./stub-job.js";

/** Every fault that is chosen for a job. */
export const JOB_FAULTS = [...GENERATION_FAULTS, ...BEHAVIOR_FAULTS, ...PAYLOAD_FAULTS];

/** Keys of a stub configuration that only matter at the start or have their own route. */
const NOT_LATER = {
  startupDelayMs: "belongs to the start",
  readyAfterMs: "belongs to the start",
  faults: "POST /faults",
  mutants: "belongs to the start",
};

/** Why a mutant ends the jobs beside a cancelled one. */
const OTHER_WAS_CANCELLED: AbortReason = {
  kind: "error",
  error: new WorkerError("CANCELLED", "another job was cancelled"),
};

export interface StubControlOptions {
  readonly config: StubConfig;
  readonly slots: number;
  readonly contextSize?: number | undefined;
  /** @default a healthy worker */
  readonly mutants?: Mutants | undefined;
  /** Called for each fault before it takes effect. */
  readonly onFired: FaultListener;
  /** Ends the process once all output is flushed. */
  readonly exit: (code: number) => Promise<never>;
}

/** Controls a worker in stub mode: its configuration, engine, faults with their ledger, and journal. */
export class StubControl implements Behavior {
  readonly engine: StubEngine;
  readonly ledger: FaultLedger;
  readonly journal = new SendJournal();
  readonly exit: (code: number) => Promise<never>;
  readonly #health: HealthFaults;
  readonly #mutants: Mutants;
  readonly #running = new Map<JobFaults, Job>();
  #config: StubConfig;
  #script: ReplyScript;
  #ready: boolean;

  constructor({ config, slots, contextSize, mutants = Mutants.none, onFired, exit }: StubControlOptions) {
    this.#config = config;
    this.#script = new ReplyScript(config);
    this.engine = new StubEngine({ config: () => this.#config, slots, contextSize });
    this.#ready = config.readyAfterMs === 0;
    this.exit = exit;
    this.ledger = new FaultLedger(config.seed, onFired);
    this.#mutants = mutants;
    this.ledger.arm([...config.faults, ...mutants.faults]);
    this.#health = new HealthFaults(this.ledger);
  }

  /** Waits for `readyAfterMs` between listening and being ready; `/health` is unhealthy until then. */
  async becomeReady(): Promise<void> {
    if (!this.#ready) await delay(this.#config.readyAfterMs);
    this.#ready = true;
  }

  /** The process begins; mutants may change what it is. */
  begin(): Promise<void> {
    return this.#mutants.begin();
  }

  /** The port is bound, and the worker is not ready yet. @throws {WorkerError} a mutant refuses it. */
  bound(port: number): void {
    this.#mutants.bound(port);
  }

  /** The record of every fault since the start. */
  accounts(): FaultAccount[] {
    return this.ledger.accounts();
  }

  /**
   * Arms more faults; accepted jobs keep theirs.
   *
   * @throws {TypeError} one of them is invalid or belongs to the start; then none is armed.
   */
  arm(value: unknown): string[] {
    const faults = parseFaults(value, "stub");
    const late = faults.findIndex(({ id }) => definitionOf(id).startOnly);
    if (late === -1) return this.ledger.arm(faults);
    const id = faults[late]?.id ?? "";
    throw new TypeError(`\`faults[${late}]\`: ${id} happens while the worker starts: set it in --stub-config`);
  }

  /**
   * Replaces the configuration for new jobs. The ledger keeps its seed and faults.
   *
   * @throws {TypeError} a key is invalid or belongs to the start; then nothing changes.
   */
  configure(value: Record<string, unknown>): void {
    for (const [key, reason] of Object.entries(NOT_LATER)) {
      if (Object.hasOwn(value, key)) throw new TypeError(`\`${key}\` cannot be changed here: ${reason}`);
    }
    this.#config = parseStubConfig(value);
    this.#script = new ReplyScript(this.#config);
  }

  createJob(accepted: EngineRequest, sink: FrameSink, correlationId: string): Job {
    const request = this.#mutants.changeRequest(accepted, this.#running.size);
    const faults = this.choose(request);
    const others = () => [...this.#running].filter(([other]) => other !== faults);
    const otherTokens = () => others().map(([{ lastToken }]) => lastToken);
    const endOthers = () => others().forEach(([, other]) => other.abort(OTHER_WAS_CANCELLED));
    const onEnded = () => void this.#running.delete(faults);
    const context = { engine: this.engine, mutants: this.#mutants, faults, onEnded, otherTokens, endOthers };
    const job = new StubJob({ request, sink, correlationId, ...context });
    this.#running.set(faults, job);
    return job;
  }

  /** Chooses the faults of one job and thereby its plan for the engine. */
  choose(request: EngineRequest): JobFaults {
    const { job_id: jobId } = request;
    const hits = this.ledger.choose(JOB_FAULTS, { jobId });
    const reply = this.#script.take(request);
    return new JobFaults(jobId, { config: this.#config, reply, hits, exit: this.exit });
  }

  intercept(call: Call, route: RunRoute): Promise<void> {
    return this.#mutants.intercept(call, route, () => this.#running.size >= this.engine.slots);
  }

  overrideHealth(health: Health): Health | undefined {
    return this.#health.override(this.#ready ? health : { ...health, status: "unhealthy" });
  }

  /** The same for every request: what a client gets does not depend on chance, unless the configuration wants it to. */
  chooseSeed(): bigint {
    return this.#config.deterministic ? BigInt(this.#config.seed) : randomBytes(8).readBigUInt64LE();
  }

  modelNames(): readonly string[] {
    return this.#config.models;
  }

  openRecord(jobId: string, correlationId: string): JobRecord | undefined {
    return this.#config.journal ? this.journal.open(jobId, correlationId) : undefined;
  }
}
