import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { FaultHit, FaultIdOf } from "worker-orcd-control";
import type { StubControl } from "./stub-control.js";

/** Faults of the process start. Each is fired below, at its step. */
export const START_FAULTS = [
  "crash-on-start",
  "never-ready",
  "port-in-use",
  "stdout-flood",
  "grandchild-holds-port",
  "ignores-sigterm",
  "ready-too-early",
] as const satisfies readonly FaultIdOf<"stub">[];
export type StartFaultId = (typeof START_FAULTS)[number];

/** The number of this start of the worker, from 1; set by the program that restarts it. */
export const START_NUMBER_VARIABLE = "INFERENCE_TESTKIT_START";

/** Lifetime of the grandchild if nothing kills it. */
const GRANDCHILD_LIFE_SECONDS = "600";
const FLOOD_LINE_BYTES = 1024;

/** The steps of a start that faults can change. */
export interface ServingSteps {
  readonly host: string;
  readonly port: number;
  /** Listens and returns the bound port. */
  listen(port: number): Promise<number>;
  /** Writes the ready line. */
  announce(port: number): void;
  /** Descriptor of the listening socket. */
  descriptor(): number | undefined;
}

/** The faults of one start; chosen when the process begins. */
export class StartFaults {
  readonly #control: StubControl;
  readonly #hits: readonly FaultHit<StartFaultId>[];
  readonly #start: number;

  constructor(control: StubControl, env: NodeJS.ProcessEnv) {
    this.#control = control;
    this.#hits = control.ledger.choose(START_FAULTS, {});
    this.#start = Number(env[START_NUMBER_VARIABLE] ?? 1);
  }

  /** Before the engine is loaded. */
  async beforeLoading(): Promise<void> {
    await this.#control.begin();
    for (const { fault, fire } of this.#of("stdout-flood")) {
      fire();
      await flood(fault.params.bytes);
    }
    for (const hit of this.#of("crash-on-start")) await this.#crash(hit);
    for (const { fire } of this.#of("never-ready")) {
      fire();
      setInterval(() => undefined, 2 ** 30); // the process stays alive, with nothing to do
      await new Promise(() => undefined);
    }
  }

  /** Whether shutdown signals are ignored. */
  ignoresSignal(): boolean {
    const hits = this.#of("ignores-sigterm");
    for (const { fire } of hits) fire();
    return hits.length > 0;
  }

  /** From the bound socket to the ready line. */
  async serve(steps: ServingSteps): Promise<void> {
    const [early] = this.#of("ready-too-early");
    const port = await this.#portFor(steps);
    if (early !== undefined) {
      early.fire();
      steps.announce(port);
      await delay(early.fault.params.ms);
    }
    const bound = await steps.listen(port);
    this.#control.bound(bound);
    await this.#leaveChild(steps.descriptor());
    if (early !== undefined) return;
    await this.#control.becomeReady();
    steps.announce(bound);
  }

  async #crash(hit: FaultHit<"crash-on-start">): Promise<void> {
    const { code, starts = Infinity } = hit.fault.params;
    if (this.#start > starts) {
      hit.bypass(`this is start ${this.#start}, after the first ${starts}`);
      return;
    }
    hit.fire();
    await this.#control.exit(code);
  }

  async #portFor({ host, port }: ServingSteps): Promise<number> {
    const [taken] = this.#of("port-in-use");
    if (taken === undefined && this.#of("ready-too-early").length === 0) return port;
    const other = createServer().listen({ host, port });
    await once(other, "listening");
    const bound = (other.address() as AddressInfo).port;
    if (taken === undefined) await new Promise((resolve) => other.close(resolve));
    else taken.fire();
    other.unref();
    return bound;
  }

  async #leaveChild(descriptor: number | undefined): Promise<void> {
    for (const { fire, bypass } of this.#of("grandchild-holds-port")) {
      if (descriptor === undefined) {
        bypass("this system does not expose the descriptor of a socket");
        continue;
      }
      // It never accepts connections.
      const child = spawn("sleep", [GRANDCHILD_LIFE_SECONDS], { stdio: ["ignore", "ignore", "ignore", descriptor] });
      child.unref();
      await once(child, "spawn").then(fire, (cause: unknown) => bypass(`no child could be started: ${String(cause)}`));
    }
  }

  #of<Id extends StartFaultId>(id: Id): FaultHit<Id>[] {
    return this.#hits.filter((hit): hit is FaultHit<Id> => hit.fault.id === id);
  }
}

/**
 * Writes this number of bytes as log lines, each as soon as the reader has taken the previous one.
 */
async function flood(bytes: number): Promise<void> {
  const filler = "x".repeat(FLOOD_LINE_BYTES);
  for (let written = 0, number = 0; written < bytes; number++) {
    const line = `${JSON.stringify({ event: "flood", number, filler })}\n`;
    written += line.length;
    await new Promise<void>((resolve) => void process.stdout.write(line, () => resolve()));
  }
}
