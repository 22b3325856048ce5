import type { FaultAccount } from "worker-orcd-control";
import type { WatchedRequest } from "../client/index.js";
import {
  createFindingsError,
  explainByFaults,
  FindingLog,
  FINDINGS,
  settleFindings,
  type Explain,
  type Finding,
  type FindingCode,
  type SeenFinding,
} from "../findings/index.js";
import { watchForFindings } from "./finding-watch.js";

/** What the test does on purpose, and what it allows. */
export interface FindingContext {
  /** How messages call the worker. */
  readonly name: string;
  readonly allow: readonly FindingCode[];
  /** Defects that the stub was started with. */
  readonly mutants: readonly string[];
  /** The faults of the worker. */
  readonly faultAccounts: () => readonly FaultAccount[];
  /** Calls of the test that end or suspend the process, such as `kill("SIGKILL")`. */
  readonly deeds: () => readonly string[];
  /** What was announced for the address of an attached worker: it may be a proxy, or a worker that another harness has started. */
  readonly elsewhere: Explain | undefined;
}

/** What was noticed about one worker across all its processes. */
export class WorkerFindings {
  readonly #log = new FindingLog();
  readonly #context: FindingContext;
  #isStopping = false;

  constructor(context: FindingContext) {
    this.#context = context;
  }

  /** Observes one request. */
  readonly watch = (request: WatchedRequest) =>
    watchForFindings({ log: this.#log, isStopping: () => this.#isStopping }, request);

  /** From now on the framework ends connections itself. */
  beginStop(): void {
    this.#isStopping = true;
  }

  /** A process was stopped. */
  add(findings: readonly SeenFinding[]): void {
    this.#log.add(...findings);
  }

  /** Everything noticed so far, with what follows from it as things stand now. */
  list(): readonly Finding[] {
    return settleFindings(this.#log.list(), { allow: this.#context.allow, explain: this.explain });
  }

  allows(code: FindingCode): boolean {
    return this.#context.allow.includes(code);
  }

  /** The error for those that fail the test; EXIT_FAILED has an error of its own. */
  createError(findings: readonly Finding[]): Error | undefined {
    const others = findings.filter(({ code }) => code !== "EXIT_FAILED");
    return createFindingsError(others, this.#context.name);
  }

  /** For another harness that reaches the same worker: whether a fault of the stub has fired may not be known here yet. */
  readonly explainElsewhere: Explain = (finding) => {
    const armed = this.#context.faultAccounts().map((account) => ({ ...account, fired: 1 }));
    return explainByFaults(finding, armed) ?? this.explain(finding);
  };

  /** What the test did that explains a finding, here or where another harness reaches the same worker. */
  readonly explain: Explain = (finding) => {
    const { mutants, faultAccounts, deeds, elsewhere } = this.#context;
    const fault = explainByFaults(finding, faultAccounts());
    if (fault !== undefined) return fault;
    const deed = deeds().find((each) => FINDINGS[finding.code].calls.some((call) => each.startsWith(call)));
    if (deed !== undefined) return `\`${deed}\``;
    if (mutants.length > 0) return `the mutant \`${mutants.join("`, `")}\``;
    return elsewhere?.(finding);
  };
}
