import { StopFailedError } from "../../errors/index.js";
import type { ExitInfo } from "../exit-info.js";
import { formatCommand } from "../format-command.js";
import { pollUntil, settlesWithin } from "../wait.js";
import { listExposed } from "../ownership/exposed-sockets.js";
import { listHeirs, readHoldings, type Heir, type Holdings } from "./holdings.js";
import { listDescendants } from "./process-family.js";
import { isRunning, listGroup, listMarked, readCommand, signalProcess, type WorkerMember } from "./process-table.js";
import { isReaperCommand } from "./reaper-process.js";
import type { WorkerProcess } from "./worker-process.js";

/** How a stop went. */
export interface StopReport {
  readonly exit: ExitInfo;
  /** True if the worker had ended by itself before the shutdown signal was sent. */
  readonly endedBefore: boolean;
  /** True if the worker did not end within the grace period and had to be killed. */
  readonly killed: boolean;
  /** Processes that the worker left behind: children that outlived it. They were killed. */
  readonly survivors: readonly Survivor[];
  /** Addresses other than loopback on which the worker listened when it was stopped. Linux only, and once for each program. */
  readonly exposedOn: readonly string[];
  readonly tookMs: number;
}

/** A process that outlived its worker. */
export interface Survivor extends WorkerMember {
  /** What it shared with the worker, if nothing else showed that it belongs to it. */
  readonly shared?: string | undefined;
}

/** What is known of a worker that became ready. */
export interface WhenReady {
  /** What it had open then; an ended one has nothing open any more. */
  readonly holdings: Holdings;
  /** Whether to look for the addresses on which it listens now. */
  readonly looksForExposure: boolean;
}

/** How a worker is shut down. */
export interface StopOptions {
  readonly graceMs: number;
  readonly shutdownSignal: NodeJS.Signals;
  /** Absent for a start that failed. */
  readonly ready?: WhenReady | undefined;
}

/** Children that got the shutdown signal together with the worker may take a little longer than the worker. */
const LINGER_MS = 1_000;
/** Those of a worker that was killed got SIGKILL as well. */
const LINGER_AFTER_KILL_MS = 100;
/** SIGKILL takes effect immediately, unless a process is blocked in the kernel (a GPU driver, a dead network disk). */
const KILL_WAIT_MS = 5_000;
/** Processes of other users cannot be stopped and may keep forking. */
const MOST_LOOKS = 20;

/**
 * Ends a worker and everything it started: sends the shutdown signal to the group, SIGKILL after the grace period, then
 * kills everything that is still in the group, descends from the worker or carries its mark.
 *
 * @throws {STOP_FAILED} something is still alive 5 s after SIGKILL.
 */
export async function stopProcess(worker: WorkerProcess, options: StopOptions): Promise<StopReport> {
  const startedAt = performance.now();
  worker.lookForDescendants();
  const { holdings, exposedOn } = lookAtFiles(worker, options.ready);
  const end = await endLeader(worker, options);
  const survivors = await killSurvivors({
    list: () => listSurvivors(worker, holdings),
    signal: (found, signal) => signalMembers(worker, found, signal),
    timeoutMs: KILL_WAIT_MS,
    lingerMs: end.killed ? LINGER_AFTER_KILL_MS : LINGER_MS,
  });
  await worker.dismiss();
  return { ...end, survivors, exposedOn, tookMs: performance.now() - startedAt };
}

/** Parameters of {@link killSurvivors}. */
export interface SurvivorHunt {
  readonly list: () => readonly Survivor[];
  readonly signal: (found: readonly WorkerMember[], signal: "SIGSTOP" | "SIGKILL") => void;
  readonly timeoutMs: number;
  /** How long they may take to end by themselves; then they are no survivors. @default 0 */
  readonly lingerMs?: number;
}

/** What the worker has open before it is stopped; an ended one has nothing open any more. */
function lookAtFiles(worker: WorkerProcess, ready: WhenReady | undefined) {
  if (ready === undefined) return { holdings: new Map<string, string>(), exposedOn: [] };
  const isAlive = worker.exitInfo === undefined;
  const now = isAlive ? readHoldings([worker.pid, ...listDescendants(worker.pid)]) : new Map<string, string>();
  const exposedOn = isAlive && ready.looksForExposure ? listExposed(now) : [];
  return { holdings: new Map([...ready.holdings, ...now]), exposedOn };
}

