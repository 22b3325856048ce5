import { arch, availableParallelism, cpus, platform, release, totalmem } from "node:os";

/** What this process runs on. */
export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Such as `linux-x64`. */
  readonly platform: string;
  /** The release of the operating system. */
  readonly release: string;
  readonly node: string;
}

/** Reads it from the operating system. */
export function describeMachine(): MachineFacts {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: `${platform()}-${arch()}`,
    release: release(),
    node: process.versions.node,
  };
}
