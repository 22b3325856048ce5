import { WorkerError } from "inference-worker-protocol";

/** What a model needs on a device and what the device has left. */
export interface VramFigures {
  /** Weights, and the contexts of all slots with their compute buffers. */
  readonly requiredBytes: number;
  readonly availableBytes: number;
  readonly device: string;
  readonly modelPath: string;
}

/**
 * Refuses a model that does not fit whole: no layer may stay in main memory.
 *
 * @throws {WorkerError} INSUFFICIENT_VRAM with both figures, the device and the path.
 */
export function assertFits(figures: VramFigures): void {
  const { requiredBytes, availableBytes, device, modelPath } = figures;
  if (requiredBytes <= availableBytes) return;
  const message = `${modelPath} needs ${requiredBytes} bytes on ${device}, available are ${availableBytes}`;
  throw new WorkerError("INSUFFICIENT_VRAM", message, { details: { ...figures } });
}
