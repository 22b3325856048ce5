import { describe, expect, test } from "vitest";
import { LOG_LEVELS, Logger, type LogLevel } from "../../src/telemetry/index.js";

function eventsAt(level: LogLevel): unknown[] {
  const lines: string[] = [];
  const logger = new Logger(level, (line) => lines.push(line));
  logger.debug("debug", {});
  logger.info("info", {});
  logger.warn("warn", {});
  logger.contract("error", {});
  return lines.map((line) => (JSON.parse(line) as { event: string }).event);
}

describe("levels", () => {
  test.each<[LogLevel, string[]]>([
    ["error", ["error"]],
    ["warn", ["warn", "error"]],
    ["info", ["info", "warn", "error"]],
    ["debug", ["debug", "info", "warn", "error"]],
  ])("%s", (level, events) => {
    expect(eventsAt(level)).toEqual(events);
  });

  test("are ordered by verbosity", () => {
    expect(LOG_LEVELS).toEqual(["error", "warn", "info", "debug"]);
  });
});

test("a line is one line of JSON, whatever the fields contain; a u64 is exact and undefined is left out", () => {
  const lines: string[] = [];
  const fields = { text: "a\nb\u2028\ud800", seed: 18446744073709551615n, nothing: undefined };
  new Logger("info", (line) => lines.push(line)).info("execute_start", fields);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    /^\{"event":"execute_start","level":"info","time":"[\dT:.-]+Z","text":"a\\nb\u2028\\ud800","seed":18446744073709551615\}\n$/,
  );
});
