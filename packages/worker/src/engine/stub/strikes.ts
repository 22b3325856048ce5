import { WorkerError, type WorkerErrorCode } from "inference-worker-protocol";
import type { FaultHit, FaultIdOf } from "worker-orcd-control";

type StubFaultId = FaultIdOf<"stub">;

/** What a fault may do to a generation. */
export interface StrikeTarget {
  /** No further token is computed. */
  hang(): void;
  /** Every further token is delayed by this time. */
  slowDown(itlMs: number): void;
  /** Ends the process. */
  exit(code: number): Promise<never>;
}

/**
 * A fault that takes effect at one point of a generation: a number of tokens, or a time. Without a point, it takes effect before the first
 * token.
 */
interface Strike<Id extends StubFaultId> {
  /** Whether nothing else can happen to the job afterwards. */
  readonly endsJob: boolean;
  /** @param when the point, for messages. @throws {WorkerError} what the fault reports. */
  readonly strike: (target: StrikeTarget, hit: FaultHit<Id>, when: string) => void | Promise<void>;
}

const STRIKES = {
  "vram-oom": failWith("VRAM_OOM", "out of device memory"),
  "cuda-error": failWith("CUDA_ERROR", "device failure"),
  "inference-failed": failWith("INFERENCE_FAILED", "engine failure"),
  lies: failWith("INFERENCE_FAILED", "engine failure"),
  hang: { endsJob: true, strike: (target) => target.hang() },
  slow: { endsJob: false, strike: (target, hit) => target.slowDown(hit.fault.params.itlMs) },
  exit: { endsJob: true, strike: (target, hit) => target.exit(hit.fault.params.code) },
} as const satisfies { readonly [Id in StubFaultId]?: Strike<Id> };

/** Faults without a point: the part of the engine that they change queries them. */
const CONDITIONS = ["never-stops", "memory-leak", "nondeterministic"] as const satisfies readonly StubFaultId[];

type StrikeId = keyof typeof STRIKES;
export type GenerationFaultId = StrikeId | (typeof CONDITIONS)[number];

/** Every fault that happens while tokens are generated. */
export const GENERATION_FAULTS: readonly GenerationFaultId[] = [...(Object.keys(STRIKES) as StrikeId[]), ...CONDITIONS];

/** The effect of a fault at its point; `undefined` if it has none. */
export function findStrike(id: StubFaultId): Strike<StubFaultId> | undefined {
  return Object.hasOwn(STRIKES, id) ? (STRIKES[id as StrikeId] as Strike<StubFaultId>) : undefined;
}

function failWith(code: WorkerErrorCode, what: string): Strike<StubFaultId> {
  return {
    endsJob: true,
    strike: (_target, _hit, when) => {
      throw new WorkerError(code, `${what} ${when} (stub fault)`);
    },
  };
}
