// The runs of `pools.matrix.test.ts` in which a process is killed.
export default {
  test: {
    include: ["*.case.mjs"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    globalSetup: ["inference-testkit/vitest/run"],
    provide: { workerPool: { scope: "run" } },
  },
};
