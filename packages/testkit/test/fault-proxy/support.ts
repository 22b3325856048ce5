import { FAULTS, type FaultId } from "worker-orcd-control";
import {
  collectStream,
  isTestkitError,
  makeTestRequest,
  WorkerTestHarness,
  type CollectedStream,
  type ExecuteOptions,
  type StreamOptions,
  type StubConfigInput,
} from "inference-testkit";
import { FaultProxy, type FaultSpec, type ProxyFaultId } from "inference-testkit/faults";
import { afterAll, beforeAll } from "vitest";

/** The ids that a proxy provides. */
export const PROXY_IDS = (Object.keys(FAULTS) as FaultId[]).filter(
  (id): id is ProxyFaultId => FAULTS[id].provider === "proxy",
);

/** What became of a job: how its stream ended, or the code of the error that was thrown before. */
export interface JobResult {
  /** `complete`, `truncated`, …, `limit-exceeded tokenIdleMs`, or a code such as `CONNECT_FAILED`. */
  readonly status: string;
  readonly message: string;
  readonly stream: CollectedStream | undefined;
  readonly tookMs: number;
}

/** Runs a job of ten tokens, however it ends. */
export async function runJob(
  worker: WorkerTestHarness,
  { jobId = "job-1", tokens = 10, ...options }: StreamOptions & { jobId?: string; tokens?: number } = {},
  execute: ExecuteOptions = {},
): Promise<JobResult> {
  const startedAt = performance.now();
  const done = (status: string, message: string, stream?: CollectedStream): JobResult => {
    return { status, message, stream, tookMs: performance.now() - startedAt };
  };
  try {
    const response = await worker.execute(makeTestRequest(jobId, "Hello", tokens), execute);
    const stream = await collectStream(response, options);
    const { outcome } = stream;
    const limit = outcome.status === "limit-exceeded" ? ` ${outcome.limit}` : "";
    return done(`${outcome.status}${limit}`, "", stream);
  } catch (error) {
    if (!isTestkitError(error)) throw error;
    return done(error.code, error.message);
  }
}

/** One stub worker for all tests of a file. */
export function useStub(stub: StubConfigInput = {}, parallel = 8): () => WorkerTestHarness {
  let worker: WorkerTestHarness | undefined;
  beforeAll(async () => {
    worker = await WorkerTestHarness.startMock({ stub, parallel });
  });
  afterAll(async () => {
    await worker?.stop();
  });
  return () => worker!;
}

/** A proxy with faults in front of a worker. */
export function breakOn(worker: WorkerTestHarness, ...faults: readonly FaultSpec<ProxyFaultId>[]): Promise<FaultProxy> {
  return FaultProxy.inFrontOf(worker, { faults });
}

/** The text of all tokens. */
export function textOf(stream: CollectedStream | undefined): string {
  return (stream?.events ?? []).map((event) => (event.type === "token" ? event.t : "")).join("");
}

export function tokenCountOf(stream: CollectedStream | undefined): number {
  return (stream?.events ?? []).filter(({ type }) => type === "token").length;
}
