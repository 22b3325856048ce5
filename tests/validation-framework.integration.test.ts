import { describe, expect, test } from "vitest";
import { REQUEST_LIMITS, type FieldError } from "inference-worker-protocol";
import { collectStream, waitForIdle, type ExecuteBody } from "inference-testkit";
import { describeEngines, stubEngine, useWorker } from "./support/engines.js";
import { nextJobId } from "./support/jobs.js";

/** A valid body with changes; `undefined` leaves a field out. */
function makeBody(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { job_id: nextJobId(), prompt: "Hello", max_tokens: 1, ...changes };
}

const U64_MAX = REQUEST_LIMITS.maxSeed;

/** Values at and inside the edges of every field. */
const accepted: [field: string, value: unknown][] = [
  ["job_id", "x".repeat(256)],
  ["job_id", "ü/\u{1f600} ?#"],
  ["prompt", "x"],
  ["prompt", "\n"],
  ["max_tokens", 1],
  ["max_tokens", 2.0],
  ["temperature", 0],
  ["temperature", 0.0001],
  ["temperature", 2],
  ["seed", null],
  ["seed", undefined],
  ["seed", 0],
  ["seed", 2n ** 53n + 1n],
  ["seed", U64_MAX],
  ["top_p", 0],
  ["top_p", 1],
  ["top_k", 0],
  ["top_k", 1],
  ["top_k", 2 ** 31 - 1],
  ["min_p", 0],
  ["min_p", 1],
  ["repetition_penalty", 0.0001],
  ["repetition_penalty", 2],
  ["stop", []],
  ["stop", ["a", "b", "c", "d"]],
  ["stop", ["x".repeat(100)]],
  ["stop", ["é".repeat(50)]],
  ["unknown_field", { anything: true }],
];

/** Values beyond the edges and of wrong types, with the constraint that the answer names. */
const refused: [field: string, value: unknown, constraint: string, reportedAs?: string][] = [
  ["job_id", undefined, "required"],
  ["job_id", null, "type(string)"],
  ["job_id", 7, "type(string)"],
  ["job_id", "", "non_empty"],
  ["job_id", "x".repeat(257), "length(1..=256)"],
  ["prompt", undefined, "required"],
  ["prompt", ["a"], "type(string)"],
  ["prompt", "", "non_empty"],
  ["prompt", "x".repeat(32_769), "length(1..=32768)"],
  ["max_tokens", 0, "range(1..=2048)"],
  ["max_tokens", -1, "range(1..=2048)"],
  ["max_tokens", 2049, "range(1..=2048)"],
  ["max_tokens", 1.5, "type(integer)"],
  ["max_tokens", "5", "type(integer)"],
  ["max_tokens", null, "type(integer)"],
  ["temperature", -0.1, "range(0.0..=2.0)"],
  ["temperature", 2.1, "range(0.0..=2.0)"],
  ["temperature", "hot", "type(number)"],
  ["seed", -1, `range(0..=${U64_MAX})`],
  ["seed", U64_MAX + 1n, `range(0..=${U64_MAX})`],
  ["seed", 0.5, "type(integer)"],
  ["seed", "42", "type(integer)"],
  ["top_p", -0.01, "range(0.0..=1.0)"],
  ["top_p", 1.01, "range(0.0..=1.0)"],
  ["top_p", true, "type(number)"],
  ["top_k", -1, "range(0..=2147483647)"],
  ["top_k", 2 ** 31, "range(0..=2147483647)"],
  ["top_k", 1.5, "type(integer)"],
  ["min_p", -0.01, "range(0.0..=1.0)"],
  ["min_p", 1.01, "range(0.0..=1.0)"],
  ["repetition_penalty", 0, "range(0.0<..=2.0)"],
  ["repetition_penalty", -1, "range(0.0<..=2.0)"],
  ["repetition_penalty", 2.01, "range(0.0<..=2.0)"],
  ["stop", "}", "type(array)"],
  ["stop", ["a", "b", "c", "d", "e"], "max_count(4)"],
  ["stop", ["ok", ""], "non_empty", "stop[1]"],
  ["stop", ["ok", "fine", 3], "type(string)", "stop[2]"],
  ["stop", ["x".repeat(101)], "max_bytes(100)", "stop[0]"],
  ["stop", ["é".repeat(51)], "max_bytes(100)", "stop[0]"],
];

