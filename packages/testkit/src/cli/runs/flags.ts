import { flag, integer, number, oneOf, required, text, withDefault } from "../../options/index.js";
import { FINGERPRINT_FACTS } from "../../load/machine.js";
import { dialectOption } from "../../dialects/index.js";
import { findingCode } from "../../findings/index.js";
import { lengths } from "../../requests/workload/index.js";
import { LOAD_OPTIONS } from "../../load/run/options.js";
import { CLIENT_COUNT, RATE_PER_SEC } from "../../load/schedule/check-profile.js";
import { STOP_RULE } from "../../load/schedule/stop.js";
import { COMPARE_OPTIONS } from "../../load/verdict/compare-options.js";
import { COMMON_FLAGS, UI_FLAG } from "../common-flags.js";
import { flagOf, negatable, repeatable, restrict, type FlagsOf } from "../flags.js";
import { HEADER_FLAG } from "../header-flag.js";
import {
  commaList,
  countOrDuration,
  duration,
  exitCode,
  gpuDevice,
  httpUrl,
  jsonFile,
  jsonObject,
  sweep,
} from "../values.js";
import { checkLimits, checkLoadProfile, checkStub } from "./checks.js";
import { exportTarget } from "./export-run.js";
import { IGNORE_EOS_CHOICES } from "./fit-requests.js";
import { promptsFile } from "./read-prompts.js";
import { commandLine } from "./split-command.js";

const COUNT = integer([1, Number.MAX_SAFE_INTEGER]);
const RATE = number([0.000001, 1_000_000]);
const PATH = text({ filled: true });
const { tolerance, errorTolerance } = COMPARE_OPTIONS;
const { seed, clientThreads, keepText } = LOAD_OPTIONS;
const REQUESTS = STOP_RULE.count;

