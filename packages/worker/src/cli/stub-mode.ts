import { ControlServer } from "../control/index.js";
import type { StubConfig } from "../engine/stub/index.js";
import { findListenerChange, StartFaults, StubControl } from "../faults/index.js";
import type { AccessRules } from "../http/index.js";
import type { Logger } from "../telemetry/index.js";
import type { WorkerOptions } from "./worker-options.js";

/** The parts that only a worker in stub mode has. */
export interface StubMode {
  readonly control: StubControl;
  readonly start: StartFaults;
  readonly listener: ControlServer;
}

/** The options that mutants of the stub change; all others are as they were given. */
export function applyMutants(options: WorkerOptions): WorkerOptions {
  const { engine } = options;
  const change = engine.kind === "stub" ? findListenerChange(engine.config.mutants) : {};
  const { host = options.host, allowHosts = options.allowHosts, allowOrigins = options.allowOrigins, parser } = change;
  return { ...options, host, allowHosts, allowOrigins, parser };
}

/** Assembles the parts of stub mode; nothing is listening yet. */
export function createStubMode(
  config: StubConfig,
  { slots, contextSize }: Pick<WorkerOptions, "slots" | "contextSize">,
  { logger, access }: { readonly logger: Logger; readonly access: AccessRules },
): StubMode {
  const control = new StubControl({
    config,
    slots,
    contextSize,
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
