// The run of `runners.matrix.test.ts`: tests that fail on purpose.
export default { testMatch: "waits.spec.mjs", reporter: "line", workers: 1, outputDir: process.env.OUTPUT_FOLDER };
