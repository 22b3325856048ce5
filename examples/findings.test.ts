// #region allow
import { expect, test } from "vitest";
import { assertStreamed, collectStream, makeTestRequest, WorkerTestHarness } from "inference-testkit";

const STUBBORN = `
  process.on("SIGTERM", () => undefined);
  require("node:http").createServer((_, response) => response.end("{}")).listen(process.argv[1], "127.0.0.1");
`;

test("a server whose shutdown is known to be broken", async () => {
  const worker = await WorkerTestHarness.launch({
    command: process.execPath,
    args: ["-e", STUBBORN, "{port}"],
    ready: { kind: "http", path: "/" },
    dialect: "openai-chat",
    stopGraceMs: 300,
    allow: ["SIGTERM_IGNORED"],
  });

  const report = await worker.stop(); // without `allow`: FINDINGS_NOT_ALLOWED

  expect(report?.findings).toMatchObject([{ code: "SIGTERM_IGNORED", status: "allowed" }]);
});
// #endregion

// #region streamed
test("tokens arrive while the rest is generated", async () => {
  await using worker = await WorkerTestHarness.startMock({ stub: { timing: { itlMs: 10 } } });

  assertStreamed(await collectStream(await worker.execute(makeTestRequest("job-1", "Hello", 32))));
});
// #endregion
