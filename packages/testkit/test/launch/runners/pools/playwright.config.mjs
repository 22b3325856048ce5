export default {
  testMatch: "*.playwright.mjs",
  workers: 2,
  timeout: 120_000,
  reporter: "dot",
  outputDir: `${process.env.TMPDIR}/results`,
};
