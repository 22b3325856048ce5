// The runs of `pools.matrix.test.ts`, in a Vitest of their own: several files, each in a process of its own.
// #region run-pool
export default {
  test: {
    globalSetup: ["inference-testkit/vitest/run"], // owns the workers of the run
    provide: { workerPool: { scope: "run" } }, // for every file; test.override({ workerPool: … }) changes it for one
    // #endregion
    include: ["*.case.mjs"],
    pool: "forks",
    maxWorkers: 2,
  },
};
