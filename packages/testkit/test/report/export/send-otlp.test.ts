import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { sendOtlp } from "../../../src/report/export/send-otlp.js";
import type { RunReport } from "../../../src/report/index.js";
import { messageOf } from "../../events/support.js";
import { sampleReport } from "../sample-run.js";

interface Span {
  readonly name: string;
  readonly kind: number;
  readonly startNs: string;
  readonly endNs: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly events: readonly string[];
  readonly status: { readonly code: number; readonly message?: string };
  readonly traceId: string;
}

interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly points: readonly {
    readonly attributes: Readonly<Record<string, string | number>>;
    readonly count: number;
    readonly sum: number;
    readonly counts: readonly number[];
    readonly bounds: readonly number[];
  }[];
}

interface Message<T> {
  readonly path: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly items: readonly T[];
}

/** Starts a receiver in a process of its own, which ends with the test. */
async function startReceiver(status = 200) {
  const program = fileURLToPath(new URL("./otlp-receiver.mjs", import.meta.url));
  const child = spawn(process.execPath, [program, String(status)], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <T>() => JSON.parse((await lines.next()).value as string) as T;
  const { port } = await next<{ port: number }>();
  return { url: `http://127.0.0.1:${port}`, next };
}

const REQUESTS: RunReport["requests"] = {
  dialect: "openai-chat",
  recognizedBy: null,
  model: "tiny",
  maxTokens: 32,
  ignoreEos: { sent: false, reason: "" },
  okCount: 1,
  fullLengthCount: 1,
};

async function report(count: number): Promise<RunReport> {
  const made = await sampleReport({ count, failEvery: 10 });
  return { ...made, requests: REQUESTS, worker: { ...made.worker!, baseUrl: "http://127.0.0.1:8080" } };
}

test("a collector receives the metrics of the GenAI conventions, and one span for each request", async () => {
  const { url, next } = await startReceiver();
  const run = await report(600);

  await sendOtlp(run, `${url}/`);

  const records = run.load!.records;
  const ok = records.filter(({ status }) => status === "ok");
  const metrics = await next<Message<Metric>>();
  expect(metrics).toMatchObject({ path: "/v1/metrics", resource: { "service.name": "inference-testkit" } });
  expect(metrics.items.map(({ name, unit }) => [name, unit])).toEqual([
    ["gen_ai.client.operation.duration", "s"],
    ["gen_ai.client.operation.time_to_first_chunk", "s"],
    ["gen_ai.client.token.usage", "{token}"],
    ["gen_ai.server.time_to_first_token", "s"],
    ["gen_ai.server.time_per_output_token", "s"],
  ]);
  const [duration, , tokens, ttft] = metrics.items;
  const counts = duration!.points.map(({ count, attributes }) => [attributes["error.type"], count]);
  expect(counts.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(600);
  expect(counts).toContainEqual([undefined, ok.length]);
  expect(counts.map(([type]) => type)).toContain("503");
  const [point] = ttft!.points;
  expect(point).toMatchObject({
    count: ok.length,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "tiny",
      "server.address": "127.0.0.1",
      "server.port": 8080,
    },
  });
  expect(point!.bounds.slice(0, 3)).toEqual([0.001, 0.005, 0.01]);
  expect(point!.sum).toBeCloseTo(
    ok.reduce((sum, { firstMs, sendMs }) => sum + (firstMs! - sendMs) / 1000, 0),
    6,
  );
  expect(tokens!.points[0]!.attributes["gen_ai.token.type"]).toBe("output");

  const batches = [await next<Message<Span>>(), await next<Message<Span>>()];
  const spans = batches.flatMap(({ items }) => items);
  expect(batches.map(({ path, items }) => [path, items.length])).toEqual([
    ["/v1/traces", 512],
    ["/v1/traces", 88],
  ]);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(600);
  const [record, span] = [
    ok[0]!,
    spans.find(({ attributes }) => attributes["inference_testkit.request.index"] === ok[0]!.index)!,
  ];
  expect(span).toMatchObject({
    name: "chat tiny",
    kind: 3,
    events: ["first_token", "last_token"],
    status: { code: 0 },
  });
  const startMs = Date.parse(run.load!.startedAt) + record.sendMs;
  expect(Number(span.startNs) / 1e6).toBeCloseTo(startMs, 0);
  expect((Number(span.endNs) - Number(span.startNs)) / 1e6).toBeCloseTo(record.closeMs - record.sendMs, 0);
  const failed = spans.find(({ attributes }) => attributes["inference_testkit.request.status"] === "http-error")!;
  expect(failed.status.code).toBe(2);
  expect(failed.attributes["error.type"]).toBe("503");
});

test("a collector that refuses is reported with its address", async () => {
  const { url } = await startReceiver(400);

  const message = await messageOf(sendOtlp(await report(20), url));
  expect(message).toContain("[REPORT_FAILED] The run could not be exported to http://127.0.0.1:PORT: Bad Request");
  expect(message).toContain("usually on port 4318");
});

test("an address at which nothing listens is reported", async () => {
  const message = await messageOf(sendOtlp(await report(20), "http://127.0.0.1:1", { timeoutMs: 300 }));
  expect(message).toContain("The run could not be exported to http://127.0.0.1:PORT: ");
});
