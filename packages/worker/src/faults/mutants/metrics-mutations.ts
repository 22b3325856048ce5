import { findPath } from "./change-body.js";
import type { CreateMutation } from "./mutation.js";
import { reviseAnswer } from "./revise-answer.js";

const KEPT_BYTES = 1024 * 1024;
const TOKEN_BUDGET = 1_000_000;
const COUNTERS = /^(worker_(?:requests|tokens_generated)_total\S*) \d+$/gm;

/** Changes the text of the metrics. */
function inMetrics(change: (text: string) => string): CreateMutation {
  return () => ({
    intercept: (call, next) => {
      if (findPath(call.request) === "/metrics") reviseAnswer(call.response, { text: change });
      return next(call);
    },
  });
}

/** The defects of the metrics and of memory. */
export const METRICS_MUTATIONS = {
  "metrics.with-a-broken-line": inMetrics((text) => `${text}\nrequests per second 4 5 6\n`),
  "metrics.divide-by-zero": inMetrics((text) => text.replace(/^(worker_uptime_seconds) .*$/m, "$1 NaN")),
  "metrics.registered-twice": inMetrics((text) => text.replace(/^worker_uptime_seconds .*$/m, "$&\n$&")),
  "metrics.lose-the-last-bucket": inMetrics((text) => text.replaceAll(/(le="\+Inf"\}) \d+/g, "$1 0")),
  "metrics.count-down": inMetrics((text) =>
    text.replace(/^(worker_tokens_generated_total) (\d+)$/m, (_, name: string, value: string) => {
      return `${name} ${TOKEN_BUDGET - Number(value)}`;
    }),
  ),
  "metrics.count-nothing": inMetrics((text) => text.replaceAll(COUNTERS, "$1 0")),
  "metrics.always-busy": () => ({
    intercept: (call, next) => {
      const text = (each: string): string => each.replace(/(state="busy"\} |"busy":)0/, "$11");
      if (call.request.method === "GET") reviseAnswer(call.response, { text });
      return next(call);
    },
  }),
  "memory.keeps-every-request": () => {
    const kept: Buffer[] = [];
    return {
      intercept: (call, next) => {
        if (call.request.method === "POST") kept.push(Buffer.alloc(KEPT_BYTES, 1));
        return next(call);
      },
    };
  },
} as const satisfies Readonly<Record<string, CreateMutation>>;
