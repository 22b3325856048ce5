import {
  assertAllOk,
  assertCancelled,
  assertStreamed,
  assertSuccessfulCompletion,
  cancelAfter,
  collectStream,
  makeTestRequest,
  waitForIdle,
  type WorkerTestHarness,
} from "inference-testkit";

/** Fields of a request, as a table has them: a `seed` of digits stands for a u64. */
export interface MistakeRequest {
  readonly seed?: string;
  readonly max_tokens?: number;
  readonly stop?: readonly string[];
}

/** @param startAnother starts a second worker of the same kind. */
type Use = (
  worker: WorkerTestHarness,
  request: MistakeRequest,
  startAnother: () => Promise<WorkerTestHarness>,
) => Promise<unknown>;

const IDLE = { timeoutMs: 1_500 };

/** What an ordinary test does between the start of a worker and its stop. */
export const USERS = {
  "starts and stops": () => Promise.resolve(),
  "runs a job": runJob,
  "starts two workers": async (_worker, fields, startAnother) => {
    await using second = await startAnother();
    assertAllOk(await second.executeAll([createRequest("job-1", fields)]));
  },
  "runs two jobs at once": async (worker, fields) => {
    assertAllOk(await worker.executeAll([createRequest("job-1", fields), createRequest("job-2", fields)]));
  },
  "runs one job after another": async (worker, fields) => {
    const requests = [createRequest("job-1", fields), createRequest("job-2", fields)];
    assertAllOk(await worker.executeAll(requests, { concurrency: 1 }));
  },
  "runs a job and waits until the worker is idle": async (worker, fields) => {
    await runJob(worker, fields);
    await waitForIdle(worker, IDLE);
  },
  "asks for the health during a job": async (worker, fields) => {
    const response = await worker.execute(createRequest("job-1", fields));
    await worker.health({ timeoutMs: 100 });
    assertSuccessfulCompletion(await collectStream(response));
  },
  "cancels a job": async (worker, fields) => {
    const response = await worker.execute(createRequest("job-1", fields));
    assertCancelled(await cancelAfter(response, { tokens: 3 }, { timeoutMs: 3_000 }), { withinMs: 1_000 });
    await waitForIdle(worker, IDLE);
  },
  "cancels one of two jobs": async (worker, fields) => {
    const [first, second] = ["job-1", "job-2"].map((id) => createRequest(id, fields));
    const other = worker.execute(second!).then((response) => collectStream(response));
    assertCancelled(await cancelAfter(await worker.execute(first!), { tokens: 3 }));
    assertSuccessfulCompletion(await other);
  },
  "leaves during a job": async (worker, fields) => {
    await worker.disconnectAfter(createRequest("job-1", fields), { tokens: 3, how: "reset" });
    await waitForIdle(worker, IDLE);
  },
  "asks the worker to shut down": async (worker) => {
    await worker.shutdown({ timeoutMs: 1_000 });
    await worker.waitForExit({ timeoutMs: 1_500 });
  },
  "asks the worker to shut down during a job": async (worker, fields) => {
    const reading = collectStream(await worker.execute(createRequest("job-1", fields)));
    await worker.shutdown();
    assertSuccessfulCompletion(await reading);
    await worker.waitForExit();
  },
  "restarts the worker": async (worker, fields) => {
    await worker.restart();
    await runJob(worker, fields);
  },
} satisfies Readonly<Record<string, Use>>;

/** The name of what a test does. */
export type User = keyof typeof USERS;

async function runJob(worker: WorkerTestHarness, fields: MistakeRequest): Promise<void> {
  const stream = await collectStream(await worker.execute(createRequest("job-1", fields)));
  assertSuccessfulCompletion(stream);
  if (fields.stop === undefined) assertStreamed(stream);
}

function createRequest(jobId: string, { seed = "7", ...fields }: MistakeRequest) {
  return { ...makeTestRequest(jobId, `Hello ${jobId}`, 64), ...fields, seed: BigInt(seed) };
}