describeEngines((engine) => {
  const worker = useWorker(() => engine.start());

  async function errorsOf(body: ExecuteBody): Promise<FieldError[]> {
    const response = await worker().execute(body);
    expect(response.status).toBe(400);
    return ((await response.json()) as { errors: FieldError[] }).errors;
  }

  test.each(accepted)("%s: %o is accepted", async (field, value) => {
    const { outcome } = await collectStream(await worker().execute(makeBody({ [field]: value })));

    expect(outcome.status).toBe("complete");
  });

  test.each(refused)("%s: %o is rejected as %s", async (...[field, value, constraint, reportedAs = field]) => {
    const errors = await errorsOf(makeBody({ [field]: value }));

    expect(errors).toEqual([expect.objectContaining({ field: reportedAs, constraint })]);
    expect(errors[0]?.message).toContain(reportedAs);
  });

  test("prompt length is in code points: 32,768 emoji are not too long", async () => {
    const response = await worker().execute(makeBody({ prompt: "😀".repeat(32_768) }));
    const body = response.status === 200 ? "" : await response.text();
    response.abort();

    expect(body).not.toContain("length(");
    expect(response.status === 200 || body.includes("CONTEXT_OVERFLOW")).toBe(true);
  });

  test("all errors are reported at once, in the order of the protocol's table", async () => {
    const errors = await errorsOf({
      stop: [1, "", "ok"],
      repetition_penalty: 3,
      min_p: 2,
      top_k: -1,
      top_p: 2,
      seed: -1,
      temperature: 3,
      max_tokens: 0,
      prompt: "",
    });

    expect(errors.map((error) => error.field)).toEqual([
      ...["job_id", "prompt", "max_tokens", "temperature", "seed", "top_p", "top_k", "min_p", "repetition_penalty"],
      ...["stop[0]", "stop[1]"],
    ]);
  });

  test("the value is repeated, except for prompt and stop", async () => {
    const errors = await errorsOf(makeBody({ prompt: 12_345, max_tokens: 0, temperature: "hot", stop: [67_890] }));

    expect(errors).toMatchObject([{ field: "prompt" }, { value: 0 }, { value: "hot" }, { field: "stop[0]" }]);
    expect(errors[0]).not.toHaveProperty("value");
    expect(errors[3]).not.toHaveProperty("value");
    expect(JSON.stringify(errors)).not.toMatch(/12345|67890/);
  });

  test("a rejected request is not a job: the worker stays idle and the id is free", async () => {
    const body = makeBody({ temperature: 9 });
    await waitForIdle(worker()); // a job of an earlier test may still leave its slot
    await errorsOf(body);

    expect((await worker().health()).slots).toMatchObject({ busy: 0, queued: 0 });
    const { outcome } = await collectStream(await worker().execute({ ...body, temperature: 1 }));
    expect(outcome.status).toBe("complete");
  });
});

describe("bodies that are not requests", () => {
  const worker = useWorker(() => stubEngine.start());
  const json = { "content-type": "application/json" };

  async function post(body: string | Uint8Array, headers: Record<string, string> = json) {
    const response = await worker().request("/execute", { method: "POST", headers, body });
    return { status: response.status, body: await response.json() };
  }

  const notJson: [name: string, body: string | Uint8Array][] = [
    ["nothing", ""],
    ["half an object", '{"job_id":'],
    ["a text", "Hello"],
    ["a JSON string", '"Hello"'],
    ["a JSON array", "[]"],
    ["null", "null"],
    ["a number", "42"],
    ["two objects", "{}{}"],
    ["a trailing comma", '{"job_id":"a",}'],
    ["NaN", '{"temperature":NaN}'],
    ["bytes that are no UTF-8", Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d)],
    ["a hundred thousand brackets", "[".repeat(100_000)],
  ];

  test.each(notJson)("%s is 400 INVALID_REQUEST", async (_name, body) => {
    expect(await post(body)).toMatchObject({ status: 400, body: { code: "INVALID_REQUEST", retriable: false } });
  });

  test("a deeply nested object is rejected for its missing fields", async () => {
    const answer = await post('{"a":'.repeat(50_000) + "1" + "}".repeat(50_000));

    expect(answer.status).toBe(400);
  });

  test("an empty object is a request with two errors", async () => {
    const fields = {
      errors: [
        { field: "job_id", constraint: "required" },
        { field: "prompt", constraint: "required" },
      ],
    };

    expect(await post("{}")).toMatchObject({ status: 400, body: fields });
  });

  test.each([undefined, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"])(
    "content type %s is 415",
    async (type) => {
      const answer = await post("{}", type === undefined ? {} : { "content-type": type });

      expect(answer).toMatchObject({ status: 415, body: { code: "UNSUPPORTED_MEDIA_TYPE" } });
    },
  );

  test("the content type may have a charset and be in upper case", async () => {
    const answer = await post("{}", { "content-type": "Application/JSON; charset=UTF-8" });

    expect(answer.status).toBe(400);
  });

  test("a body of 1 MiB is read, one byte more is 413", async () => {
    const size = REQUEST_LIMITS.maxBodyBytes;
    const limit = await post("{}".padEnd(size));
    const above = await post("{}".padEnd(size + 1));

    expect(limit).toMatchObject({ status: 400, body: { errors: [{ field: "job_id" }, { field: "prompt" }] } });
    expect(above).toMatchObject({ status: 413, body: { code: "PAYLOAD_TOO_LARGE" } });
  });

  test("afterwards the worker is healthy and works", async () => {
    const { outcome } = await collectStream(await worker().execute(makeBody()));

    expect(outcome.status).toBe("complete");
  });
});

describe("--max-tokens-out", () => {
  const worker = useWorker(() => stubEngine.start({ maxTokensOut: 7 }));

  test("is the upper limit of max_tokens, and its default", async () => {
    const above = await worker().execute(makeBody({ max_tokens: 8 }));
    const { terminal } = await collectStream(await worker().execute(makeBody({ max_tokens: undefined })));

    expect(await above.json()).toMatchObject({
      errors: [{ field: "max_tokens", constraint: "range(1..=7)", value: 8 }],
    });
    expect(terminal).toMatchObject({ type: "end", tokens_out: 7 });
  });
});
