import { createConformanceReport } from "../../conformance/report/create-report.js";
import type { CheckResult, ConformanceReport } from "../../conformance/report/conformance-report.js";
import { conformanceToHtml, toConformancePageData } from "../../conformance/report/html/to-html.js";
import { judgeLimits, type RequestRecord, type StoredLoadResult } from "../../load/index.js";
import { ItlHistogram } from "../../load/metrics/itl-histogram.js";
import { buildResult } from "../../load/run/build-result.js";
import { splitRecords } from "../../load/run/join-phases.js";
import { countPlanned, planPhases } from "../../load/run/phase-plan.js";
import { resolveLoadOptions } from "../../load/run/options.js";
import { createRunReport, type RunReport } from "../../report/index.js";
import { toRunPage } from "../../report/html/to-html.js";
import { toPageData } from "../../report/html/page-data.js";
import type { LiveNews, LiveSetup, PlannedCheck, PlannedRun } from "./live-messages.js";

const SO_FAR = "still running; these are the figures so far";

/** What is known so far, as the page of the final report shows it. */
export interface Snapshot {
  add(news: LiveNews): void;
  /** The data of the page; that of the final report once there is one. */
  data(): Promise<unknown>;
  /** The page, which follows the run if it is live. */
  html(): Promise<string>;
  end(report: RunReport | ConformanceReport | undefined): void;
}

/** Begins without any result. */
export function createSnapshot(setup: LiveSetup): Snapshot {
  return setup.kind === "run" ? new RunSnapshot(setup) : new CheckSnapshot(setup);
}

class RunSnapshot implements Snapshot {
  readonly #setup: PlannedRun;
  readonly #records: RequestRecord[] = [];
  #final: RunReport | undefined;

  constructor(setup: PlannedRun) {
    this.#setup = setup;
  }

  add({ records = [] }: LiveNews): void {
    for (const record of records) this.#records.push(record);
  }

  async data(): Promise<unknown> {
    return toPageData(await this.#report());
  }

  async html(): Promise<string> {
    return toRunPage(await this.#report(), { isLive: true });
  }

  end(report: RunReport): void {
    this.#final = report;
  }

  async #report(): Promise<RunReport> {
    if (this.#final !== undefined) return this.#final;
    const { title, limits } = this.#setup;
    if (this.#records.length === 0) return createRunReport({ title, partialReason: SO_FAR });
    const load = await this.#summarize();
    const report = createRunReport({ title, load, limits: judgeLimits(load, limits), partialReason: SO_FAR });
    return { ...report, status: report.status === "pass" ? "inconclusive" : report.status }; // the rest may still fail
  }

  /** What only the clients know, such as inter-token latencies and their own load, follows with the final report. */
  async #summarize(): Promise<StoredLoadResult> {
    const { options: given, startedAt } = this.#setup;
    const options = resolveLoadOptions({ ...given, requests: [{}] });
    const itl = await ItlHistogram.create();
    const load = { client: 0, eventLoopDelayMs: { p50: 0, p95: 0, p99: 0, max: 0 }, cpuShare: 0, cpuSource: "thread" };
    const unread = { reason: "it is read at the end of the run" };
    const result = await buildResult({
      options,
      startedAt,
      ended: { by: "count", message: SO_FAR },
      health: undefined,
      warmup: null,
      phases: splitRecords(this.#records, options.profile).map(({ step, records }, index) => ({
        step,
        requestCount: index === 0 ? countPlanned(planPhases(options)) : 0,
        counters: [unread, unread],
        reports: [{ records, itl: itl.encode(), gaps: [], load: { ...load, cpuSource: "thread" } }],
      })),
    });
    return { ...result, clients: [] };
  }
}

const NO_SERVER = { url: "", dialect: "", recognizedBy: null, model: null, command: null };

class CheckSnapshot implements Snapshot {
  readonly #setup: PlannedCheck;
  readonly #results: CheckResult[] = [];
  #server: ConformanceReport["server"] = NO_SERVER;
  #final: ConformanceReport | undefined;

  constructor(setup: PlannedCheck) {
    this.#setup = setup;
  }

  add({ server, results = [] }: LiveNews): void {
    if (server !== undefined) this.#server = server;
    this.#results.push(...results);
  }

  data(): Promise<unknown> {
    return Promise.resolve(toConformancePageData(this.#report()));
  }

  html(): Promise<string> {
    return conformanceToHtml(this.#report(), { isLive: true });
  }

  end(report: ConformanceReport): void {
    this.#final = report;
  }

  #report(): ConformanceReport {
    const { level, seed } = this.#setup;
    const facts = { level, seed, server: this.#server, results: this.#results, restarts: [], deviations: {} };
    return this.#final ?? createConformanceReport({ ...facts, partialReason: SO_FAR });
  }
}
