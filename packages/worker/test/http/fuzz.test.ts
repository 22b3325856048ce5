import { stringifyJson, WORKER_ERRORS } from "inference-worker-protocol";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectRaw } from "../support/raw-connection.js";
import { execute, health, post, readEvents, waitForSlots } from "../support/requests.js";
import { startSharedWorker, type WorkerProcess } from "../support/worker-process.js";

const RUNS = { numRuns: 300 };

let worker: WorkerProcess;
beforeAll(async () => {
  worker = await startSharedWorker(["--parallel", "4"]);
});
afterAll(() => worker.stop());

/** Whatever was sent: an answer of the contract, never a 500. */
async function expectAnswer(response: Response): Promise<void> {
  const text = await response.text();
  if (response.status === 200) return;
  expect([400, 409, 413, 415]).toContain(response.status);
  const answer = JSON.parse(text) as { code?: keyof typeof WORKER_ERRORS; errors?: unknown[] };
  if (answer.errors === undefined) expect(WORKER_ERRORS[answer.code!].status).toBe(response.status);
  else expect(answer.errors.length).toBeGreaterThan(0);
}

const u64ish = fc.oneof(fc.bigInt({ min: -10n, max: 2n ** 65n }), fc.integer(), fc.double(), fc.constant(null));
const anything = fc.oneof({ weight: 3, arbitrary: u64ish }, fc.jsonValue(), fc.string({ unit: "binary" }));
const fields = fc.record(
  {
    job_id: fc.oneof(fc.uuid(), anything),
    prompt: fc.oneof(fc.string({ unit: "binary", minLength: 1 }), anything),
    max_tokens: fc.oneof(fc.integer({ min: 0, max: 20 }), anything),
    temperature: fc.oneof(fc.double({ min: 0, max: 2 }), anything),
    seed: u64ish,
    top_p: anything,
    top_k: anything,
    min_p: anything,
    repetition_penalty: anything,
    stop: fc.oneof(fc.array(fc.string({ unit: "binary" }), { maxLength: 5 }), anything),
    [`__proto__`]: anything,
  },
  { requiredKeys: ["job_id", "prompt", "max_tokens"] },
);

test("any fields are answered", async () => {
  await fc.assert(
    fc.asyncProperty(fields, async (body) => expectAnswer(await post(`${worker.url}/execute`, stringifyJson(body)))),
    RUNS,
  );
});

test("any valid request gets a complete stream", async () => {
  const sampling = fc.record({
    job_id: fc.uuid(),
    prompt: fc.string({ unit: "binary", minLength: 1, maxLength: 100 }),
    max_tokens: fc.integer({ min: 1, max: 20 }),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    top_p: fc.double({ min: 0, max: 1, noNaN: true }),
    top_k: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    min_p: fc.double({ min: 0, max: 1, noNaN: true }),
    repetition_penalty: fc.double({ min: 0, max: 2, noNaN: true, minExcluded: true }),
    stop: fc.array(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(sampling, async (body) => {
      const events = await readEvents(await post(`${worker.url}/execute`, body));
      expect(events[0]).toMatchObject({ type: "started", job_id: body.job_id.toWellFormed() });
      const end = events.at(-1);
      expect(end?.type).toBe("end");
    }),
    RUNS,
  );
});

test("any text is answered", async () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.json().map((json) => json.slice(0, -1)),
  );
  await fc.assert(
    fc.asyncProperty(text, async (body) => expectAnswer(await post(`${worker.url}/execute`, body))),
    RUNS,
  );
});

test.each([
  ["arrays", "[", "]"],
  ["objects", '{"a":', "1".concat("}")],
])("%s nested as deeply as the body allows are answered", async (_name, open, close) => {
  const depth = 150_000;
  const last = open === "[" ? close : "}";
  const deep = `${open.repeat(depth)}${open === "[" ? "" : "1"}${last.repeat(depth)}`;
  for (const field of ["max_tokens", "prompt", "stop", "job_id", "unknown"]) {
    for (const seed of ["1", "18446744073709551615"]) {
      const body = `{"job_id":"deep","prompt":"x","max_tokens":1,"seed":${seed},"${field}":${deep}}`;
      await expectAnswer(await post(`${worker.url}/execute`, body));
    }
  }
});

test("any bytes on a connection are survived", async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 200 }).map((tail) => Buffer.concat([Buffer.from("POST /execute HTTP/1.1\r\n"), tail])),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (data) => {
      const connection = await connectRaw(worker.port);
      connection.send(data).socket.end();
      await connection.closed;
    }),
    { numRuns: 100 },
  );
});

test("afterwards the worker is as good as new", async () => {
  await waitForSlots(worker, 0, 0);
  expect((await health(worker)).status).toBe("healthy");
  expect((await readEvents(await execute(worker))).at(-1)?.type).toBe("end");
  expect(worker.stderr).toBe("");
  expect(worker.linesOf("request_failed")).toEqual([]);
  expect(worker.linesOf("job_failed")).toEqual([]);
});
