import { suggest } from "inference-worker-protocol/validation";
import {
  definitionOf,
  FAULT_IDS,
  FAULTS,
  parseFaults,
  type FaultId,
  type FaultIdOf,
  type FaultProvider,
  type FaultSpec,
  type ResolvedFault,
} from "worker-orcd-control";
import { InvalidOptionError } from "../errors/index.js";
import { checkOption } from "../options/index.js";

/** The faults that `worker.faults.arm()` takes. */
export type WorkerFaultId = FaultIdOf<"stub"> | FaultIdOf<"harness">;

/** A fault that `worker.faults.arm()` takes, with its trigger. */
export type WorkerFaultSpec = FaultSpec<WorkerFaultId>;

/** A checked fault of a list: as given and with its defaults. */
export interface ParsedSpec {
  readonly provider: FaultProvider;
  readonly spec: unknown;
  readonly fault: ResolvedFault;
}

const ARMED: ReadonlySet<FaultProvider> = new Set(["stub", "harness"]);

const WAYS_OUT: Partial<Record<FaultProvider, string>> = {
  proxy: "Put a FaultProxy in front of the worker: `FaultProxy.inFrontOf(worker)`, and arm it there.",
  host: "Start the worker with it: `hostFaults: [hostFault(…)]`.",
};

/**
 * Checks the list of `arm()`.
 *
 * @throws {INVALID_OPTION} naming the first invalid entry: an unknown id, an invalid parameter or point, a fault that has another provider,
 * or a fault of the start.
 */
export function parseSpecs(specs: readonly unknown[]): ParsedSpec[] {
  checkOption(Array.isArray(specs), "faults", { wanted: "an array of faults", value: specs });
  return specs.map((spec, index) => parseSpec(spec, `faults[${index}]`));
}

function parseSpec(spec: unknown, name: string): ParsedSpec {
  checkId(spec, `${name}.id`);
  const provider = providerOf(spec);
  const wayOut = WAYS_OUT[provider];
  if (wayOut !== undefined) {
    const message = `Expected \`${name}.id\` to be a fault of the worker, got \`${idOf(spec)}\`, which needs the ${provider}`;
    throw new InvalidOptionError({ message, hint: wayOut });
  }
  const fault = parseOne(spec, { provider, name });
  if (!definitionOf(fault.id).startOnly) return { provider, spec, fault };
  throw new InvalidOptionError({
    message: `Expected \`${name}.id\` to be a fault that can be armed later, got \`${fault.id}\`, which belongs to the start`,
    hint: "Give it to the start: `startMock({ stub: { faults: […] } })`.",
  });
}

/** Checks one fault for one provider, with its own name in messages. @throws {INVALID_OPTION} */
export function parseOne(spec: unknown, { provider, name }: { provider: FaultProvider; name: string }): ResolvedFault {
  try {
    return parseFaults([spec], provider)[0] as ResolvedFault;
  } catch (cause) {
    throw new InvalidOptionError({ message: (cause as Error).message.replaceAll("faults[0]", name) });
  }
}

/**
 * Rejects an unknown id with a list of the stub and process faults, which are both armed here. The parser rejects everything that is not a
 * fault.
 */
function checkId(spec: unknown, name: string): void {
  const id = idOf(spec);
  if (typeof spec !== "object" || spec === null || Object.hasOwn(FAULTS, id)) return;
  const known = FAULT_IDS.filter((each) => ARMED.has(definitionOf(each).provider) && !definitionOf(each).startOnly);
  const message = `Expected \`${name}\` to be one of ${known.join(", ")}, got \`${id}\`${suggest(id, FAULT_IDS)}`;
  throw new InvalidOptionError({ message });
}

/** An unknown id is rejected as a stub fault. */
function providerOf(spec: unknown): FaultProvider {
  const id = idOf(spec);
  return Object.hasOwn(FAULTS, id) ? definitionOf(id as FaultId).provider : "stub";
}

function idOf(spec: unknown): string {
  return String((spec as { id?: unknown } | null | undefined)?.id);
}
