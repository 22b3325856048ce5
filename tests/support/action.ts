import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** A step that takes longer is killed. */
const LONGEST_STEP_MS = 90_000;
const EXPRESSION = /\$\{\{\s*(.+?)\s*\}\}/g;

/** A step of a composite action. */
export interface ActionStep {
  readonly name: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly shell?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string>>;
}

/** The parts of `action.yml` that the tests look at. */
export interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly ActionStep[] };
}

/** What a run of the action leaves behind. */
export interface ActionRun {
  readonly exitCode: number | null;
  readonly log: string;
  readonly summary: string;
  /** What the step `check` put out. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Paths that are uploaded; `undefined`: the step does not run. */
  readonly uploaded: readonly string[] | undefined;
}

export async function readAction(): Promise<Action> {
  return parse(await readFile(join(ROOT, "action.yml"), "utf8")) as Action;
}

/**
 * Runs the scripts of the action as the runner does: each in a bash of its own, with its inputs in the environment. The installation is left out:
 * its script has run before the tests.
 *
 * @param workspace the folder in which the steps run.
 * @param callerEnv what the workflow sets with `env`.
 */
export async function runAction(
  workspace: string,
  given: Readonly<Record<string, string>>,
  callerEnv: Readonly<Record<string, string>> = {},
): Promise<ActionRun> {
  const action = await readAction();
  const folder = join(workspace, ".runner");
  await mkdir(folder, { recursive: true });
  const [output, summary] = [join(folder, "output"), join(folder, "summary")];
  await Promise.all([output, summary].map((file) => writeFile(file, "")));
  const values: Record<string, string> = {};
  for (const [name, { default: usual = "" }] of Object.entries(action.inputs)) {
    values[`inputs.${name}`] = given[name] ?? usual;
  }
  const resolve = (text: string): string =>
    text.replace(EXPRESSION, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`the runner of this test does not know ${name}`);
      return value;
    });
  const runStep = async ({ run = "", env = {} }: ActionStep) => {
    const file = join(folder, "step.sh");
    await writeFile(file, resolve(run)); // the runner, too, replaces expressions in a script
    const own = Object.entries(env).map(([name, value]) => [name, resolve(value)]);
    const files = { GITHUB_ACTION_PATH: ROOT, GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary };
    return runScript(file, workspace, {
      ...callerEnv,
      ...files,
      ...(Object.fromEntries(own) as Record<string, string>),
    });
  };

  const [, check, write, upload] = action.runs.steps as [ActionStep, ActionStep, ActionStep, ActionStep];
  const { exitCode, log } = await runStep(check);
  const outputs = parseOutputs(await readFile(output, "utf8"));
  for (const [name, value] of Object.entries(outputs)) values[`steps.check.outputs.${name}`] = value;
  const written = await runStep(write);
  if (written.exitCode !== 0) throw new Error(`the summary could not be written: ${written.log}`);
  const paths = resolve(upload.with?.["path"] ?? "")
    .split("\n")
    .filter(Boolean);
  return {
    ...{ exitCode, log, outputs, summary: await readFile(summary, "utf8") },
    uploaded: outputs["written"] === "true" ? paths : undefined,
  };
}

function parseOutputs(text: string): Record<string, string> {
  const lines = text.split("\n").filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

async function runScript(file: string, cwd: string, env: Readonly<Record<string, string>>) {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", file], {
    cwd,
    env: { PATH, HOME, TMPDIR, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LONGEST_STEP_MS,
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (log += text));
  }
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  return { exitCode, log };
}
