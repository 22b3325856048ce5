import type { Context } from "../context.js";
import { copyable } from "../copy-button.js";
import { h, section } from "../dom.js";
import { factList, type Facts } from "../facts.js";
import {
  describeAnswerLength,
  formatBytes,
  formatCount,
  formatMs,
  formatNumber,
  formatShare,
  NOT_RECORDED,
  plural,
} from "../testkit.js";

/** The plan of the run, and the machine it ran on. */
export function factsSection(context: Context): HTMLElement {
  const { provenance } = context.data.report;
  return section(
    "facts",
    "Run and machine",
    provenance && copyable("Command", provenance.command),
    h(
      "div",
      { class: "grid" },
      factList("Provenance", provenanceFacts(context)),
      factList("Load", loadFacts(context)),
      factList("Requests", requestFacts(context)),
      factList("Client", clientFacts(context)),
      factList("Worker", workerFacts(context)),
      factList("Machine", machineFacts(context)),
    ),
  );
}

function loadFacts({ data: { load } }: Context): Facts {
  if (load === null) return [];
  const { plan, warmup, ended, window } = load;
  return [
    ["profile", describeObject(plan.profile)],
    ["stop", describeObject(plan.stop)],
    ["ended", ended.message],
    ["window", formatMs(window.durationMs)],
    [
      "warm-up",
      warmup === null
        ? "none"
        : `${plural(warmup.attempted, "request")} (${formatCount(warmup.ok)} ok), ${formatMs(warmup.durationMs)}, excluded from the results`,
    ],
    ["SLO of a request", describeObject(plan.slo) || "none"],
    ["judged from", plan.judgedFrom],
    ["seed", plan.seed],
  ];
}

function provenanceFacts({ data: { report } }: Context): Facts {
  const { provenance } = report;
  if (provenance === undefined) return [];
  const { commit, workerVersion, stubConfig } = provenance;
  return [
    ["commit", commit],
    ["worker version", workerVersion],
    ["stub configuration", stubConfig === null ? undefined : JSON.stringify(stubConfig)],
  ];
}

function requestFacts({ data: { report, load } }: Context): Facts {
  const { requests } = report;
  const { prompts, maxTokens, settings } = load?.workload ?? {};
  return [
    ["dialect", requests?.dialect ?? load?.workload?.dialect],
    ["known by", requests?.recognizedBy],
    ["model", requests?.model],
    ["max tokens", requests?.maxTokens ?? (maxTokens && describeSpread(maxTokens))],
    ["answers", requests && describeAnswerLength(requests)],
    ["prompts", prompts && `${describeSpread(prompts.characters)} characters`],
    ["hash of the prompts", prompts && `${prompts.sha256} (the first ${prompts.hashedCount})`],
    ["sampling", settings && (describeObject(settings) || "the server's defaults")],
  ];
}

function describeSpread({ min, median, max }: { min: number; median: number; max: number }): string {
  return min === max ? formatCount(min) : `${formatCount(min)} to ${formatCount(max)}, median ${formatNumber(median)}`;
}

function clientFacts({ data: { load } }: Context): Facts {
  if (load === null) return [];
  const { rate, tokenCheck, clients, latency } = load;
  const delay = latency.clientDelay;
  const delayMedian = delay?.percentiles.p50;
  const busiest = clients.reduce((most, { cpuShare }) => Math.max(most, cpuShare), 0);
  const lateMs = clients.reduce((most, { eventLoopDelayMs }) => Math.max(most, eventLoopDelayMs.p99), 0);
  return [
    [
      "rate",
      rate === null
        ? undefined
        : `${formatNumber(rate.achievedPerSec)} of ${formatNumber(rate.requestedPerSec)} requests/s (${formatShare(rate.ratio)})`,
    ],
    [
      "client delay",
      delay === undefined
        ? NOT_RECORDED.message
        : `median ${typeof delayMedian === "number" ? formatMs(delayMedian) : "–"}, longest ${formatMs(delay.max)}`,
    ],
    ["event-loop delay", clients.length === 0 ? undefined : `p99 ${formatMs(lateMs)}`],
    [
      "CPU",
      clients.length === 0
        ? undefined
        : `${formatShare(busiest)} of a core in the busiest of ${plural(clients.length, "thread")}`,
    ],
    [
      "token count",
      tokenCheck.status === "compared"
        ? `${formatCount(tokenCheck.counted)}; the worker counted ${formatCount(tokenCheck.workerCounted)}`
        : tokenCheck.reason,
    ],
  ];
}

function workerFacts({ data: { report } }: Context): Facts {
  const { worker, machine } = report;
  return [
    ["id", worker?.workerId],
    ["address", worker?.baseUrl],
    ["command", worker?.command],
    ["process", worker?.pid],
    [
      "ready after",
      worker?.readyAfterMs === null || worker?.readyAfterMs === undefined ? undefined : formatMs(worker.readyAfterMs),
    ],
    ["version", machine?.workerVersion],
    ["model", machine?.model],
    ["model hash", machine?.modelHash],
    ["parallel jobs", machine?.parallelism],
  ];
}

function machineFacts({ data: { report } }: Context): Facts {
  const { machine } = report;
  if (machine === null) return [];
  return [
    ["CPU", machine.cpu],
    ["cores", machine.cores],
    ["memory", formatBytes(machine.memoryBytes)],
    ["GPU", machine.gpu],
    ["driver", machine.driver],
    ["platform", machine.platform],
    ["Node", machine.node],
  ];
}

/** "constant, ratePerSec 10": short enough to be read. */
function describeObject(value: object | null): string {
  if (value === null) return "none";
  const parts = Object.entries(value).map(([key, part]) => {
    const text = typeof part === "object" ? JSON.stringify(part) : String(part);
    return key === "kind" ? text : `${key} ${text}`;
  });
  return parts.join(", ");
}
