// The runs of `limits.test.ts` and `limits.matrix.test.ts`: tests that wait too long, in a Vitest of their own.
export default {
  test: {
    include: ["*.case.mjs"],
    pool: "forks",
    maxWorkers: 1,
    testTimeout: 6000,
    provide: JSON.parse(process.env.PROVIDE ?? "{}"),
  },
};
