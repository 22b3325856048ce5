import type { GpuAnswer, GpuBackend, GpuState, GpuTarget } from "./backend.js";
import { describeHang, isHang } from "./run-tool.js";

/** The state and the backend that read it. */
export interface GpuReading extends GpuState {
  readonly backend: GpuBackend;
}

/** Why there is none. */
export interface GpuReadFailure {
  /** The reasons from all backends that were tried. */
  readonly missing: string;
  /** One of them timed out. */
  readonly hung: boolean;
}

/** Longer than a tool's time-out, because a read may run a tool several times. */
const READ_TIMEOUT_MS = 30_000;

/** Reads one GPU with the first backend that finds it, and keeps using that backend. */
export class GpuReader {
  readonly #backends: readonly GpuBackend[];
  readonly #target: GpuTarget;
  readonly #timeoutMs: number;
  #chosen: GpuBackend | undefined;

  constructor(backends: readonly GpuBackend[], target: GpuTarget, timeoutMs = READ_TIMEOUT_MS) {
    this.#backends = backends;
    this.#target = target;
    this.#timeoutMs = timeoutMs;
  }

  /** Reads once; never rejects. */
  async read(): Promise<GpuReading | GpuReadFailure> {
    const reasons: string[] = [];
    for (const backend of this.#chosen === undefined ? this.#backends : [this.#chosen]) {
      const answer = await this.#ask(backend);
      if (!("missing" in answer)) {
        this.#chosen = backend;
        return { ...answer, backend };
      }
      if (answer.isFinal === true) return { missing: answer.missing, hung: isHang(answer.missing) };
      reasons.push(answer.missing);
    }
    return { missing: reasons.join("; "), hung: reasons.some(isHang) };
  }

  async #ask(backend: GpuBackend): Promise<GpuAnswer> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<GpuAnswer>((resolve) => {
      const giveUp = (): void => resolve({ missing: describeHang(backend.name, this.#timeoutMs) });
      timer = setTimeout(giveUp, this.#timeoutMs);
    });
    try {
      return checkAnswer(backend, await Promise.race([backend.read(this.#target), timeout]));
    } catch (error) {
      return { missing: `${backend.name} failed: ${error instanceof Error ? error.message : String(error)}` };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A custom backend may return anything, and a wrong figure would become a wrong verdict. */
function checkAnswer(backend: GpuBackend, answer: GpuAnswer): GpuAnswer {
  if ("missing" in answer) return answer;
  const listed = "missing" in answer.processes ? [] : answer.processes.map(({ used }) => used);
  const isWrong = [answer.used, ...listed].some(
    (cell) => "bytes" in cell && !(cell.bytes >= 0 && cell.bytes < Infinity),
  );
  return isWrong ? { missing: `${backend.name} returned a figure that is not a number of bytes` } : answer;
}
