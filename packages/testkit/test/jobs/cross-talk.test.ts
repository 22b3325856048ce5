import { describe, expect, test } from "vitest";
import { Tracer } from "../../src/jobs/cross-talk.js";
import type { JobOutcome } from "../../src/jobs/job-outcome.js";
import type { JobPlan } from "../../src/jobs/job-plan.js";
import { judgeStream } from "../../src/jobs/judge-stream.js";
import { end, started, token } from "../events/support.js";
import { anyRequest, facts, streamOf } from "./support.js";

const HEADER = "x-correlation-id";
const plans: readonly JobPlan[] = [
  { request: { job_id: "job-1", prompt: "first" } },
  { request: { job_id: "job-2", prompt: "second" } },
  { request: { prompt: "third" } },
];

/** A tracer, and each plan as it is sent. */
function mark(usesNonces = false) {
  const tracer = new Tracer(plans, usesNonces);
  return { tracer, sent: plans.map((plan, index) => tracer.mark(index, plan)) };
}

/** A good answer to one of the plans, with this text. */
async function answerTo(index: number, correlationId: string, text = "t0"): Promise<JobOutcome> {
  const stream = await streamOf([started, token(0, text), end({ tokens_out: 1 })]);
  const jobId = plans[index]!.request["job_id"] as string | undefined;
  return judgeStream({ ...facts, index, jobId, correlationId }, stream, anyRequest);
}

const echo = (correlationId: string | undefined) => ({ correlationId });

describe("mark()", () => {
  test("gives each request a fresh correlation id", () => {
    const { sent } = mark();

    expect(new Set(sent.map(({ correlationId }) => correlationId)).size).toBe(3);
    for (const { correlationId, headers } of sent) expect(headers).toEqual({ [HEADER]: correlationId });
  });

  test("keeps a plan's correlation id and headers, in lower case", () => {
    const headers = { "X-A": "1", "X-Correlation-Id": "own", "x-b": undefined } as unknown as JobPlan["headers"];

    expect(new Tracer([], false).mark(0, { request: {}, headers })).toStrictEqual({
      request: {},
      headers: { "x-a": "1", [HEADER]: "own" },
      correlationId: "own",
    });
  });

  test("leaves the prompt alone unless nonces are requested", () => {
    expect(mark().sent.map(({ request }) => request)).toEqual(plans.map(({ request }) => request));
  });

  test("appends a unique nonce to every text prompt", () => {
    const prompts = mark(true).sent.map(({ request }) => request["prompt"]);

    expect(prompts[0]).toMatch(/^first nonce-[0-9a-f]{16}$/);
    expect(prompts[1]).toMatch(/^second nonce-[0-9a-f]{16}$/);
    expect(new Set(prompts.map((prompt) => String(prompt).split(" ")[1])).size).toBe(3);
    expect(new Tracer([], true).mark(0, { request: { prompt: 7 } }).request).toEqual({ prompt: 7 });
  });
});

describe("checkHeader()", () => {
  test("the correlation id of another request is cross-talk", async () => {
    const { tracer, sent } = mark();
    const outcome = await answerTo(0, sent[0]!.correlationId);

    expect(tracer.checkHeader(outcome, echo(sent[1]!.correlationId))).toEqual({
      ...facts,
      correlationId: sent[0]!.correlationId,
      stream: outcome.stream,
      status: "cross-talk",
      otherJobId: "job-2",
      message: 'the answer to job "job-1" belongs to job "job-2": it carries the correlation id of that job',
    });
  });

  test("jobs without an id are named by their number", async () => {
    const { tracer, sent } = mark();
    const outcome = await answerTo(2, sent[2]!.correlationId);

    expect(tracer.checkHeader(outcome, echo(sent[0]!.correlationId))).toMatchObject({
      otherJobId: "job-1",
      message: expect.stringContaining('the answer to job number 2 belongs to job "job-1"') as string,
    });
    const other = await answerTo(0, sent[0]!.correlationId);
    expect(tracer.checkHeader(other, echo(sent[2]!.correlationId))).toMatchObject({
      status: "cross-talk",
      otherJobId: undefined,
      message: expect.stringContaining('the answer to job "job-1" belongs to job number 2') as string,
    });
  });

  test("its own id, no id, or an id that the worker made up is not cross-talk", async () => {
    const { tracer, sent } = mark();
    const outcome = await answerTo(0, sent[0]!.correlationId);

    for (const id of [sent[0]!.correlationId, undefined, "made up"])
      expect(tracer.checkHeader(outcome, echo(id))).toBe(outcome);
  });

  test("an id that two plans share is not proof of cross-talk", async () => {
    const headers = { [HEADER]: "shared" };
    const shared = [0, 1].map((index) => ({ ...plans[index]!, headers }));
    const tracer = new Tracer(shared, false);
    shared.forEach((plan, index) => tracer.mark(index, plan));
    const outcome = await answerTo(0, "shared");

    expect(tracer.checkHeader(outcome, echo("shared"))).toBe(outcome);
  });
});

describe("checkNonces()", () => {
  const nonceOf = (sent: ReturnType<typeof mark>["sent"], index: number) =>
    String(sent[index]!.request["prompt"]).split(" ")[1]!;

  test("the nonce of another request in a text is cross-talk, even after its own", async () => {
    const { tracer, sent } = mark(true);
    const [own, other] = [nonceOf(sent, 0), nonceOf(sent, 1)];
    const outcome = await answerTo(0, "id", `Repeat: ${own} and ${other}.`);

    expect(tracer.checkNonces([outcome])).toMatchObject([
      {
        status: "cross-talk",
        jobId: "job-1",
        otherJobId: "job-2",
        message: 'the answer to job "job-1" belongs to job "job-2": its text contains the nonce of that job',
      },
    ]);
  });

  test("its own nonce, an unknown nonce, and a job without a stream are not cross-talk", async () => {
    const { tracer, sent } = mark(true);
    const own = await answerTo(0, "id", `${nonceOf(sent, 0)} nonce-0123456789abcdef`);
    const plain = await answerTo(1, "id");
    const { stream: _, ...unanswered } = { ...own, status: "transport-error", message: "refused" } as const;

    const checked = tracer.checkNonces([own, plain, unanswered]);

    expect(checked[0]).toBe(own);
    expect(checked[1]).toBe(plain);
    expect(checked[2]).toBe(unanswered);
  });

  test("without nonces, no text is searched", async () => {
    const { tracer } = mark();
    const outcome = await answerTo(0, "id", "nonce-0123456789abcdef");

    expect(tracer.checkNonces([outcome])).toEqual([outcome]);
  });

  test("a job with an unknown plan is named by its number", async () => {
    const tracer = new Tracer([], true);
    const { request } = tracer.mark(5, { request: { prompt: "x" } });
    const outcome = await answerTo(0, "id", String(request["prompt"]));

    expect(tracer.checkNonces([outcome])).toMatchObject([
      { otherJobId: undefined, message: expect.stringContaining("belongs to job number 5:") as string },
    ]);
  });
});
