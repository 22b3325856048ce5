import type { Command } from "commander";
import { define, type SetExitCode } from "../define.js";
import { COMPARE_FLAGS, PROFILE_FLAGS, REPORT_FLAGS } from "./flags.js";

const PROFILE_HELP = `
Choose the worker with --command, --url, --model or --stub. In --command, {port}, {workerId} and {host} are replaced; a program
that is not given its port must print the ready line of the protocol. Without --rate, --concurrency or --profile, requests are
sent one at a time. Without --requests and --duration, the run ends after 150 requests or 30 s, whichever is first, and one warm-up
request precedes it. Without --dialect, a few questions to the server show what it speaks: chat for chat models.

--sweep and --sweep-rate run a phase for each value, each after a warm-up of its own, and show where more load begins to cost more
latency than it gains throughput: the knee. --requests, --duration and --warmup then apply to each phase.

Without --out, the report goes to a fresh folder, inference-testkit-reports/<time>, and its path is printed.

The limits file: {"ttft": {"p95": 200}, "tpot": {"p50": 20}, "errors": 0, "goodputRatio": 0.99, "slo": {"ttftMs": 300}}; times in
ms. "slo" is what each request must meet to count for goodput. Unless a limit concerns errors, no error is allowed.

--baseline prints how the run differs from the baseline. One run cannot show that it is slower, so the result is inconclusive: make
five runs on each side and use compare.

The first Ctrl-C ends the run and writes the results so far, marked as partial; the second one ends the program.

Examples:
  $ inference-testkit profile --url http://127.0.0.1:8080
  $ inference-testkit profile --stub --rate 20 --duration 30s --out run
  $ inference-testkit profile --model model.gguf --gpu-device 0 --concurrency 8 --requests 200 --warmup 10
  $ inference-testkit profile --url http://127.0.0.1:8080 --sweep 1,2,4,8,16
  $ inference-testkit profile --command "./my-worker --port {port}" --rate 10 --duration 1m --limits limits.json
  $ for i in 1 2 3 4 5; do inference-testkit profile --url http://127.0.0.1:8080 --requests 200 --out new/$i; done
  $ inference-testkit compare old new`;

const COMPARE_HELP = `
Each side is a run.json, a folder with one, or a folder of such folders. It takes five runs on each side to pass or to fail: with
fewer, the differences are printed and the result is inconclusive. A metric that one side was stored without is not comparable,
never a pass. --out writes a page with both distributions, every difference, and the runs of each side.

Examples:
  $ inference-testkit compare base run --tolerance 0.1
  $ inference-testkit compare old new --out comparison.html`;

/** The commands for runs under load. */
export function addRunCommands(program: Command, setExitCode: SetExitCode): void {
  addProfile(program, setExitCode);
  addCompare(program, setExitCode);
  addReport(program, setExitCode);
}

function addProfile(program: Command, setExitCode: SetExitCode): void {
  const command = program
    .command("profile")
    .description("put a worker under load, measure it, judge the run, and write a report")
    .addHelpText("after", PROFILE_HELP);
  define(command, {
    flags: PROFILE_FLAGS,
    setExitCode,
    work: async (flags) => (await import("./run-profile.js")).runProfile(flags),
  });
}

function addCompare(program: Command, setExitCode: SetExitCode): void {
  const command = program
    .command("compare")
    .description("compare runs with a baseline")
    .argument("<baseline>", "run, or folder of runs, to compare with")
    .argument("<current>", "run, or folder of runs, to judge")
    .addHelpText("after", COMPARE_HELP);
  define(command, {
    flags: COMPARE_FLAGS,
    setExitCode,
    work: async (flags, [baseline = "", current = ""]) =>
      (await import("./run-compare.js")).runCompare(flags, { baseline, current }),
  });
}

function addReport(program: Command, setExitCode: SetExitCode): void {
  const command = program.command("report").description("write all files of a report from its run.json");
  define(command, {
    flags: REPORT_FLAGS,
    setExitCode,
    work: async (flags) => (await import("./run-report.js")).runReport(flags),
  });
}