/** The flags of `profile`, one a line. */
// prettier-ignore
export const PROFILE_FLAGS = {
  command: restrict(flagOf("--command <line>", "start this program as the worker", commandLine()), { conflicts: ["url", "stub"] }),
  url: restrict(flagOf("--url <url>", "use a server that is already running", httpUrl()), { conflicts: ["stub"] }),
  dialect: restrict(flagOf("--dialect <name>", "with --url or --command: what the server speaks", dialectOption()), { needs: ["url", "command"] }),
  header: restrict(HEADER_FLAG, { needs: ["url", "command"] }),
  model: restrict(flagOf("--model <file|name>", "start worker-orcd with this GGUF file; with --url or --command: name of the model to ask", PATH), { conflicts: ["stub"] }),
  gpuDevice: flagOf("--gpu-device <n>", "GPU for --model; -1 is the CPU", withDefault(gpuDevice(), -1)),
  stub: flagOf("--stub", "start worker-orcd with the stub engine", flag()),
  stubConfig: restrict(flagOf("--stub-config <json>", "configuration of the stub engine: JSON, or @file", jsonObject(checkStub)), { needs: ["stub"] }),
  shutdownExitCodes: restrict(flagOf("--shutdown-exit-codes <list>", "with --command: exit codes that are normal after SIGTERM", commaList(exitCode())), { needs: ["command"] }),
  checkPortOwner: restrict(flagOf("--no-check-port-owner", "with --command: accept a port that another process serves", withDefault(flag(), true)), { needs: ["command"] }),
  readyTimeout: restrict(flagOf("--ready-timeout <time>", "how long the server may take to start, for example 10m (30s; the stub: 10s)", duration()), { needs: ["command", "model", "stub"] }),
  parallel: restrict(flagOf("--parallel <n>", "jobs that worker-orcd runs in parallel", COUNT), { needs: ["model", "stub"] }),
  rate: restrict(flagOf("--rate <n>", "requests per second", RATE), { conflicts: ["concurrency", "profile"] }),
  concurrency: restrict(flagOf("--concurrency <n>", "number of concurrent requests", CLIENT_COUNT), { conflicts: ["profile"] }),
  sweep: restrict(flagOf("--sweep <list>", "a phase for each number of concurrent requests, for example 1,2,4,8,16", sweep(CLIENT_COUNT)), { conflicts: ["rate", "concurrency", "profile", "sweepRate"] }),
  sweepRate: restrict(flagOf("--sweep-rate <list>", "a phase for each number of requests per second, for example 5,10,20", sweep(RATE_PER_SEC)), { conflicts: ["rate", "concurrency", "profile"] }),
  profile: flagOf("--profile <json>", "any load profile: JSON, or @file", jsonObject(checkLoadProfile)),
  duration: flagOf("--duration <time>", "run duration, for example 30s or 2m; without it and --requests, 30s", duration()),
  requests: flagOf("--requests <n>", "number of requests; without it and --duration, at most 150", REQUESTS),
  warmup: flagOf("--warmup <n|time>", "warm-up before measuring; excluded from results", countOrDuration(REQUESTS)),
  prompt: flagOf("--prompt <text>", "prompt of every request; by default each request has one of its own", text()),
  prompts: restrict(flagOf("--prompts <file>", "prompts, one JSON object a line: prompt, messages, or ShareGPT's conversations; also as an array", promptsFile()), { conflicts: ["prompt"] }),
  promptWords: restrict(flagOf("--prompt-words <lengths>", "words of each prompt: 200, uniform:50-400, normal:200,50 (mean, deviation), or file", lengths()), { conflicts: ["prompt"] }),
  outputTokens: restrict(flagOf("--output-tokens <lengths>", "maximum tokens of each request, in the same form; file: those of --prompts", lengths()), { conflicts: ["prompt", "maxTokens"] }),
  prefixShare: restrict(flagOf("--prefix-share <share>", "share of each prompt that all of them begin with, for example 0.5", number([0, 0.99])), { conflicts: ["prompt"] }),
  turns: restrict(flagOf("--turns <n>", "requests of each conversation, at most; each sends what was answered before", integer([1, 1_000])), { conflicts: ["prompt"] }),
  maxTokens: flagOf("--max-tokens <n>", "maximum tokens of a request", withDefault(COUNT, 32)),
  ignoreEos: flagOf("--ignore-eos <when>", "ask for answers of exactly --max-tokens tokens: auto (where the server is known to take the field), always or never", withDefault(oneOf(IGNORE_EOS_CHOICES), "auto")),
  clientThreads: flagOf("--client-threads <n>", "threads that send requests", clientThreads),
  seed: flagOf("--seed <n>", "seed of the schedule", seed),
  keepText: flagOf("--keep-text", "keep prompts, outputs and the arrival of every token in run.json and report.html, up to 16 million characters", keepText),
  allow: flagOf("--allow <codes>", "findings that do not fail the run, comma-separated, for example SIGTERM_IGNORED; docs/findings.md lists them", withDefault(commaList(findingCode()), [])),
  limits: flagOf("--limits <file>", "fail the run if a limit is exceeded", jsonFile(checkLimits)),
  baseline: flagOf("--baseline <path>", "compare with this run, or this folder of runs", PATH),
  tolerance: flagOf("--tolerance <share>", "how much worse than the baseline a metric may be, for example 0.1", tolerance),
  errorTolerance: flagOf("--error-tolerance <share>", "how much larger than in the baseline the share of failed requests may be, for example 0.01", errorTolerance),
  memory: negatable(flagOf("--memory", "judge the memory of the worker: divide the run into rounds, with an idle moment after each", flag()), "do not watch the memory of the worker"),
  title: flagOf("--title <text>", "title of the report", text()),
  ui: UI_FLAG,
  out: flagOf("--out <folder>", "folder for the report; by default a fresh one in inference-testkit-reports", PATH),
  export: repeatable(flagOf("--export <target>", "also export the run: prometheus=<file>, or otlp=<address of a collector>; may be repeated", exportTarget())),
  ...COMMON_FLAGS,
};

/** Their values. */
export type ProfileFlags = FlagsOf<typeof PROFILE_FLAGS>;

/** The flags of `compare`, one a line. */
// prettier-ignore
export const COMPARE_FLAGS = {
  out: flagOf("--out <path>", "write a page that shows both sides: a file that ends in .html, or a folder", PATH),
  tolerance: flagOf("--tolerance <share>", "how much worse a median or a rate may be, for example 0.1", tolerance),
  errorTolerance: flagOf("--error-tolerance <share>", "how much larger the share of failed requests may be, for example 0.01", errorTolerance),
  allow: flagOf("--allow <facts>", "machine facts that may differ, comma-separated, for example workerVersion", commaList(oneOf(FINGERPRINT_FACTS))),
  ...COMMON_FLAGS,
};

/** Their values. */
export type CompareFlags = FlagsOf<typeof COMPARE_FLAGS>;

/** The flags of `report`. */
export const REPORT_FLAGS = {
  from: flagOf("--from <file>", "a run.json, or a folder with one", required(PATH)),
  out: flagOf("--out <folder>", "folder for the files", required(PATH)),
  export: repeatable(
    flagOf(
      "--export <target>",
      "also export the run: prometheus=<file>, or otlp=<address of a collector>; may be repeated",
      exportTarget(),
    ),
  ),
  ...COMMON_FLAGS,
};

/** Their values. */
export type ReportFlags = FlagsOf<typeof REPORT_FLAGS>;
