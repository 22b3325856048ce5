import { Option, type Command } from "commander";
import { guard, type SetExitCode } from "../guard.js";
import {
  parseCount,
  parseDuration,
  parseExitCodes,
  parseExtent,
  parseGpuDevice,
  parseObject,
  parseRate,
  parseSeed,
  parseShare,
} from "../parse-values.js";
import type { ErrorReportOptions } from "../report-error.js";
import type { CompareFlags, ProfileFlags } from "./flags.js";

const PROFILE_HELP = `
Choose the worker with --command, --url, --model or --stub. In --command, {port}, {workerId} and {host} are replaced; a program
that is not given its port must print the ready line of the protocol. Without --rate, --concurrency or --profile, requests are
sent one after the other.

The limits file: {"ttft": {"p95": 200}, "tpot": {"p50": 20}, "errors": 0, "goodputRatio": 0.99, "slo": {"ttftMs": 300}}; times in
ms. "slo" is what each request must meet to count for goodput. Unless a limit concerns errors, no error is allowed.

The first Ctrl-C ends the run and writes the results so far, marked as partial; the second one ends the program.

Examples:
  $ inference-testkit profile --stub --rate 20 --duration 30s --out run
  $ inference-testkit profile --model model.gguf --gpu-device 0 --concurrency 8 --requests 200 --warmup 10
  $ inference-testkit profile --command "./my-worker --port {port}" --rate 10 --duration 1m --limits limits.json
  $ inference-testkit profile --url http://127.0.0.1:8080 --profile '{"kind": "poisson", "ratePerSec": 5}' --requests 300 \\
      --baseline base/run.json`;

const COMPARE_HELP = `
Each side is a run.json, a folder with one, or a folder of such folders. Use five or more runs on each side; with fewer, parts of a
run stand in for runs. A metric that one side was stored without is not comparable, never a pass.

Example:
  $ inference-testkit compare base/run.json run/run.json --tolerance 0.1`;

/** The commands for runs under load. */
export function addRunCommands(program: Command, setExitCode: SetExitCode): void {
  addProfile(program, setExitCode);
  addCompare(program, setExitCode);
  addReport(program, setExitCode);
}

function addProfile(program: Command, setExitCode: SetExitCode): void {
  const command = program
    .command("profile")
    .description("put a worker under load, measure it, judge the run, and write a report");
  command
    .addOption(new Option("--command <line>", "start this program as the worker").conflicts(["url", "model", "stub"]))
    .addOption(new Option("--url <url>", "use a worker that is already running").conflicts(["model", "stub"]))
    .addOption(new Option("--model <file>", "start worker-orcd with this GGUF file").conflicts("stub"))
    .option("--gpu-device <n>", "GPU for --model; -1 is the CPU", parseGpuDevice, -1)
    .option("--stub", "start worker-orcd with the stub engine")
    .option("--stub-config <json>", "configuration of the stub engine: JSON, or @file", parseObject)
    .option("--shutdown-exit-codes <list>", "with --command: exit codes that are normal after SIGTERM", parseExitCodes)
    .option("--no-check-port-owner", "with --command: accept a port that another process serves")
    .option("--parallel <n>", "jobs that worker-orcd runs in parallel", parseCount)
    .addOption(
      new Option("--rate <n>", "requests per second").argParser(parseRate).conflicts(["concurrency", "profile"]),
    )
    .addOption(
      new Option("--concurrency <n>", "number of concurrent requests").argParser(parseCount).conflicts("profile"),
    )
    .option("--profile <json>", "any load profile: JSON, or @file", parseObject)
    .option("--duration <time>", "run duration, for example 30s or 2m", parseDuration)
    .option("--requests <n>", "number of requests", parseCount)
    .option("--warmup <n|time>", "warm-up before measuring; excluded from results", parseExtent)
    .option("--prompt <text>", "prompt of every request", "Write a short story about a lighthouse.")
    .option("--max-tokens <n>", "maximum tokens of a request", parseCount, 32)
    .option("--client-threads <n>", "threads that send requests", parseCount, 1)
    .addOption(new Option("--seed <n>", "seed of the schedule").argParser(parseSeed).default(0n, "0"))
    .option("--limits <file>", "fail the run if a limit is exceeded")
    .option("--baseline <path>", "compare with this run, or this folder of runs")
    .option("--tolerance <share>", "how much worse than the baseline a metric may be, for example 0.1", parseShare, 0.1)
    .option("--no-memory", "do not watch the memory of the worker")
    .option("--title <text>", "title of the report")
    .option("--out <folder>", "folder for the report");
  addCommon(command).addHelpText("after", PROFILE_HELP);
  command.action((options: ProfileFlags) =>
    guard(options, setExitCode, async () => {
      const { runProfile } = await import("./run-profile.js");
      return runProfile(options);
    }),
  );
}

function addCompare(program: Command, setExitCode: SetExitCode): void {
  const command = program
    .command("compare")
    .description("compare runs with a baseline")
    .argument("<baseline>", "run, or folder of runs, to compare with")
    .argument("<current>", "run, or folder of runs, to judge")
    .option("--tolerance <share>", "how much worse a median or a rate may be, for example 0.1", parseShare, 0.1)
    .option("--allow <facts>", "machine facts that may differ, comma-separated, for example workerVersion");
  addCommon(command).addHelpText("after", COMPARE_HELP);
  command.action((baseline: string, current: string, options: CompareFlags) =>
    guard(options, setExitCode, async () => {
      const { runCompare } = await import("./run-compare.js");
      return runCompare({ ...options, baseline, current });
    }),
  );
}

function addReport(program: Command, setExitCode: SetExitCode): void {
  const command = program
    .command("report")
    .description("write all files of a report from its run.json")
    .requiredOption("--from <file>", "a run.json, or a folder with one")
    .requiredOption("--out <folder>", "folder for the files");
  addCommon(command).action((options: ErrorReportOptions & { readonly from: string; readonly out: string }) =>
    guard(options, setExitCode, async () => {
      const { runReport } = await import("./run-report.js");
      return runReport(options);
    }),
  );
}

function addCommon(command: Command): Command {
  return command
    .option("--json", "print one JSON document on stdout; progress goes to stderr")
    .option("--debug", "show stack traces of errors");
}
