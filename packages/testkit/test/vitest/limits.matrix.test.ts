import { expect, test } from "vitest";
import { runVitest } from "./run-vitest.js";

const TIMEOUT_MS = 180_000;
const LIMIT = "The limit of the test, 6000 ms \\(Vitest\\), was about to pass after \\d+ ms of waiting for ";

test(
  "every wait for a worker ends before Vitest ends the test, and says what it was",
  { timeout: TIMEOUT_MS },
  async () => {
    const { output } = await runVitest("limit-runs", { filters: ["waits"] }).ended;
    const limit = (wait: string) => new RegExp(`\\[TEST_TIMEOUT\\] ${LIMIT}${wait}`);

    expect(output).not.toContain("Test timed out");
    expect(output).toMatch(/Tests +7 failed \(7\)/);
    expect(output).toMatch(limit("the worker to be ready: status 200 from http"));
    expect(output).toMatch(limit("the headers of the answer to POST http"));
    expect(output).toMatch(limit("the worker to be idle: 1 busy, 0 queued"));
    expect(output).toMatch(limit("the end of the worker process"));
    const stream = (wait: string) =>
      new RegExp(`\\[TEST_TIMEOUT\\] The stream failed after .*: ${LIMIT.replace("The", "the")}${wait}`);
    expect(output).toMatch(stream("the first token"));
    expect(output).toMatch(stream("the next token"));
    expect(output).toMatch(/Error: transport-error: \[TEST_TIMEOUT\] The limit of the test/);
    expect(output).toMatch(/last \d+ log lines of the worker:\n {2}\| .*"event":"startup"/);
  },
);
