// The runs of `reporter.matrix.test.ts`, copied into a folder of their own.
// #region reporter
export default {
  test: {
    reporters: ["default", "inference-testkit/vitest/reporter"],
    // #endregion
    include: ["*.case.mjs"],
    pool: "forks",
  },
};