/**
 * Kills until nothing is listed any more and everything that was listed is really gone, with its sockets closed; returns
 * what had to be killed. Everything is stopped before anything is killed, so that nothing forks or loses its parent
 * during the search.
 *
 * @throws {STOP_FAILED} something is still there at the deadline.
 */
export async function killSurvivors(hunt: SurvivorHunt): Promise<readonly Survivor[]> {
  if (await endByThemselves(hunt)) return [];
  const seen = new Map<number, Survivor>();
  const killListed = (): boolean => {
    const listed = listStopped(hunt);
    // The first observation counts: a dying process no longer has a command line.
    for (const member of listed) if (!seen.has(member.pid)) seen.set(member.pid, member);
    if (listed.length > 0) hunt.signal(listed, "SIGKILL");
    return listed.length === 0 && ![...seen.keys()].some(isRunning);
  };
  if (await pollUntil(killListed, hunt.timeoutMs)) return [...seen.values()];
  throw createStopFailedError(
    [...seen.values()].filter(({ pid }) => isRunning(pid)),
    hunt.timeoutMs,
  );
}

/** Whether nothing is listed any more, and what was listed is really gone. */
async function endByThemselves({ list, lingerMs = 0 }: SurvivorHunt): Promise<boolean> {
  const seen = new Set<number>();
  return await pollUntil(() => {
    const listed = list();
    for (const { pid } of listed) seen.add(pid);
    return listed.length === 0 && ![...seen].some(isRunning);
  }, lingerMs);
}

/** Stops (SIGSTOP) every listed process until a look finds nothing new, and returns them. */
function listStopped({ list, signal }: SurvivorHunt): readonly Survivor[] {
  const stopped = new Map<number, Survivor>();
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const fresh = list().filter(({ pid }) => !stopped.has(pid));
    if (fresh.length === 0) break;
    signal(fresh, "SIGSTOP");
    for (const member of fresh) stopped.set(member.pid, member);
  }
  return [...stopped.values()];
}

async function endLeader(
  worker: WorkerProcess,
  { graceMs, shutdownSignal }: StopOptions,
): Promise<Pick<StopReport, "exit" | "endedBefore" | "killed">> {
  if (worker.exitInfo !== undefined) return { exit: worker.exitInfo, endedBefore: true, killed: false };
  worker.signal(shutdownSignal);
  worker.signal("SIGCONT"); // a stopped process receives the shutdown signal only after SIGCONT
  const killed = !(await settlesWithin(worker.exited, graceMs));
  if (killed) worker.signal("SIGKILL");
  if (!(await settlesWithin(worker.exited, KILL_WAIT_MS))) {
    throw createStopFailedError([{ pid: worker.pid, command: formatCommand(worker.plan) }], KILL_WAIT_MS);
  }
  return { exit: await worker.exited, endedBefore: false, killed };
}

function listSurvivors(worker: WorkerProcess, holdings: Holdings): readonly Survivor[] {
  worker.checkGroup();
  const inGroup = worker.groupIsGone ? [] : listGroup(worker.pid);
  const found: readonly Survivor[] = [...inGroup, ...listMarked(worker.plan.token)];
  const members = new Map(found.map((member) => [member.pid, member]));
  const hidden: readonly (Omit<Heir, "shared"> & Partial<Heir>)[] = [
    ...worker.listDescendants(),
    ...listHeirs(holdings, worker),
  ];
  for (const { pid, parentId, shared } of hidden) {
    if (members.has(pid)) continue;
    const command = readCommand(pid);
    // A worker that launches workers has a reaper. It ends by itself and must not end before those workers.
    if (![command, readCommand(parentId)].some(isReaperCommand))
      members.set(pid, { pid, command, ...(shared !== undefined && { shared }) });
  }
  return [...members.values()];
}

function signalMembers(worker: WorkerProcess, found: readonly WorkerMember[], signal: NodeJS.Signals): void {
  worker.signal(signal);
  for (const { pid } of found) signalProcess(pid, signal);
}

function createStopFailedError(alive: readonly WorkerMember[], waitedMs: number): StopFailedError {
  const list = alive.map(({ pid, command }) => `${pid} (${command})`).join(", ");
  return new StopFailedError({
    message: `${alive.length} of the worker's processes ${alive.length === 1 ? "is" : "are"} still alive: ${list}`,
    details: { survivors: alive, waitedMs },
  });
}
