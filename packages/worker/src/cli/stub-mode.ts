import { ControlServer } from "../control/index.js";
import type { StubConfig } from "../engine/stub/index.js";
import { Mutants, StartFaults, StubControl } from "../faults/index.js";
import type { AccessRules } from "../http/index.js";
import type { Logger } from "../telemetry/index.js";
import type { WorkerOptions } from "./worker-options.js";

/** The parts that only a worker in stub mode has. */
export interface StubMode {
  readonly control: StubControl;
  readonly start: StartFaults;
  readonly listener: ControlServer;
}

/** Loads the mutants of a stub; any other worker has none. */
export function loadMutants({ engine }: WorkerOptions): Promise<Mutants> {
  return Mutants.load(engine.kind === "stub" ? engine.config.mutants : []);
}

/** The options that mutants change; all others are as they were given. */
export function applyMutants(options: WorkerOptions, { listener }: Mutants): WorkerOptions {
  const {
    host = options.host,
    allowHosts = options.allowHosts,
    allowOrigins = options.allowOrigins,
    parser,
  } = listener;
  return { ...options, host, allowHosts, allowOrigins, parser };
}

/** What the parts of stub mode need besides their configuration. */
interface StubContext {
  readonly mutants: Mutants;
  readonly logger: Logger;
  readonly access: AccessRules;
}

/** Assembles the parts of stub mode; nothing is listening yet. */
export function createStubMode(
  config: StubConfig,
  { slots, contextSize }: Pick<WorkerOptions, "slots" | "contextSize">,
  { mutants, logger, access }: StubContext,
): StubMode {
  const control = new StubControl({
    config,
    slots,
    contextSize,
    mutants,
    onFired: (fault, { jobId: job_id }) => logger.contract("fault_fired", { fault, job_id }),
    exit: exitWhenWritten,
  });
  return { control, start: new StartFaults(control, process.env), listener: new ControlServer(control, { access }) };
}

/** Exits once stdout has taken everything written before. */
function exitWhenWritten(code: number): Promise<never> {
  process.stdout.write("", () => process.exit(code));
  return new Promise<never>(() => undefined);
}
