import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTemporaryFolder, runCli } from "./run-cli.js";

/** Completes the last word in a shell that has read the script; the answers in alphabetical order. */
type Complete = (script: string, words: readonly string[], cwd: string) => string[];

const SHELLS: Readonly<Record<"bash" | "zsh" | "fish", Complete>> = {
  bash: (script, words, cwd) => {
    const run = `source ${script}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _inference_testkit; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return linesOf(execFileSync("bash", ["-c", run, "bash", "inference-testkit", ...words], { cwd }));
  },
  // the builtins of an interactive zsh, replaced by what they would show
  zsh: (script, words, cwd) => {
    const stubs = `compdef() {}; compadd() { shift; print -l -- "$@" }; _files() { print -l -- *(N) }
      _describe() { print -l -- "\${choices[@]%%:*}" }`;
    const run = `${stubs}; source ${script}; words=("$@"); CURRENT=$#; _inference_testkit`;
    const last = words.at(-1) ?? "";
    const shown = linesOf(execFileSync("zsh", ["-fc", run, "zsh", "inference-testkit", ...words], { cwd }));
    return shown.filter((word) => word.startsWith(last));
  },
  fish: (script, words, cwd) => {
    const run = `source ${script}; complete -C ${JSON.stringify(["inference-testkit", ...words].join(" "))}`;
    return linesOf(execFileSync("fish", ["--no-config", "-c", run], { cwd, env: { ...process.env, HOME: cwd } })).map(
      (line) => line.split("\t")[0]!,
    );
  },
};

function linesOf(output: Buffer): string[] {
  return output
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}

const CASES: readonly (readonly [what: string, words: readonly string[], expected: readonly string[]])[] = [
  ["a command", ["che"], ["check"]],
  ["a command below another", ["models", ""], ["help", "list", "pull"]],
  ["a flag of a command", ["check", "--lev"], ["--level"]],
  ["a flag after others", ["check", "--stub", "--level", "full", "--se"], ["--seed"]],
  ["a value from a list", ["check", "--level", "s"], ["smoke", "standard"]],
  ["a dialect", ["profile", "--dialect", "openai-c"], ["openai-chat", "openai-completions"]],
  ["a file as a value", ["report", "--from", "run"], ["run.json"]],
  ["a file as an argument", ["compare", "run"], ["run.json"]],
  ["nothing for free text", ["profile", "--title", ""], []],
];

test.for(Object.keys(SHELLS) as (keyof typeof SHELLS)[])(
  "%s completes commands, flags, values and files",
  async (shell, context) => {
    context.skip(spawnSync(shell, ["-c", "exit"]).error !== undefined, `no ${shell} on this machine`);
    const folder = createTemporaryFolder();
    const script = join(folder, "completion");
    const cwd = join(folder, "cwd");
    const { exitCode, stdout } = await runCli(["completion", shell]);
    expect(exitCode).toBe(0);
    writeFileSync(script, stdout);
    mkdirSync(cwd);
    writeFileSync(join(cwd, "run.json"), "");

    for (const [what, words, expected] of CASES) {
      const isFlag = words.at(-1)?.startsWith("-") === true;
      const found = SHELLS[shell](script, words, cwd).filter((word) => isFlag || !word.startsWith("-"));
      expect(found, what).toEqual(expected);
    }
  },
);

test("an unknown shell is refused with the ones there are", async () => {
  const { exitCode, stderr } = await runCli(["completion", "tcsh"]);

  expect(exitCode).toBe(2);
  expect(stderr).toContain('Expected `shell` to be "bash", "zsh" or "fish", got `"tcsh"`');
});
