import { MAX_NUMBER_CHARACTERS, REQUEST_LIMITS } from "inference-worker-protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Control } from "../support/control.js";
import { health, job, post } from "../support/requests.js";
import { startSharedWorker, type WorkerProcess } from "../support/worker-process.js";

/** What fits into a body beside the rest of a request. */
const ROOM = REQUEST_LIMITS.maxBodyBytes - 1_000;
/** No refusal is longer, whatever was sent. */
const MAX_REFUSAL_CHARACTERS = 3_000;
const NINES = "9".repeat(ROOM);
const FIELDS = "job_id,prompt,max_tokens,temperature,seed,top_p,top_k,min_p,repetition_penalty,stop".split(",");

let worker: WorkerProcess;
beforeAll(async () => {
  worker = await startSharedWorker();
});
afterAll(() => worker.stop());

/** A request in which the JSON text of one field is replaced, or a field added. */
function bodyWith(field: string, json: string): string {
  const others = Object.entries(job()).filter(([name]) => name !== field);
  return `{${others.map(([name, value]) => `"${name}":${JSON.stringify(value)}`).join(",")},${JSON.stringify(field)}:${json}}`;
}

async function send(body: string): Promise<{ status: number; text: string }> {
  const response = await post(`${worker.url}/execute`, body);
  return { status: response.status, text: await response.text() };
}

async function expectBounded(body: string): Promise<string> {
  const { status, text } = await send(body);
  expect(status).toBe(400);
  expect(text.length).toBeLessThan(MAX_REFUSAL_CHARACTERS);
  return text;
}

describe.each(["job_id", "max_tokens", "seed", "stop", "unknown"])("in %s", (field) => {
  test.each([
    ["an integer", NINES],
    ["a negative integer", `-${NINES}`],
    ["a fraction", `0.${NINES}`],
    ["an exponent", `1e${NINES}`],
    ["an integer in a list", `[[1,${NINES}]]`],
    ["one character more than allowed", "9".repeat(MAX_NUMBER_CHARACTERS + 1)],
  ])("%s of up to a million digits is rejected with its length", async (_name, json) => {
    const text = await expectBounded(bodyWith(field, json));
    expect(text).toMatch(/"message":"a number has \d+ characters; at most 1000 are allowed"/);
  });

  test.each([
    ["the longest number", "9".repeat(MAX_NUMBER_CHARACTERS)],
    ["a text of a million characters", JSON.stringify("x".repeat(ROOM))],
    ["a text of a million digits", JSON.stringify(NINES)],
    ["a text of escapes", JSON.stringify("\u0001".repeat(ROOM / 6))],
    ["a list of half a million numbers", `[${"1,".repeat(ROOM / 2)}1]`],
    ["a list of many long numbers", `[${`${"9".repeat(999)},`.repeat(1_000)}1]`],
    ["a list of a hundred thousand wrong texts", `[${'"",'.repeat(100_000)}""]`],
    ["an object with many keys", `{${Array.from({ length: 50_000 }, (_, at) => `"k${at}":1`).join(",")}}`],
    ["an object with one key many times", `{${Array.from({ length: 100_000 }, (_, at) => `"k":${at}`).join(",")}}`],
    ["1e999999999", "1e999999999"],
    ["-1e999", "-1e999"],
  ])("%s is accepted or rejected with a short answer", async (_name, json) => {
    for (const prefix of ["", '"digits":"1234567890123456",']) {
      const { status, text } = await send(bodyWith(field, json).replace("{", `{${prefix}`));
      expect([200, 400]).toContain(status);
      if (status === 400) expect(text.length).toBeLessThan(MAX_REFUSAL_CHARACTERS);
    }
  });
});

test("a field name of a million characters is ignored like any unknown one", async () => {
  expect((await send(bodyWith("x".repeat(ROOM), "1"))).status).toBe(200);
  expect((await send(bodyWith("9".repeat(ROOM), "1"))).status).toBe(200);
});

test("every field invalid and as long as possible: all errors at once, in a short answer", async () => {
  const long = (count: number) => JSON.stringify("x".repeat(count));
  const body = `{${FIELDS.map((field) => `"${field}":${long(90_000)}`).join(",")}}`;
  const { errors } = JSON.parse(await expectBounded(body)) as { errors: { field: string; value?: string }[] };
  expect(errors.map(({ field }) => field)).toEqual(FIELDS);
  for (const { field, value } of errors) {
    expect(value).toBe(field === "prompt" || field === "stop" ? undefined : `${"x".repeat(80)}…`);
  }
});

test("1e999 is reported as Infinity, not as null", async () => {
  expect(await expectBounded(bodyWith("temperature", "1e999"))).toContain('"value":"Infinity"');
  expect(await expectBounded(bodyWith("seed", "-1e999"))).toContain('"value":"-Infinity"');
});

test("1e-400000 is 0, and -0 is 0", async () => {
  for (const zero of ["1e-400000", "-0", "-0.0", "0e999999999"]) {
    expect((await send(bodyWith("temperature", zero))).status).toBe(200);
    expect(await expectBounded(bodyWith("repetition_penalty", zero))).toContain('"value":0');
  }
});

test("a job id to cancel and a body for the control listener are also bounded", async () => {
  const control = new Control(worker);
  const answers = await Promise.all([
    post(`${worker.url}/cancel`, `{"job_id":${NINES}}`),
    control.send("POST", "/faults", `{"faults":${NINES}}`),
    control.send("POST", "/faults", `{"faults":[{"id":"hang","at":{"afterTokens":${NINES}}}]}`),
    control.send("PUT", "/config", `{"seed":${NINES}}`),
  ]);
  for (const answer of answers) {
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("a number has ");
  }
});

test("afterwards the worker is as good as new", async () => {
  expect((await health(worker)).status).toBe("healthy");
  expect(worker.linesOf("request_failed")).toEqual([]);
});
