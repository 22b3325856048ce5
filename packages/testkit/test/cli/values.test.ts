import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { describe, expect, test, vi } from "vitest";
import { CHECK_FLAGS } from "../../src/cli/check/flags.js";
import { PAGE_FLAGS, SHOW_FLAGS } from "../../src/cli/evidence/flags.js";
import { DEMO_FLAGS } from "../../src/cli/demo/flags.js";
import { addFlags, type FlagTable } from "../../src/cli/flags.js";
import { PULL_FLAGS } from "../../src/cli/models/flags.js";
import { COMPARE_FLAGS, PROFILE_FLAGS, REPORT_FLAGS } from "../../src/cli/runs/flags.js";
import { createTemporaryFolder } from "./run-cli.js";

/** What a command makes of its arguments; its refusal, if it refuses them. */
function parse(table: FlagTable, argv: readonly string[]): Record<string, unknown> {
  let printed = "";
  const command = addFlags(new Command("test"), table)
    .exitOverride()
    .configureOutput({ writeErr: (text) => (printed += text) })
    .action(() => undefined);
  try {
    return command.parse([...argv], { from: "user" }).opts();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { refused: printed, exitCode: error.exitCode };
  }
}

const TABLES = {
  demo: DEMO_FLAGS,
  pull: PULL_FLAGS,
  profile: PROFILE_FLAGS,
  compare: COMPARE_FLAGS,
  report: REPORT_FLAGS,
  check: CHECK_FLAGS,
  "evidence show": SHOW_FLAGS,
  "evidence page": PAGE_FLAGS,
};

/** A wrong value for each flag that takes one, and what it should be; texts that take everything have none. */
const WRONG: Readonly<Record<string, readonly [word: string, wanted: string] | "any text">> = {
  "--ignore-eos": ["sometimes", '"auto", "always" or "never"'],
  "--engine": ["gpu", '"stub", "llama" or "both"'],
  "--gpu-device": ["1.5", "a GPU number, or -1 for the CPU"],
  "--dir": ["", "a string that is not empty"],
  "--url": ["ftp://127.0.0.1", "an http or https address"],
  "--sha256": ["abc", "64 hexadecimal digits"],
  "--stall-timeout": ["1m", "a number from 0.001 to 86400"],
  "--command": ["'open", "close its quotes"],
  "--dialect": ["openai", "one of orcd, openai-chat,"],
  "--header": ["Authorization Bearer", "a header such as 'Name: value'"],
  "--model": ["", "a string that is not empty"],
  "--stub-config": ["fast", "a JSON object, or @ and the path of a file with one"],
  "--shutdown-exit-codes": ["1,,2", "a whole number from 0 to 255"],
  "--parallel": ["0", "a whole number of at least 1"],
  "--rate": ["fast", "a number from 0.000001 to 1000000"],
  "--concurrency": ["100001", "a whole number from 1 to 100000"],
  "--sweep": ["1,2,2", "from 2 to 100 different values"],
  "--sweep-rate": ["5,fast", "a positive number up to 1000000"],
  "--profile": ['["serial"]', "a JSON object, or @ and the path of a file with one"],
  "--ready-timeout": ["30", "a duration such as 500ms, 30s, 5m or 1h, at most 24h"],
  "--duration": ["25h", "a duration such as 500ms, 30s, 5m or 1h, at most 24h"],
  "--requests": ["1e7", "a whole number from 1 to 1000000"],
  "--warmup": ["0", "a whole number from 1 to 1000000"],
  "--prompt": "any text",
  "--prompts": ["/nowhere.jsonl", "a readable file"],
  "--prompt-words": ["uniform:9-5", "a length such as 200, uniform:50-400"],
  "--output-tokens": ["some", "a length such as 200, uniform:50-400"],
  "--prefix-share": ["1", "a number from 0 to 0.99"],
  "--turns": ["0", "a whole number from 1 to 1000"],
  "--max-tokens": ["-1", "a whole number of at least 1"],
  "--client-threads": ["65", "a whole number from 1 to 64"],
  "--seed": ["x", "a whole number"],
  "--limits": ["/nowhere.json", "a readable file"],
  "--baseline": ["", "a string that is not empty"],
  "--tolerance": ["-0.1", "a number from 0 to 1000000"],
  "--error-tolerance": ["1.1", "a number from 0 to 1"],
  "--title": "any text",
  "--out": ["", "a string that is not empty"],
  "--allow": ["cpu,colour", "Expected `--allow` to be "], // facts of a machine, or codes of findings
  "--level": ["fast", '"smoke", "standard" or "full"'],
  "--only": ["stop,,", "a string that is not empty"],
  "--skip": ["stop.a", "the id of a check, =, and the reason"],
  "--declare": ["/nowhere.json", "a readable file"],
  "--slow": ["0.5", "a number from 1 to 1000"],
  "--export": ["otlp=collector", "prometheus=<file>, or otlp=<address of a collector>"],
  "--junit": ["", "a string that is not empty"],
  "--from": ["", "a string that is not empty"],
};

