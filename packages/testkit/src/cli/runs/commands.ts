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
Which worker: --command, --url, --model or --stub. In --command, {port}, {workerId} and {host} are replaced; a program
that is not told its port has to print the ready line of the protocol. Without --rate, --concurrency or --profile one request
follows the other.

The limits file: {"ttft": {"p95": 200}, "tpot": {"p50": 20}, "errors": 0, "goodput": 0.99, "request": {"ttftMs": 300}}; times in
ms, "request" is what each request has to meet to count for goodput. Unless it says something about errors, none is allowed.

The first Ctrl-C ends the run and writes what there is, marked as partial; the second one ends the program.

Examples:
  $ inference-testkit profile --stub --rate 20 --duration 30s --out run
  $ inference-testkit profile --model model.gguf --gpu-device 0 --concurrency 8 --requests 200 --warmup 10
  $ inference-testkit profile --command "./my-worker --port {port}" --rate 10 --duration 1m --limits limits.json
  $ inference-testkit profile --url http://127.0.0.1:8080 --profile '{"kind": "poisson", "ratePerSec": 5}' --requests 300 \\
      --baseline base/run.json`;

const COMPARE_HELP = `
Each side is a run.json, a folder with one, or a folder of such folders. Five or more runs on each side make the verdict; with one,
stretches of it stand in for runs.

Example:
  $ inference-testkit compare base/run.json run/run.json --tolerance 0.1`;

/** The commands about runs under load. */
export function addRunCommands(program: Command, setExitCode: SetExitCode): void {
  addProfile(program, setExitCode);
  addCompare(program, setExitCode);
  addReport(program, setExitCode);
}

function addProfile(program: Command, setExitCode: SetExitCode): void {
  const command = program
    .command("profile")
    .description("put a load on a worker, measure it, judge it, and write a report");
  command
    .addOption(new Option("--command <line>", "start this program").conflicts(["url", "model", "stub"]))
    .addOption(new Option("--url <url>", "use a worker that runs already").conflicts(["model", "stub"]))
    .addOption(new Option("--model <file>", "start worker-orcd with this GGUF file").conflicts("stub"))
    .option("--gpu-device <n>", "its device; -1 is the CPU", parseGpuDevice, -1)
    .option("--stub", "start worker-orcd with the stub engine")
    .option("--stub-config <json>", "what the stub engine does: JSON, or @file", parseObject)
    .option("--shutdown-exit-codes <list>", "with --command: exit codes that are normal after SIGTERM", parseExitCodes)
    .option("--no-check-port-owner", "with --command: accept a port that another process serves")
    .option("--parallel <n>", "jobs that worker-orcd runs at the same time", parseCount)
    .addOption(
      new Option("--rate <n>", "requests per second").argParser(parseRate).conflicts(["concurrency", "profile"]),
    )
    .addOption(new Option("--concurrency <n>", "requests at the same time").argParser(parseCount).conflicts("profile"))
    .option("--profile <json>", "any load profile: JSON, or @file", parseObject)
    .option("--duration <time>", "send for so long, for example 30s", parseDuration)
    .option("--requests <n>", "send so many", parseCount)
    .option("--warmup <extent>", "requests, or a time, before; thrown away", parseExtent)
    .option("--prompt <text>", "what every request asks", "Write a short story about a lighthouse.")
    .option("--max-tokens <n>", "tokens of a request", parseCount, 32)
    .option("--workers <n>", "client threads", parseCount, 1)
    .addOption(new Option("--seed <n>", "decides the schedule").argParser(parseSeed).default(0n, "0"))
    .option("--limits <file>", "hold the run against these limits")
    .option("--baseline <path>", "compare with this run, or folder of runs")
    .option("--tolerance <share>", "how much worse than the baseline a metric may be", parseShare, 0.1)
    .option("--no-memory", "do not watch the memory of the worker")
    .option("--title <text>", "title of the report")
    .option("--out <folder>", "write the report there");
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
    .argument("<baseline>", "the run, or folder of runs, to compare with")
    .argument("<current>", "the run, or folder of runs, that is judged")
    .option("--tolerance <share>", "how much worse a median or a rate may be", parseShare, 0.1)
    .option("--allow <facts>", "facts of the machine that may differ, with commas, e.g. workerVersion");
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
    .description("write all files of a report again, from its run.json")
    .requiredOption("--from <file>", "a run.json, or a folder with one")
    .requiredOption("--out <folder>", "write the files there");
  addCommon(command).action((options: ErrorReportOptions & { readonly from: string; readonly out: string }) =>
    guard(options, setExitCode, async () => {
      const { runReport } = await import("./run-report.js");
      return runReport(options);
    }),
  );
}

function addCommon(command: Command): Command {
  return command
    .option("--json", "print one JSON document on stdout; the progress stays on stderr")
    .option("--debug", "show stacks of errors");
}
