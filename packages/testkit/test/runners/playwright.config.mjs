// The run of `runners.test.ts`: tests that fail on purpose.
export default { testMatch: "waits.spec.mjs", reporter: "line", workers: 1, outputDir: process.env.OUTPUT_FOLDER };
