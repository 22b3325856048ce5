// The run of `hostile-worker.matrix.test.ts`: tests that fail on purpose, in a Vitest of their own.
export default { test: { include: ["*.case.mjs"], pool: "forks", maxWorkers: 1 } };
