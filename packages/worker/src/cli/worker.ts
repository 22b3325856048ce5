import { setTimeout as delay } from "node:timers/promises";
import type { Engine } from "../engine/engine.js";
import { HttpServer, PLAIN_BEHAVIOR, type AccessRules, type WorkerState } from "../http/index.js";
import { Scheduler } from "../jobs/index.js";
import { WorkerMetrics, type Logger } from "../telemetry/index.js";
import { announce } from "./announce.js";
import type { StubMode } from "./stub-mode.js";
import { readVersion } from "./version.js";
import type { WorkerOptions } from "./worker-options.js";

/** How much longer than the grace period the worker waits for an engine that does not stop. */
const ENGINE_RELEASE_MS = 1_000;

/** The environment of a worker. */
export interface WorkerSurroundings {
  readonly logger: Logger;
  readonly access: AccessRules;
  readonly stub?: StubMode | undefined;
}

/** A serving worker: from a loaded engine to the end of the last job. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #engine: Engine;
  readonly #logger: Logger;
  readonly #stub: StubMode | undefined;
  readonly #scheduler: Scheduler;
  readonly #server: HttpServer;
  readonly #readyAtMs = performance.now();
  #shutdown: Promise<void> | undefined;
  #resolveStopped: () => void = () => undefined;
  /** Resolves once the worker has stopped, for any reason. */
  readonly stopped = new Promise<void>((resolve) => {
    this.#resolveStopped = resolve;
  });

  constructor(options: WorkerOptions, engine: Engine, { logger, access, stub }: WorkerSurroundings) {
    this.#options = options;
    this.#engine = engine;
    this.#logger = logger;
    this.#stub = stub;
    const metrics = new WorkerMetrics();
    const { maxQueue, inferenceTimeoutMs: timeoutMs } = options;
    this.#scheduler = new Scheduler({ engine, metrics, logger, maxQueue, timeoutMs });
    this.#server = new HttpServer(this.#state(metrics), { access, parser: options.parser });
  }

  /**
   * Listens, prints the ready line, and notifies the callback.
   *
   * @throws {WorkerError} PORT_IN_USE, CALLBACK_FAILED
   */
  async serve(): Promise<void> {
    const { host, port, workerId: worker_id, callbackUrl } = this.#options;
    const controlUrl = await this.#stub?.listener.listen();
    let bound = port;
    const announceReady = (boundPort: number) => {
      bound = boundPort;
      const { model, device } = this.#engine.info;
      const address = { worker_id, host, port: bound, pid: process.pid, model, device };
      this.#logger.contract("ready", { ...address, control_url: controlUrl });
    };
    const listen = (wanted: number) => this.#server.listen(host, wanted);
    const descriptor = () => this.#server.descriptor;
    if (this.#stub === undefined) announceReady(await listen(port));
    else await this.#stub.start.serve({ host, port, listen, announce: announceReady, descriptor });
    if (callbackUrl === undefined) return;
    const uri = `http://${host.includes(":") ? `[${host}]` : host}:${bound}`;
    await announce(callbackUrl, { worker_id, vram_bytes: this.#engine.memory().vramBytes, uri });
  }

  /**
   * Rejects new jobs, lets running ones finish within the grace period, and ends the rest with CANCELLED.
   * Idempotent.
   */
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
    this.#stub?.listener.close(); // last, so that the fault records can be read while jobs end
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
      behavior: this.#stub?.control ?? PLAIN_BEHAVIOR,
      get version() {
        return readVersion();
      },
      get stopping() {
        return stopping();
      },
      uptimeSeconds: () => Math.round(performance.now() - this.#readyAtMs) / 1000,
      requestShutdown: () => void this.shutdown("POST /shutdown"),
    };
  }
}
