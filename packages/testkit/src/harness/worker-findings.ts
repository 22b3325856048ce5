import type { FaultAccount } from "worker-orcd-control";
import type { WatchedRequest } from "../client/index.js";
import {
  createFindingsError,
  FindingLog,
  FINDINGS,
  settleFindings,
  type Finding,
  type FindingCode,
  type SeenFinding,
} from "../findings/index.js";
import { watchForFindings } from "./finding-watch.js";

/** What the test does on purpose, and what it allows. */
export interface FindingContext {
  readonly workerId: string;
  readonly allow: readonly FindingCode[];
  /** Defects that the stub was started with. */
  readonly mutants: readonly string[];
  /** The faults of the worker, and of a proxy in front of it. */
  readonly faultAccounts: () => readonly FaultAccount[];
  /** Calls of the test that end or suspend the process, such as `kill("SIGKILL")`. */
  readonly deeds: () => readonly string[];
}

/** What was noticed about one worker across all its processes. */
export class WorkerFindings {
  readonly #log = new FindingLog();
  readonly #context: FindingContext;

  constructor(context: FindingContext) {
    this.#context = context;
  }

  /** Observes one request. */
  readonly watch = (request: WatchedRequest) => watchForFindings(this.#log, request);

  /** A process was stopped. */
  add(findings: readonly SeenFinding[]): void {
    this.#log.add(...findings);
  }

  /** Everything noticed so far, with what follows from it as things stand now. */
  list(): readonly Finding[] {
    return settleFindings(this.#log.list(), { allow: this.#context.allow, explain: (finding) => this.#explain(finding) });
  }

  allows(code: FindingCode): boolean {
    return this.#context.allow.includes(code);
  }

  /** The error for those that fail the test; EXIT_FAILED has an error of its own. */
  createError(findings: readonly Finding[]): Error | undefined {
    const others = findings.filter(({ code }) => code !== "EXIT_FAILED");
    return createFindingsError(others, this.#context.workerId);
  }

  #explain({ code }: SeenFinding): string | undefined {
    const { mutants, faultAccounts, deeds } = this.#context;
    const { faults, calls } = FINDINGS[code];
    const fault = faultAccounts().find(({ id, fired }) => fired > 0 && faults.includes(id));
    if (fault !== undefined) return `the fault \`${fault.id}\``;
    const deed = deeds().find((each) => calls.some((call) => each.startsWith(call)));
    if (deed !== undefined) return `\`${deed}\``;
    return mutants.length === 0 ? undefined : `the mutant \`${mutants.join("`, `")}\``;
  }
}
