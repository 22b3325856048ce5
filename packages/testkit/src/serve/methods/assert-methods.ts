import { STOP_REASONS } from "inference-worker-protocol";
import type { WorkerFaultSpec } from "../../faults/index.js";
import {
  assertEventOrder,
  assertStopReason,
  assertStreamed,
  assertSuccessfulCompletion,
  assertTokenCount,
  extractEndEvent,
  extractText,
  extractTokens,
  type CollectedStream,
  type ExpectedTokenCount,
} from "../../events/index.js";
import { assertAllOk, assertCancelled, assertOutcomes } from "../../jobs/index.js";
import { assertNoLeak, type LeakAssertOptions, type LeakRunOptions } from "../../memory/index.js";
import { custom, durationMs, flag, isRecord, oneOf, required, text, withDefault } from "../../options/index.js";
import { assertRecovers } from "../../recovery/index.js";
import { defineMethod, param, type Method } from "../method.js";
import { buildTestRequest, cancelResult, events, handle, judge, outcomes } from "../values.js";

const input = param("events, or a collected stream", events());
const anything = custom<unknown>("a value", () => true);
const record = custom<Readonly<Record<string, unknown>>>("an object", isRecord);

/** The assertions, by their names in the framework. `assert` runs them. */
export const ASSERTIONS = {
  assertSuccessfulCompletion: defineMethod({
    summary: "The job completed.",
    params: { events: input },
    result: "`null`",
    run: (_, params) => assertSuccessfulCompletion(params.events),
  }),
  assertEventOrder: defineMethod({
    summary: "The events are in the order of the protocol.",
    params: { events: input },
    result: "`null`",
    run: (_, params) => assertEventOrder(params.events),
  }),
  assertTokenCount: defineMethod({
    summary: "The number of token events is exact, or within bounds.",
    params: { events: input, expected: param("a count, or `{ min?, max? }`", required(anything)) },
    result: "`null`",
    run: (_, params) => assertTokenCount(params.events, params.expected as ExpectedTokenCount),
  }),
  assertStopReason: defineMethod({
    summary: "The job stopped for that reason, and at that stop sequence.",
    params: {
      events: input,
      reason: param("the reason", required(oneOf(STOP_REASONS))),
      sequence: param("the stop sequence that must be reported as matched", text()),
    },
    result: "`null`",
    run: (_, { events: given, reason, sequence }) => assertStopReason(given, reason, { sequence }),
  }),
  assertStreamed: defineMethod({
    summary: "The tokens arrived over the time of their generation.",
    params: { stream: param("a collected stream", events()) },
    result: "`null`",
    run: (_, params) =>
      judge("params.stream", () => {
        assertStreamed(params.stream as CollectedStream);
      }),
  }),
  assertAllOk: defineMethod({
    summary: "Every job is `ok`.",
    params: { outcomes: param("of `worker.executeAll`", outcomes()) },
    result: "`null`",
    run: (_, params) =>
      judge("params.outcomes", () => {
        assertAllOk(params.outcomes);
      }),
  }),
  assertOutcomes: defineMethod({
    summary: "The jobs ended with exactly these statuses.",
    params: {
      outcomes: param("of `worker.executeAll`", outcomes()),
      expected: param("the number of jobs for each status", required(record)),
    },
    result: "`null`",
    run: (_, params) =>
      judge("params.outcomes", () => {
        assertOutcomes(params.outcomes, params.expected);
      }),
  }),
  assertCancelled: defineMethod({
    summary: "The job was cancelled, not too late, and within the limits.",
    params: {
      result: param("of `response.cancelAfter`", cancelResult()),
      expected: param("`{ withinMs?, tokensAfter? }`", withDefault(record, {})),
    },
    result: "`null`",
    run: (_, params) =>
      judge("params.result", () => {
        assertCancelled(params.result, params.expected);
      }),
  }),
  assertRecovers: defineMethod({
    summary: "Breaks a worker with a fault and checks that it serves again in time.",
    params: {
      worker: param("a worker", handle()),
      fault: param(
        "an entry of the [fault catalogue](faults.md)",
        required(custom<WorkerFaultSpec>("a fault", isRecord)),
      ),
      withinMs: param(
        "maximum time from the fault to the end of the first successful job, in ms",
        required(durationMs()),
      ),
      restart: param("whether the worker is restarted after the fault", withDefault(flag(), false)),
      testRequest: param("the job: `{ jobId, prompt, maxTokens, overrides? }`", record),
    },
    result: "`{ recoveredAfterMs, attempts, faultOutcome }`",
    run: (call, { worker, fault, withinMs, restart, testRequest }) => {
      const harness = call.state.workers.get("params.worker", worker);
      const request = testRequest && buildTestRequest("params.testRequest", testRequest);
      const recover = restart ? () => harness.restart({ signal: call.signal }) : undefined;
      return assertRecovers(harness, fault, { withinMs, recover, request });
    },
  }),
  assertNoLeak: defineMethod({
    summary: "Runs jobs one at a time and fails if the memory of the worker grows with them.",
    params: {
      worker: param("a worker", handle()),
      options: param("those of `assertNoLeak()`, such as `cycles`", withDefault(record, {})),
    },
    result: "`{ verdicts }`",
    run: async (call, { worker, options }) => {
      const harness = call.state.workers.get("params.worker", worker);
      const given: LeakRunOptions & LeakAssertOptions = { ...options, signal: call.signal };
      return { verdicts: (await assertNoLeak(harness, given)).verdicts };
    },
  }),
} as const;

const EXTRACTIONS = { extractTokens, extractText, extractEndEvent } as const;

/** The method that runs an assertion, and those that read events. */
export const ASSERT_METHODS: Readonly<Record<string, Method>> = {
  assert: {
    summary: "Runs one of the [assertions](#assertions); fails with its error.",
    params: { name: param("the assertion", required(text({ filled: true }))) },
    result: "what the assertion returns, mostly `null`",
    run: (call, params) => runAssertion(call, params),
  },
  extract: defineMethod({
    summary: "Reads the texts of the tokens, the whole answer, or the end event.",
    params: {
      name: param("which", required(oneOf(["extractTokens", "extractText", "extractEndEvent"]))),
      events: input,
      channel: param(
        "`answer` or `reasoning`, for `extractText`",
        withDefault(oneOf(["answer", "reasoning"]), "answer"),
      ),
    },
    result: "the value",
    run: (_, { name, events: given, channel }) =>
      name === "extractText" ? extractText(given, { channel }) : EXTRACTIONS[name](given),
  }),
  makeTestRequest: defineMethod({
    summary: "The full body of a test request, to be changed and sent.",
    params: { testRequest: param("`{ jobId, prompt, maxTokens, overrides? }`", required(record)) },
    result: "the request",
    run: (_, { testRequest }) => buildTestRequest("params.testRequest", testRequest),
  }),
};

/** The other params are those of the assertion. */
const runAssertion: Method["run"] = (call, params) => {
  const { name, ...others } = isRecord(params) ? params : { name: undefined };
  const names = Object.keys(ASSERTIONS);
  oneOf(names).read("params.name", name);
  return ASSERTIONS[name as keyof typeof ASSERTIONS].run(call, others);
};
