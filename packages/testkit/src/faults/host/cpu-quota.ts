import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { readProc, shellWrapper, type HostLimit, type MissingLimit } from "./host-limit.js";

const PERIOD_US = 100_000;
const NAME = /^inference-testkit-\d+-\d+$/;
/** A group stays busy for a moment after its last process has ended. */
const REMOVE_ATTEMPTS = 50;
const REMOVE_PAUSE_MS = 10;

/** One of the two control-group versions that Linux can limit CPU time with. */
interface CpuController {
  /** The folder of this process's own group. */
  readonly parent: string;
  /** The files to write. */
  readonly settings: (quotaUs: number) => readonly (readonly [file: string, value: string])[];
}

let groupCount = 0;

/** A separate control group with `percent` of one core; requires a group that this user can write to. */
export function cpuQuota({ percent }: { readonly percent: number }): HostLimit | MissingLimit {
  const controller = findController();
  if (controller === undefined) return { reason: "no control group with a CPU controller was found" };
  const problem = tryGroup(controller);
  if (problem !== undefined) return { reason: problem };
  groupCount += 1;
  const name = `inference-testkit-${process.pid}-${groupCount}`;
  const group = join(controller.parent, name);
  const settings = controller.settings((percent * PERIOD_US) / 100);
  const writes = settings.map(([file, value]) => `echo ${value} >'${join(group, file)}'`);
  return {
    wrapper: shellWrapper(
      "cpu-quota",
      [`mkdir -p '${group}'`, ...writes, `echo $$ >'${group}/cgroup.procs'`].join(" && "),
    ),
    findProblem: (pid) => {
      if (!readProc(`/proc/${pid}/cgroup`).includes(`/${name}\n`)) return `process ${pid} is not in ${group}`;
      const wrong = settings.find(([file, value]) => readProc(join(group, file)).trim() !== value);
      return wrong === undefined ? undefined : `${join(group, wrong[0])} is not ${wrong[1]}`;
    },
    release: () => removeGroup(group),
  };
}

function findController(): CpuController | undefined {
  const own = readProc("/proc/self/cgroup").split("\n");
  const pathOf = (pattern: RegExp): string | undefined =>
    own.map((line) => pattern.exec(line)?.[1]).find((path) => path !== undefined);
  const unified = pathOf(/^0::(.*)$/);
  if (unified !== undefined && existsSync("/sys/fs/cgroup/cgroup.controllers")) {
    return { parent: join("/sys/fs/cgroup", unified), settings: (quota) => [["cpu.max", `${quota} ${PERIOD_US}`]] };
  }
  const path = pathOf(/^\d+:(?:[^:]*,)?cpu(?:,[^:]*)?:(.*)$/);
  const mount = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"].find((folder) => existsSync(folder));
  if (path === undefined || mount === undefined) return undefined;
  const settings: CpuController["settings"] = (quota) => [
    ["cpu.cfs_period_us", String(PERIOD_US)],
    ["cpu.cfs_quota_us", String(quota)],
  ];
  return { parent: join(mount, path), settings };
}

/**
 * Creates a group and removes it again: the only way to learn whether a quota can be set. Returns why not.
 */
function tryGroup({ parent, settings }: CpuController): string | undefined {
  removeStale(parent);
  groupCount += 1;
  const group = join(parent, `inference-testkit-${process.pid}-${groupCount}`);
  try {
    mkdirSync(group);
  } catch (error) {
    return `${parent} cannot be changed (${(error as NodeJS.ErrnoException).code})`;
  }
  try {
    const files = [...settings(PERIOD_US).map(([file]) => file), "cgroup.procs"];
    const absent = files.find((file) => !existsSync(join(group, file)));
    if (absent !== undefined) return `the CPU controller is not delegated to groups in ${parent}: no ${absent}`;
    for (const file of files) accessSync(join(group, file), constants.W_OK);
    return undefined;
  } catch (error) {
    return `${group} cannot be written (${(error as NodeJS.ErrnoException).code})`;
  } finally {
    tryRemove(group);
  }
}

/** Groups left by killed test runners; one that contains a process cannot be removed. */
function removeStale(parent: string): void {
  const names = existsSync(parent) ? readdirSync(parent).filter((name) => NAME.test(name)) : [];
  for (const name of names) if (!existsSync(`/proc/${name.split("-")[2]}`)) tryRemove(join(parent, name));
}

async function removeGroup(group: string): Promise<void> {
  for (let attempt = 0; attempt < REMOVE_ATTEMPTS && !tryRemove(group); attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, REMOVE_PAUSE_MS));
  }
}

function tryRemove(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}
