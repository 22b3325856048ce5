import { environmentName, FLAGS, type Flag } from "./flags.js";

/** The help text, generated from the table of flags. */
export function usage(): string {
  const rows = Object.entries(FLAGS).map(([name, flag]) => row(name, flag));
  return [
    "Usage: worker-orcd --port <n> (--stub-mode | --model <file.gguf> --gpu-device <n>) [options]",
    "",
    "Serves one model over HTTP and Server-Sent Events.",
    "",
    ...rows,
    "",
    `Every flag but these two is also an environment variable, e.g. ${environmentName("max-queue")}; the flag takes precedence.`,
    "WORKER_ORCD_ENGINE names a folder whose node_modules has node-llama-cpp, if it is not installed beside the worker.",
    "--allow-host and --allow-origin may be repeated, or take several values separated by commas.",
    "Exit codes: 0 normal shutdown, 1 start or engine failed (see the last JSON line), 2 invalid flags.",
    "",
  ].join("\n");
}

function row(name: string, flag: Flag): string {
  const left = flag.argument === undefined ? `--${name}` : `--${name} ${flag.argument}`;
  const notes = [
    ...(flag.choices === undefined ? [] : [flag.choices.join("|")]),
    ...(flag.default === undefined ? [] : [`default ${flag.default}`]),
  ];
  return `  ${left.padEnd(30)} ${flag.help}${notes.length === 0 ? "" : ` (${notes.join("; ")})`}`;
}
