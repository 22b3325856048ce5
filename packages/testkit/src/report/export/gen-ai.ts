import type { RequestRecord } from "../../load/index.js";
import { measureRequest } from "../../load/metrics/request-metrics.js";
import { countTokens } from "../../load/metrics/request-record.js";
import type { RunReport } from "../run-report.js";

/** Attributes of a value, with the names of OpenTelemetry. */
export type Attributes = Readonly<Record<string, string | number>>;

/** A histogram of OpenTelemetry's semantic conventions for generative AI. Times are in seconds. */
export interface GenAiMetric {
  readonly name: string;
  readonly unit: "s" | "{token}";
  readonly description: string;
  /** Upper bounds of the buckets, which the conventions recommend. */
  readonly bounds: readonly number[];
  /** `undefined`: the request does not enter it. */
  readonly measure: (record: RequestRecord) => number | undefined;
  readonly attributes?: Attributes;
}

const DURATION_BOUNDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const FIRST_TOKEN_BOUNDS = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const PER_TOKEN_BOUNDS = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const TOKEN_BOUNDS = Array.from({ length: 14 }, (_, power) => 4 ** power);

/** The metrics of a run. Those of the server are as the client saw them: the network is part of them. */
export const GEN_AI_METRICS: readonly GenAiMetric[] = [
  {
    name: "gen_ai.client.operation.duration",
    unit: "s",
    description: "Duration of a request, from its first byte to the end of its answer.",
    bounds: DURATION_BOUNDS,
    measure: ({ sendMs, closeMs }) => (closeMs - sendMs) / 1000,
  },
  {
    name: "gen_ai.client.operation.time_to_first_chunk",
    unit: "s",
    description: "Time from the first byte of a request to the first event with text, of ok requests.",
    bounds: DURATION_BOUNDS,
    measure: (record) => ofOk(record, measureRequest(record, "ttft")),
  },
  {
    name: "gen_ai.client.token.usage",
    unit: "{token}",
    description: "Output tokens of ok requests.",
    bounds: TOKEN_BOUNDS,
    measure: (record) => (record.status === "ok" ? countTokens(record).count : undefined),
    attributes: { "gen_ai.token.type": "output" },
  },
  {
    name: "gen_ai.server.time_to_first_token",
    unit: "s",
    description: "Time to the first token of ok requests, as the client saw it.",
    bounds: FIRST_TOKEN_BOUNDS,
    measure: (record) => ofOk(record, measureRequest(record, "ttft")),
  },
  {
    name: "gen_ai.server.time_per_output_token",
    unit: "s",
    description: "Time per output token after the first one, of ok requests, as the client saw it.",
    bounds: PER_TOKEN_BOUNDS,
    measure: (record) => ofOk(record, measureRequest(record, "tpot")),
  },
];

function ofOk({ status }: RequestRecord, valueMs: number | undefined): number | undefined {
  return status !== "ok" || valueMs === undefined ? undefined : valueMs / 1000;
}

const CHAT_DIALECTS = ["openai-chat", "openai-responses", "anthropic"];

/** Attributes that all requests of a run have. */
export function describeRun({ requests, machine, worker }: RunReport): Attributes {
  const dialect = requests?.dialect ?? "unknown";
  const model = requests?.model ?? machine?.model;
  const address = worker?.baseUrl ?? "";
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return {
    "gen_ai.operation.name": CHAT_DIALECTS.includes(dialect) ? "chat" : "text_completion",
    "gen_ai.provider.name": dialect,
    ...(model !== null && model !== undefined && { "gen_ai.request.model": model }),
    ...(url !== undefined && {
      "server.address": url.hostname,
      "server.port": url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port),
    }),
  };
}

/** What failed, with few different values; nothing for an ok request. */
export function describeError({ status, httpStatus }: RequestRecord): Attributes {
  return status === "ok" ? {} : { "error.type": httpStatus === undefined ? status : String(httpStatus) };
}
