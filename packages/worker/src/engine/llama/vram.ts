import { WorkerError } from "inference-worker-protocol";

/** What a model needs on a device and what is free there. */
export interface VramFigures {
  /** Weights, and the contexts of all slots with their compute buffers. */
  readonly requiredBytes: number;
  readonly availableBytes: number;
  readonly device: string;
  readonly modelPath: string;
}

/**
 * Rejects a model that does not fit completely: no layer may remain in main memory.
 *
 * @throws {WorkerError} INSUFFICIENT_VRAM with both figures, the device and the path.
 */
export function assertFits(figures: VramFigures): void {
  const { requiredBytes, availableBytes, device, modelPath } = figures;
  if (requiredBytes <= availableBytes) return;
  const message = `${modelPath} needs ${requiredBytes} bytes on ${device}, but only ${availableBytes} are available`;
  throw new WorkerError("INSUFFICIENT_VRAM", message, { details: { ...figures } });
}
