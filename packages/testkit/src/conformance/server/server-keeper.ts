import { WorkerClient } from "../../client/index.js";
import type { WorkerTestHarness } from "../../harness/index.js";
import type { ServerFacts } from "../capabilities.js";
import type { ConformanceProfile } from "../profile.js";
import { findExit, findProblem, type ServerProblem } from "./find-problem.js";
import { probeFacts } from "./probe-facts.js";
import type { Asking, ServerSource } from "./server-source.js";
import type { StartChange, StartFacts } from "./start-change.js";

/** Whether a server can go on with the next check. */
export type Condition =
  | { readonly status: "alive" }
  | { readonly status: "restarted"; readonly reason: string }
  | { readonly status: "gone"; readonly reason: string };

/** What the keeper of a server needs besides its source. */
interface KeeperOptions {
  readonly asking: Asking;
  readonly profile: ConformanceProfile;
  /** A server that sends nothing for this long does not answer any more. */
  readonly silenceMs: number;
}

/** The first job of a server may load the model. */
const FIRST_JOB_FACTOR = 3;

/** A start of a large model takes minutes: a server that dies in every check is not worth them. */
const MOST_RESTARTS = 8;

/** Starts the server under test, knows what it has, and starts it again if a check has killed it. */
export class ServerKeeper implements AsyncDisposable {
  readonly #source: ServerSource;
  readonly #asking: Asking;
  readonly #profile: ConformanceProfile;
  readonly #silenceMs: number;
  readonly #others = new Set<WorkerTestHarness>();
  #restartCount = 0;
  #harness: WorkerTestHarness | undefined;
  #facts: ServerFacts | undefined;

  constructor(source: ServerSource, { asking, profile, silenceMs }: KeeperOptions) {
    this.#source = source;
    this.#silenceMs = silenceMs;
    this.#asking = asking;
    this.#profile = profile;
  }

  /** Starts it, or takes the running one, and asks what it has. @throws whatever the start throws. */
  async open(signal: AbortSignal): Promise<void> {
    this.#harness = this.#source.kind === "running" ? this.#source.harness : await this.#source.start(signal);
    this.#facts = await this.#ask(this.#harness, signal);
  }

  get facts(): ServerFacts {
    if (this.#facts === undefined) throw new Error("The server was not opened");
    return this.#facts;
  }

  /** How it is known what the server speaks; undefined if that was said. */
  get recognizedBy(): string | undefined {
    return this.#harness?.recognizedBy;
  }

  /** Another process of the same server. It ends with {@link stopOthers}. */
  async launch(signal: AbortSignal, change?: StartChange): Promise<WorkerTestHarness> {
    if (this.#source.kind === "running") throw new Error("A check that launches must need `launch`");
    const other = await this.#source.start(signal, change);
    this.#others.add(other);
    return other;
  }

  /** Stops what checks have launched. */
  async stopOthers(): Promise<void> {
    const others = [...this.#others];
    this.#others.clear();
    await Promise.all(others.map((other) => other.stop().catch(() => undefined))); // how it ended is the business of the check
  }

  /**
   * After a check: a server that was started here and has died, or does not answer any more, is started again.
   *
   * @param isSuspect whether the check gives a reason to ask.
   */
  async revive(isSuspect: boolean, signal: AbortSignal): Promise<Condition> {
    const problem = await this.#findProblem(isSuspect, signal);
    if (problem === undefined || signal.aborted) return { status: "alive" };
    if (this.#source.kind === "running") {
      return problem.kind === "gone" ? { status: "gone", reason: problem.reason } : { status: "alive" };
    }
    return this.#restart(problem.reason, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopOthers();
    if (this.#source.kind === "started") await this.#harness?.stop().catch(() => undefined); // its deaths have been reported
  }

  async #restart(reason: string, signal: AbortSignal): Promise<Condition> {
    this.#restartCount += 1;
    if (this.#restartCount > MOST_RESTARTS) {
      return { status: "gone", reason: `${reason}, after it had been started again ${MOST_RESTARTS} times` };
    }
    try {
      await this.#harness?.stop().catch(() => undefined); // why it died is in the reason
      await this.open(signal);
      return { status: "restarted", reason };
    } catch (error) {
      const [first = ""] = (error as Error).message.split("\n", 1);
      return { status: "gone", reason: `${reason}, and it could not be started again: ${first}` };
    }
  }

  async #findProblem(isSuspect: boolean, signal: AbortSignal): Promise<ServerProblem | undefined> {
    const harness = this.#harness;
    if (harness === undefined) return undefined;
    const exit = findExit(harness);
    if (exit !== undefined || !isSuspect) return exit;
    return findProblem({ harness, facts: this.facts, silenceMs: this.#silenceMs, signal });
  }

  async #ask(harness: WorkerTestHarness, signal: AbortSignal): Promise<ServerFacts> {
    const { baseUrl, pid, headers } = harness;
    const { dialect = harness.dialect, model = harness.model } = this.#asking;
    const client = new WorkerClient({ baseUrl, dialect, model, headers });
    try {
      await client.prepare();
      const probes = await probeFacts(client, { signal, firstJobMs: FIRST_JOB_FACTOR * this.#silenceMs });
      const isOurs = this.#source.kind === "started";
      const facts = {
        url: baseUrl,
        dialect,
        model: client.model,
        headers,
        pid: isOurs ? pid : undefined,
        start: describeStart(this.#source),
      };
      return { ...facts, probes, profile: this.#profile };
    } finally {
      await client.close();
    }
  }
}

function describeStart(source: ServerSource): StartFacts | undefined {
  if (source.kind === "running") return undefined;
  const { command, changes = [], modelFile } = source;
  return { command, changes, modelFile };
}
