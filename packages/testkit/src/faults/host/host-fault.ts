import type { FaultIdOf, FaultSpec, ResolvedFault } from "worker-orcd-control";
import { InvalidOptionError } from "../../errors/index.js";
import { parseOne } from "../parse-specs.js";
import { cpuQuota } from "./cpu-quota.js";
import type { HostLimit, MissingLimit } from "./host-limit.js";
import { diskFull, fileSizeLimit, openFilesLimit } from "./resource-limits.js";

/** The id of an operating-system limit. */
export type HostFaultId = FaultIdOf<"host">;

/** A limit that this machine can set. */
export interface AvailableHostFault {
  readonly status: "available";
  readonly id: HostFaultId;
  /**
   * Program and arguments that set the limit and then `exec` the rest. For use with the option `wrapper`, which does not verify the
   * limit.
   */
  readonly wrapper: readonly string[];
  /** @internal */
  readonly fault: ResolvedFault;
  /** @internal */
  readonly limit: HostLimit;
}

/** A limit that this machine cannot set. */
export interface MissingHostFault {
  readonly status: "missing";
  readonly id: HostFaultId;
  readonly reason: string;
}

/** The result of {@link hostFault}. */
export type HostFault = AvailableHostFault | MissingHostFault;

/** The parameters of a host fault. */
export type HostFaultParams<Id extends HostFaultId> = Omit<
  Extract<FaultSpec<Id>, { id: Id }>,
  "id" | "match" | "when" | "times"
>;

type LimitMaker = (params: never) => HostLimit | MissingLimit;
const LIMITS: Readonly<Record<HostFaultId, LimitMaker>> = {
  "open-files-limit": openFilesLimit,
  "disk-full": diskFull,
  "file-size-limit": fileSizeLimit,
  "cpu-quota": cpuQuota,
};

/**
 * An operating-system limit for a worker, passed to its start as `hostFaults`. If this machine cannot set it, skip the test with the
 * `reason`. It counts as fired once the limit is verified to be in force for the worker's process. Linux only.
 *
 * @throws {INVALID_OPTION} an unknown id, or an invalid parameter.
 * @example
 * const limit = hostFault("open-files-limit", { limit: 64 });
 * if (limit.status === "missing") return context.skip(limit.reason);
 * await using worker = await WorkerTestHarness.startMock({ hostFaults: [limit] });
 */
export function hostFault<Id extends HostFaultId>(id: Id, params?: HostFaultParams<Id>): HostFault {
  const fault = parseOne({ ...params, id }, { provider: "host", name: "hostFault" });
  if (process.platform !== "linux")
    return {
      status: "missing",
      id,
      reason: "host faults need Linux: other systems cannot verify that they are in force",
    };
  const made = LIMITS[id](fault.params as never);
  if ("reason" in made) return { status: "missing", id, reason: made.reason };
  return { status: "available", id, wrapper: made.wrapper, fault, limit: made };
}

/** @throws {INVALID_OPTION} a fault that this machine cannot provide: the test must be skipped and must never pass silently. */
export function requireAvailable(faults: readonly HostFault[]): AvailableHostFault[] {
  return faults.map((each) => {
    if (each.status === "available") return each;
    throw new InvalidOptionError({
      message: `Expected \`hostFaults\` to be available here, but \`${each.id}\` is not: ${each.reason}`,
      hint: "Skip the test with this reason when `hostFault(…).status` is `missing`.",
    });
  });
}
