import { Command, CommanderError } from "commander";
import { describe, expect, expectTypeOf, test } from "vitest";
import { addFlags, flagOf, repeatable, restrict, type FlagsOf } from "../../src/cli/flags.js";
import { commaList } from "../../src/cli/values.js";
import { durationMs, flag, integer, oneOf, required, text, u64, withDefault } from "../../src/options/index.js";

const FLAGS = {
  requests: flagOf("--requests <n>", "number of requests", required(integer([1, 100]))),
  everyMs: flagOf("--every-ms <n>", "pause between two of them", withDefault(durationMs(), 250)),
  seed: flagOf("--seed <n>", "seed of the schedule", withDefault(u64(), 0n)),
  kind: restrict(flagOf("--kind <kind>", "kind of requests", oneOf(["chat", "completion"])), { conflicts: ["stub"] }),
  stub: flagOf("--stub", "use the stub", flag()),
};

/** What a program with these flags makes of its arguments, and what it prints. */
function parse(...argv: string[]): { values?: FlagsOf<typeof FLAGS>; exitCode?: number; printed: string } {
  let printed = "";
  const write = (text: string): void => void (printed += text);
  const command = addFlags(new Command("ping"), FLAGS);
  command.exitOverride().configureOutput({ writeOut: write, writeErr: write });
  try {
    return { values: command.parse(argv, { from: "user" }).opts(), printed };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { exitCode: error.exitCode, printed };
  }
}

describe("flags", () => {
  test("one that may be repeated joins its lists; any other one takes the last value", () => {
    const table = {
      only: repeatable(flagOf("--only <list>", "names", commaList(text({ filled: true })))),
      allow: flagOf("--allow <list>", "names", commaList(text({ filled: true }))),
    };
    const command = addFlags(new Command("ping"), table);
    const argv = ["--only", "a,b", "--allow", "x", "--only", "c", "--allow", "y"];
    expect(command.parse(argv, { from: "user" }).opts()).toEqual({ only: ["a", "b", "c"], allow: ["y"] });
  });

  test("have checked values and defaults under the names of the table", () => {
    expect(parse("--requests", "3", "--kind", "chat").values).toEqual({
      requests: 3,
      everyMs: 250,
      seed: 0n,
      kind: "chat",
    });
    expect(parse("--requests=3", "--seed", "18446744073709551615").values?.seed).toBe(18446744073709551615n);
  });

  test.each([
    [["--requests", "0"], "error: Expected `--requests` to be a whole number from 1 to 100, got `0`\n"],
    [["--requests", "ten"], 'error: Expected `--requests` to be a whole number from 1 to 100, got `"ten"`\n'],
    [["--requests", "1", "--every-ms", ""], 'error: Expected `--every-ms` to be a positive number, got `""`\n'],
    [["--requests", "1", "--kind", "x"], 'error: Expected `--kind` to be "chat" or "completion", got `"x"`\n'],
    [
      ["--requests", "1", "--seed", "-1"],
      'error: Expected `--seed` to be a whole number; above 2^53 a bigint, got `"-1"`\n',
    ],
  ])("%j exits with 2 and names the flag, what was expected and the value", (argv, message) => {
    expect(parse(...argv)).toEqual({ exitCode: 2, printed: message });
  });

  test("that are required or exclude each other are reported by commander", () => {
    expect(parse().printed).toContain("required option '--requests <n>' not specified");
    expect(parse("--requests", "1", "--kind", "chat", "--stub").printed).toContain(
      "option '--kind <kind>' cannot be used with option '--stub'",
    );
  });

  test("show their defaults in the help", () => {
    const help = addFlags(new Command("ping"), FLAGS).helpInformation();
    expect(help).toMatch(/--every-ms <n> +pause between two of them \(default: 250\)/);
    expect(help).toMatch(/--seed <n> +seed of the schedule \(default: 0\)/);
  });

  test("have the types of their options", () => {
    expectTypeOf<FlagsOf<typeof FLAGS>["requests"]>().toEqualTypeOf<number>();
    expectTypeOf<FlagsOf<typeof FLAGS>["seed"]>().toEqualTypeOf<bigint>();
    expectTypeOf<FlagsOf<typeof FLAGS>["kind"]>().toEqualTypeOf<"chat" | "completion" | undefined>();
    expectTypeOf<FlagsOf<typeof FLAGS>["stub"]>().toEqualTypeOf<boolean | undefined>();
  });
});
