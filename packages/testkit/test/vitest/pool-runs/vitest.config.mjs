// The runs of `pools.test.ts`, in a Vitest of their own: several files, each in a process of its own.
export default {
  test: {
    include: ["*.case.mjs"],
    pool: "forks",
    maxWorkers: 2,
    globalSetup: ["inference-testkit/vitest/run"],
    provide: { workerPool: { scope: "run" } },
  },
};