describe.each(Object.entries(TABLES))("%s", (_, table: FlagTable) => {
  const names = Object.values(table).filter(({ flags }) => flags.includes("<"));

  test.each(names.map(({ flags }) => flags.split(" ")[0]!))("%s rejects an invalid value with exit code 2", (name) => {
    const wrong = WRONG[name];
    expect(wrong, `a wrong value for ${name} in this table`).toBeDefined();
    if (wrong === undefined || wrong === "any text") return;
    const [word, wanted] = wrong;
    const { refused, exitCode } = parse(table, [`${name}=${word}`]);
    expect(refused).toMatch(new RegExp(`^error: .*\\\`${name}`));
    expect(refused).toContain(wanted);
    expect(exitCode).toBe(2);
  });
});

describe("--header", () => {
  const headersOf = (...lines: string[]) =>
    parse(CHECK_FLAGS, ["--url", "http://127.0.0.1:1", ...lines.flatMap((line) => ["--header", line])]);

  test("reads variables of the environment, and may be repeated", () => {
    vi.stubEnv("VALUES_TEST_KEY", "key-of-values-test");
    const given = headersOf(
      "X-One: Bearer $VALUES_TEST_KEY",
      "X-Two: a-${VALUES_TEST_KEY}-b",
      "X-Three: five $$ or $5",
    );
    vi.unstubAllEnvs();

    expect(given["header"]).toEqual([
      ["X-One", "Bearer key-of-values-test"],
      ["X-Two", "a-key-of-values-test-b"],
      ["X-Three", "five $ or $5"],
    ]);
  });

  test.each([
    ["X-Key: $NO_SUCH_VARIABLE_HERE", "got `$NO_SUCH_VARIABLE_HERE`, which is not"],
    ["Host: secret-value-1", "without `Host`"],
    ["X-Key: secret-value-1\r\nX-Other: 1", "one with a line break"],
    ["X-Key:", "a value that is not empty"],
    ["secret-value-1", "a header such as 'Name: value'"],
  ])("%j is refused without its value", (line, reason) => {
    const { refused, exitCode } = headersOf(line);

    expect(refused).toContain(reason);
    expect(refused).not.toContain("secret-value");
    expect(exitCode).toBe(2);
  });
});

describe("values", () => {
  test.each([
    ["500ms", 500],
    ["30s", 30_000],
    ["2m", 120_000],
    ["1.5h", 5_400_000],
  ])("--duration %s is %d ms", (word, durationMs) => {
    expect(parse(PROFILE_FLAGS, ["--duration", word])["duration"]).toBe(durationMs);
  });

  test("--warmup accepts a number of requests or a duration", () => {
    expect(parse(PROFILE_FLAGS, ["--warmup", "10"])["warmup"]).toEqual({ count: 10 });
    expect(parse(PROFILE_FLAGS, ["--warmup", "10s"])["warmup"]).toEqual({ durationMs: 10_000 });
  });

  test("lists, numbers and command lines are parsed", () => {
    const argv = ["--command", "./worker 'a b'", "--shutdown-exit-codes", "1, 143", "--seed", "18446744073709551615"];
    expect(parse(PROFILE_FLAGS, argv)).toMatchObject({
      command: { line: "./worker 'a b'", words: ["./worker", "a b"] },
      shutdownExitCodes: [1, 143],
      seed: 18446744073709551615n,
      checkPortOwner: true,
    });
    expect(parse(PROFILE_FLAGS, [])["memory"]).toBeUndefined();
    expect(parse(PROFILE_FLAGS, ["--memory"])["memory"]).toBe(true);
    expect(parse(PROFILE_FLAGS, ["--sweep", "1, 2,4"])["sweep"]).toEqual([1, 2, 4]);
    expect(parse(PROFILE_FLAGS, ["--no-memory"])["memory"]).toBe(false);
    expect(parse(COMPARE_FLAGS, ["--allow", "cpu, gpu"])["allow"]).toEqual(["cpu", "gpu"]);
  });

  test("--profile accepts JSON, or @ and a file containing it", () => {
    const path = join(createTemporaryFolder(), "profile.json");
    writeFileSync(path, '{"kind":"burst","size":3}');
    expect(parse(PROFILE_FLAGS, ["--profile", `@${path}`])["profile"]).toEqual({ kind: "burst", size: 3 });
    writeFileSync(path, "{");
    expect(parse(PROFILE_FLAGS, ["--profile", `@${path}`])["refused"]).toContain("`--profile` to be valid JSON");
    writeFileSync(path, "[]");
    expect(parse(PROFILE_FLAGS, ["--profile", `@${path}`])["refused"]).toContain("`--profile` to be a JSON object");
  });

  test("--limits accepts limits and an SLO; without a limit, no error is allowed", () => {
    const path = join(createTemporaryFolder(), "limits.json");
    writeFileSync(path, '{"slo":{"ttftMs":300}}');
    expect(parse(PROFILE_FLAGS, ["--limits", path])["limits"]).toEqual({ limits: { errors: 0 }, slo: { ttftMs: 300 } });
    writeFileSync(path, '{"ttft":{"p95":-1}}');
    expect(parse(PROFILE_FLAGS, ["--limits", path])["refused"]).toContain("Expected `--limits.ttft.p95` to be");
  });
});

