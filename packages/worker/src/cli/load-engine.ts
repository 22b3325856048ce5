import type { Engine, LoadProgress } from "../engine/engine.js";
import type { StubEngine } from "../engine/stub/index.js";
import type { Logger } from "../telemetry/index.js";
import { createEngine, nameModel } from "./engines.js";
import type { WorkerOptions } from "./worker-options.js";

/** The percentages to log (M0-W-1621). */
const LOGGED_PERCENTS = [0, 25, 50, 75, 100];

/**
 * Loads the chosen engine and logs the progress.
 *
 * @throws {WorkerError} MODEL_LOAD_FAILED, DEVICE_NOT_FOUND, INSUFFICIENT_VRAM
 */
export async function loadEngine(options: WorkerOptions, logger: Logger, stub?: StubEngine): Promise<Engine> {
  const startedAtMs = performance.now();
  const model = nameModel(options.engine);
  logger.info("model_load_start", { worker_id: options.workerId, model });
  const onProgress = logProgress(options, logger);
  onProgress(0);
  const engine = await createEngine(options, onProgress, stub);
  onProgress(100);
  const durationMs = Math.round(performance.now() - startedAtMs);
  const { vramBytes } = engine.memory();
  logger.info("model_load_complete", {
    worker_id: options.workerId,
    model,
    vram_bytes: vramBytes,
    duration_ms: durationMs,
  });
  return engine;
}

/** Logs each of these percentages once, including those that the engine skipped. */
function logProgress({ workerId }: WorkerOptions, logger: Logger): LoadProgress {
  const pending = [...LOGGED_PERCENTS];
  return (percent) => {
    while (pending[0] !== undefined && percent >= pending[0]) {
      logger.info("model_load_progress", { worker_id: workerId, percent: pending.shift() });
    }
  };
}
