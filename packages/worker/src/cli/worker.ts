import { setTimeout as delay } from "node:timers/promises";
import type { Engine } from "../engine/engine.js";
import { HttpServer, type WorkerState } from "../http/index.js";
import { Scheduler } from "../jobs/index.js";
import { WorkerMetrics, type Logger } from "../telemetry/index.js";
import { announce } from "./announce.js";
import type { WorkerOptions } from "./worker-options.js";

/** How much longer than the grace the worker waits for an engine that does not let go. */
const ENGINE_RELEASE_MS = 1_000;

/** A worker that serves: from a loaded engine to the end of the last job. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #engine: Engine;
  readonly #logger: Logger;
  readonly #scheduler: Scheduler;
  readonly #server: HttpServer;
  readonly #readyAtMs = performance.now();
  #shutdown: Promise<void> | undefined;
  #resolveStopped: () => void = () => undefined;
  /** Resolves once the worker has stopped, whoever asked for it. */
  readonly stopped = new Promise<void>((resolve) => {
    this.#resolveStopped = resolve;
  });

  constructor(options: WorkerOptions, engine: Engine, logger: Logger) {
    this.#options = options;
    this.#engine = engine;
    this.#logger = logger;
    const metrics = new WorkerMetrics();
    const { maxQueue, inferenceTimeoutMs: timeoutMs } = options;
    this.#scheduler = new Scheduler({ engine, metrics, logger, maxQueue, timeoutMs });
    this.#server = new HttpServer(this.#state(metrics));
  }

  /**
   * Listens, says so, and reports to the callback.
   *
   * @throws {WorkerError} PORT_IN_USE, CALLBACK_FAILED
   */
  async serve(): Promise<void> {
    const { host, workerId: worker_id, callbackUrl } = this.#options;
    const port = await this.#server.listen(host, this.#options.port);
    const { model, device } = this.#engine.info;
    this.#logger.contract("ready", { worker_id, host, port, pid: process.pid, model, device });
    if (callbackUrl === undefined) return;
    const uri = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
    await announce(callbackUrl, { worker_id, vram_bytes: this.#engine.memory().vramBytes, uri });
  }

  /** Refuses new jobs, lets running ones finish within the grace, ends the rest with CANCELLED. Idempotent. */
  shutdown(reason: string): Promise<void> {
    this.#shutdown ??= this.#stop(reason).finally(this.#resolveStopped);
    return this.#shutdown;
  }

  async #stop(reason: string): Promise<void> {
    const graceMs = this.#options.shutdownGraceMs;
    this.#logger.info("shutdown", { worker_id: this.#options.workerId, reason, grace_ms: graceMs });
    await Promise.race([this.#scheduler.drain(graceMs), delay(graceMs + ENGINE_RELEASE_MS)]);
    await Promise.race([this.#server.close(), delay(ENGINE_RELEASE_MS)]);
    await Promise.race([this.#engine.dispose(), delay(ENGINE_RELEASE_MS)]);
  }

  #state(metrics: WorkerMetrics): WorkerState {
    const stopping = () => this.#shutdown !== undefined;
    return {
      workerId: this.#options.workerId,
      engine: this.#engine,
      scheduler: this.#scheduler,
      metrics,
      logger: this.#logger,
      maxTokensOut: this.#options.maxTokensOut,
      get stopping() {
        return stopping();
      },
      uptimeSeconds: () => Math.round(performance.now() - this.#readyAtMs) / 1000,
      requestShutdown: () => void this.shutdown("POST /shutdown"),
    };
  }
}