test("a flag whose key is not its name is an error in the table", () => {
  const { seed } = PROFILE_FLAGS;
  expect(() => addFlags(new Command("test"), { start: seed })).toThrow("--seed <n> is called start in its table");
});

describe("a file with JSON", () => {
  const write = (text: string): string => {
    const path = join(createTemporaryFolder(), "given.json");
    writeFileSync(path, text);
    return path;
  };
  const refuse = (table: FlagTable, ...argv: string[]) => parse(table, argv) as { refused: string };

  test("may begin with a byte order mark, which does not count as a column", () => {
    expect(parse(CHECK_FLAGS, ["--declare", write('\uFEFF{"slots": 4}')])).toMatchObject({ declare: { slots: 4 } });
    const path = write('\uFEFF{"slot": 4}');
    expect(refuse(CHECK_FLAGS, "--declare", path).refused).toContain(
      `got \`slot\`; did you mean \`slots\`? (line 1, column 2 of ${path})`,
    );
  });

  test.each<[string, string, string]>([
    ["a wrong value", '{\r\n  "slots": "4"\r\n}', 'got `"4"` (line 2, column 3 of '],
    ["an element", '{\n  "determinism": [\n    "repeat",\n    "restrat"\n  ]\n}', "(line 4, column 5 of "],
    ["a missing member", '{\n  "deviations": {\n    "stop.single-character": {}\n  }\n}', "(line 3, column 5 of "],
  ])("has the line of %s in the refusal", (_, text, place) => {
    expect(refuse(CHECK_FLAGS, "--declare", write(text)).refused).toContain(place);
  });

  test("has its line in the refusal of `--profile @file`, too; JSON on the command line has none", () => {
    const profile = '{\n  "kind": "concurrency",\n  "concurency": 2\n}';
    const fromFile = refuse(PROFILE_FLAGS, "--profile", `@${write(profile)}`).refused;
    const inline = refuse(PROFILE_FLAGS, "--profile", profile).refused;
    expect(fromFile).toMatch(/`concurency`.*\(line 3, column 3 of .*given\.json\)/);
    expect(inline).toContain("`concurency`");
    expect(inline).not.toContain("(line");
  });

  test.each<[string, string, string]>([
    ["an unknown metric", '{\n  "ttftt": { "p99": 1 }\n}', "`--limits` to have options among .* (line 2, column 3 of "],
    ["an unknown statistic", '{\n  "ttft": {\n    "p98": 1 }\n}', "`p98`.* (line 3, column 5 of "],
    ["a wrong value", '{\n  "errors": null\n}', "`--limits.errors` .* (line 2, column 3 of "],
    ["an unknown time", '{\n  "slo": {\n    "ttft": 4 }\n}', "`--limits.slo` .* (line 3, column 5 of "],
  ])("has the line of %s in the refusal of `--limits`", (_, text, message) => {
    const { refused } = refuse(PROFILE_FLAGS, "--limits", write(text));
    expect(refused).toMatch(new RegExp(message.replaceAll("(", "\\(")));
  });

  test.each<[string, string, string]>([
    ["an unknown key", '{\n  "timing": {\n    "ttft": 4 }\n}', "`timing.ttft`: .*`ttftMs`.* (line 3, column 5 of "],
    ["a wrong element", '{\n  "content": { "script": [\n    "a",\n    5] }\n}', "script.* (line 4, column 5 of "],
    ["an unknown fault", '{\n  "faults": [\n    { "id": "hangs-up" }]\n}', "`faults.0..id` .* (line 3, column 7 of "],
    ["an unknown mutant", '{\n  "mutants": [\n    "stop.leak"]\n}', "`mutants.0.`: .* (line 3, column 5 of "],
    ["a list", "[1,\n2]", "a JSON object"],
  ])("has the line of %s in the refusal of `--stub-config @file`", (_, text, message) => {
    const file = `@${write(text)}`;
    for (const table of [PROFILE_FLAGS, CHECK_FLAGS]) {
      const { refused } = refuse(table, "--stub", "--stub-config", file);
      expect(refused).toMatch(new RegExp(message.replaceAll("(", "\\(")));
    }
    expect(refuse(CHECK_FLAGS, "--stub", "--stub-config", text).refused).not.toContain("(line");
  });
});
