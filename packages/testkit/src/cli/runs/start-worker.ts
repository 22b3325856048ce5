import { InvalidOptionError } from "../../errors/index.js";
import { FINDING_CODES } from "../../findings/index.js";
import { WorkerTestHarness, type ProgramOptions } from "../../harness/index.js";
import { toHeaders } from "../header-flag.js";
import type { ProfileFlags } from "./flags.js";
import type { CommandLine } from "./split-command.js";

/** A worker and a readable form of its start. */
export interface StartedWorker {
  readonly worker: WorkerTestHarness;
  /** `null` for an attached worker. */
  readonly command: string | null;
}

/** @throws {INVALID_OPTION} the flags do not select a worker. */
export function checkNamesWorker({ command, url, model, stub }: ProfileFlags): void {
  if (command !== undefined || url !== undefined || model !== undefined || stub === true) return;
  throw new InvalidOptionError({
    message: "Expected one of --command, --url, --model and --stub, to know which worker to measure",
  });
}

/** A command judges the other findings itself: a run with findings has a report, too. */
const JUDGED = FINDING_CODES.filter((code) => code !== "EXIT_FAILED");

/** Starts, or attaches to, the selected worker. @throws whatever the harness throws. */
export async function startWorker(flags: ProfileFlags, signal: AbortSignal): Promise<StartedWorker> {
  const { command, url, dialect, model, header, gpuDevice, stubConfig, parallel, readyTimeout: readyTimeoutMs } = flags;
  const allow = [...JUDGED, ...flags.allow];
  const common = { signal, allow, parallel, readyTimeoutMs };
  if (command !== undefined) {
    return { worker: await launchCommand(command, { ...flags, readyTimeoutMs }, signal), command: command.line };
  }
  if (url !== undefined) return { worker: await attachServer(url, { dialect, model, header }, signal), command: null };
  if (model !== undefined) {
    const worker = await WorkerTestHarness.start(model, gpuDevice, common);
    return { worker, command: `worker-orcd --model ${model} --gpu-device ${gpuDevice}` };
  }
  const worker = await WorkerTestHarness.startMock({ ...common, stub: stubConfig });
  return { worker, command: "worker-orcd --stub-mode" };
}

/** Attaches to a server that runs already. */
export function attachServer(
  url: string,
  { dialect, model, header }: Pick<ProfileFlags, "dialect" | "model" | "header">,
  signal: AbortSignal,
): Promise<WorkerTestHarness> {
  return WorkerTestHarness.attach(url, { signal, allow: JUDGED, dialect, model, headers: toHeaders(header) });
}

/** What a command is started with, besides its words. */
type LaunchFlags = Pick<ProfileFlags, "shutdownExitCodes" | "checkPortOwner" | "dialect" | "model" | "header"> &
  Pick<ProgramOptions, "env" | "readyTimeoutMs" | "allow">;

/** Starts a program; one that is not given its port must print the ready line. */
export async function launchCommand(
  { words }: CommandLine,
  { shutdownExitCodes, checkPortOwner, dialect, model, header, env, readyTimeoutMs, allow = [] }: LaunchFlags,
  signal: AbortSignal,
): Promise<WorkerTestHarness> {
  const [command, ...args] = words;
  const isToldItsPort = args.some((arg) => arg.includes("{port}"));
  const ready = { kind: isToldItsPort ? "http" : "line" } as const;
  const spoken = { dialect, model, headers: toHeaders(header) };
  const given = { shutdownExitCodes, checkPortOwner, ...spoken, env, readyTimeoutMs, signal };
  return WorkerTestHarness.launch({ command, args, ready, ...given, allow: [...JUDGED, ...allow] });
}
