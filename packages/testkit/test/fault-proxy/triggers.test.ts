import { FaultProxy } from "inference-testkit/faults";
import { expect, test } from "vitest";
import { rejectionOf } from "../../../../tests/support/conditions.js";
import { breakOn, runJob, tokenCountOf, useStub } from "./support.js";

const worker = useStub({ content: "counter" });

/** Which of some jobs one after the other do not complete, by their number from 1. */
async function brokenOf(proxy: FaultProxy, count: number, name = "job"): Promise<number[]> {
  const broken: number[] = [];
  for (let number = 1; number <= count; number++) {
    const { status } = await runJob(proxy.worker, { jobId: `${name}-${number}` });
    if (status !== "complete") broken.push(number);
  }
  return broken;
}

test.each([
  ["nth", { nth: 3 }, [3]],
  ["first", { first: 2 }, [1, 2]],
  ["every", { every: 3 }, [3, 6]],
  ["always", "always", [1, 2, 3, 4, 5, 6]],
] as const)("%s counts requests, even on the same connection", async (_, when, expected) => {
  await using proxy = await breakOn(worker(), { id: "clean-end", when });

  expect(await brokenOf(proxy, 6)).toEqual(expected);
});

test("times limits how often it fires", async () => {
  await using proxy = await breakOn(worker(), { id: "clean-end", times: 2 });

  expect(await brokenOf(proxy, 4)).toEqual([1, 2]);
  expect(proxy.faults.accounts()).toMatchObject([{ matched: 2, fired: 2, skipped: 2 }]);
});

test("a probability depends on the seed and the job", async () => {
  const fault = { id: "clean-end", when: { p: 0.5 } } as const;
  const run = async (seed: number) => {
    await using proxy = await FaultProxy.inFrontOf(worker(), { seed, faults: [fault] });
    return await brokenOf(proxy, 20);
  };
  const first = await run(1);

  expect(await run(1)).toEqual(first);
  expect(await run(2)).not.toEqual(first);
  expect(first.length).toBeGreaterThan(2);
  expect(first.length).toBeLessThan(18);
});

test("a job id selects the job, with * as a wildcard", async () => {
  await using proxy = await breakOn(
    worker(),
    { id: "clean-end", match: { jobId: "job-2" } },
    { id: "fin", match: { jobId: "*-4" } },
  );

  expect(await brokenOf(proxy, 5)).toEqual([2, 4]);
  expect(proxy.faults.accounts()).toMatchObject([
    { key: "clean-end#1", matched: 1, fired: 1, skipped: 0 },
    { key: "fin#1", matched: 1, fired: 1, skipped: 0 },
  ]);
});

test("faults apply to /execute unless a path is given", async () => {
  await using proxy = await breakOn(worker(), { id: "status", code: 500, match: { path: "/health" } });

  expect((await rejectionOf(proxy.worker.health())).message).toContain("answered 500");
  expect(await brokenOf(proxy, 1)).toEqual([]);

  proxy.faults.clear();
  proxy.faults.arm([{ id: "status", code: 501 }]);
  expect((await proxy.worker.health()).status).toBe("healthy");
  expect((await runJob(proxy.worker)).message).toContain("got HTTP 501");
});

test("a connection fault also counts requests, on kept-alive and new connections", async () => {
  await using proxy = await breakOn(worker(), { id: "accept-then-rst", when: { nth: 3 } });

  expect(await brokenOf(proxy, 5)).toEqual([3]);
});

test("several faults can happen in one request", async () => {
  await using proxy = await breakOn(
    worker(),
    { id: "crlf" },
    { id: "bom" },
    { id: "drip", bytes: 7, everyMs: 0 },
    { id: "clean-end", at: { afterTokens: 4 } },
  );
  const { status, stream } = await runJob(proxy.worker);

  expect(status).toBe("truncated");
  expect(tokenCountOf(stream)).toBe(4);
  expect(proxy.faults.accounts().map(({ fired }) => fired)).toEqual([1, 1, 1, 1]);
});

test.each([
  [[{ id: "nonsense" }], "faults[0].id"],
  [[{ id: "rst" }, { id: "vram-oom" }], "`vram-oom` needs the stub"],
  [[{ id: "rst", at: { afterTokens: -1 } }], "faults[0].at"],
  [[{ id: "rst", spelt: "wrong" }], "`faults[0].spelt` is not a parameter"],
  [[{ id: "status", code: 99 }], "faults[0].code"],
  [[{ id: "status", code: 200 }], "faults[0].code"],
  [[{ id: "redirect", location: "/a\r\nx: y" }], "`faults[0].location`: Expected text that is valid in a header"],
  [[{ id: "wrong-content-type", type: "" }], "`faults[0].type`: Expected text that is valid in a header"],
  [[{ id: "garbage", text: "" }], "faults[0].text"],
  [[{ id: "refuse", match: { path: "/execute" } }], "`faults[0].match` to be left out"],
  ["rst", "Expected `faults` to be an array"],
])("%j is rejected, and nothing is armed", async (faults, text) => {
  await using proxy = await FaultProxy.inFrontOf(worker());
  const arm = () => proxy.faults.arm(faults as never);

  expect(arm).toThrow("INVALID_OPTION");
  expect(arm).toThrow(text);
  expect(proxy.faults.accounts()).toEqual([]);
  await expect(FaultProxy.inFrontOf(worker(), { faults: faults as never })).rejects.toThrow(text);
});

test.each([
  ["no address", "where", {}],
  ["TLS", "https://127.0.0.1:1", {}],
  ["a misspelled option", "http://127.0.0.1:1", { sed: 1 }],
  ["a seed out of range", "http://127.0.0.1:1", { seed: -1 }],
])("%s is INVALID_OPTION", async (_, target, options) => {
  expect((await rejectionOf(FaultProxy.inFrontOf(target, options as never))).message).toContain("INVALID_OPTION");
});

test.each(["rst#1", null, undefined, {}, { keys: ["rst#1"] }, ["rst#2"], ["rst#1", "rst#2"]])(
  "disarming %j is INVALID_OPTION, and disarms nothing",
  async (keys) => {
    await using proxy = await FaultProxy.inFrontOf(worker(), { faults: [{ id: "rst", at: { afterTokens: 1 } }] });

    expect(() => proxy.faults.disarm(keys as never)).toThrow("INVALID_OPTION");
    expect((await runJob(proxy.worker)).status).toBe("transport-error");
  },
);

test("a stopped proxy accepts no more faults, because their check is over", async () => {
  const proxy = await FaultProxy.inFrontOf(worker());
  await proxy.stop();

  expect(() => proxy.faults.arm([{ id: "rst" }])).toThrow("Expected a proxy that was not stopped for `faults.arm()`");
});
