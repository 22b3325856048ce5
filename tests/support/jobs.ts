import {
  assertSuccessfulCompletion,
  collectSseEvents,
  collectStream,
  extractEndEvent,
  extractText,
  extractTokens,
  makeTestRequest,
  type CollectedStream,
  type EndEvent,
  type ExecuteRequest,
  type InferenceEvent,
  type JobOutcome,
  type JobStatus,
  type StreamOptions,
  type WorkerTestHarness,
} from "inference-testkit";

/** A prompt that a model continues for long. */
export const STORY = "Once upon a time there was a lighthouse keeper who";

/** A job that completed. */
export interface Completed {
  readonly events: readonly InferenceEvent[];
  readonly tokens: readonly string[];
  readonly text: string;
  readonly end: EndEvent;
}

let jobCount = 0;

/** An id that no other job of this file has. */
export function nextJobId(): string {
  jobCount += 1;
  return `job-${jobCount}`;
}

/** A request with the usual values of a test, 20 tokens, and a unique id. */
export function makeRequest(fields: Partial<ExecuteRequest> = {}): ExecuteRequest {
  const { job_id = nextJobId(), prompt = STORY, max_tokens = 20, ...rest } = fields;
  return makeTestRequest(job_id, prompt, max_tokens, rest);
}

/** `count` requests, each with its own prompt unless one is given. */
export function makeRequests(count: number, fields: Partial<ExecuteRequest> = {}): ExecuteRequest[] {
  return Array.from({ length: count }, (_, index) => makeRequest({ prompt: `${STORY} ${index}`, ...fields }));
}

export function statusesOf(outcomes: readonly JobOutcome[]): JobStatus[] {
  return outcomes.map(({ status }) => status);
}

/** Runs a job that must complete. */
export async function complete(
  worker: WorkerTestHarness,
  fields: Partial<ExecuteRequest> = {},
  options?: StreamOptions,
): Promise<Completed> {
  const events = await collectSseEvents(await worker.execute(makeRequest(fields)), options);
  assertSuccessfulCompletion(events);
  return { events, tokens: extractTokens(events), text: extractText(events), end: extractEndEvent(events) };
}

/** Runs a job, however it ends. */
export async function collect(
  worker: WorkerTestHarness,
  fields: Partial<ExecuteRequest> = {},
  options?: StreamOptions,
): Promise<CollectedStream> {
  return collectStream(await worker.execute(makeRequest(fields)), options);
}
