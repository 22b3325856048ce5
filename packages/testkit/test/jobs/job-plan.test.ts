import { describe, expect, test } from "vitest";
import { jobIdOf, resolvePlans, type JobItem } from "../../src/jobs/job-plan.js";
import { messageOf } from "../events/support.js";

const resolve = (...items: readonly unknown[]) => resolvePlans(items as JobItem[], false);
const refusal = (...items: readonly unknown[]) => messageOf(() => resolve(...items));
const cancelAfter = { tokens: 1 };
const disconnectAfter = { tokens: 1, how: "reset" } as const;

describe("resolvePlans()", () => {
  test("wraps a request in a plan, and keeps a plan", () => {
    const request = { job_id: "a", prompt: "Hello" };
    const plan = { request: { job_id: "b" }, cancelAfter, headers: { "x-a": "1" } };

    expect(resolve(request, plan)).toEqual([{ request }, plan]);
    expect(resolve()).toEqual([]);
  });

  test("a request may have any field, even a text field called `request`", () => {
    expect(resolve({ request: "text" })).toEqual([{ request: { request: "text" } }]);
  });

  test("only a cancelled job needs an id", async () => {
    expect(resolve({ request: {} }, { request: {}, disconnectAfter })).toHaveLength(2);
    for (const request of [{}, { job_id: "" }, { job_id: 7 }])
      expect(await refusal({ job_id: "a" }, { request, cancelAfter })).toContain(
        "Expected `requests[1].request.job_id` to be",
      );
  });

  test("a job cannot be cancelled and disconnected", async () => {
    expect(await refusal({ request: { job_id: "a" }, cancelAfter, disconnectAfter })).toContain(
      "Expected `requests[0]` to be cancelled or disconnected, not both, got " +
        "`{ cancelAfter: { tokens: 1 }, disconnectAfter: { tokens: 1, how: 'reset' } }`",
    );
  });

  test.each([
    ["cancelAfter", { prompt: "Hello", cancelAfter }],
    ["disconnectAfter", { prompt: "Hello", disconnectAfter }],
  ])("a `%s` inside the request would have no effect, and is rejected", async (field, item) => {
    const message = await refusal({}, item);

    expect(message).toContain(
      `Expected \`requests[1]\` to have \`${field}\` beside its \`request\`, got it without one`,
    );
    expect(message).toContain(`hint: Write \`{ request: …, ${field}: … }\`.`);
  });

  test("rejects anything else, with its position", async () => {
    expect(await refusal({}, "Hello")).toContain('Expected `requests[1]` to be a request or a plan, got `"Hello"`');
    expect(await refusal({ request: {}, cancelAftr: cancelAfter })).toContain("got `cancelAftr`");
    const one = { prompt: "Hello" } as unknown as JobItem[];
    expect(await messageOf(() => resolvePlans(one, false))).toContain(
      "Expected `requests` to be an array of requests or plans, got `{ prompt: 'Hello' }`",
    );
  });
});

describe("ids", () => {
  test("must be unique; the message names both positions", async () => {
    const message = await refusal({ job_id: "a" }, { job_id: "b" }, { request: { job_id: "a" } });

    expect(message).toContain('[INVALID_OPTION] Expected `requests` to have unique ids, got "a" at 0 and 2');
    expect(message).toContain("hint: Give every request its own `job_id`, or set `allowDuplicateIds: true`");
  });

  test("may be shared on request, or be absent", () => {
    expect(resolvePlans([{ job_id: "a" }, { job_id: "a" }], true)).toHaveLength(2);
    expect(resolve({}, { prompt: "Hello" }, { job_id: 1 }, { job_id: 1 })).toHaveLength(4);
  });

  test("only text is an id", () => {
    expect(jobIdOf({ job_id: "a" })).toBe("a");
    expect(jobIdOf({ job_id: 7 })).toBeUndefined();
    expect(jobIdOf({})).toBeUndefined();
  });
});
