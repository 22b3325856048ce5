import { setTimeout as delay } from "node:timers/promises";
import { parseMetrics, type MetricsSnapshot } from "../../../client/index.js";
import { defineCheck } from "../../check.js";
import type { CheckContext } from "../../context.js";
import { withBusySlots } from "../../observe/long-job.js";
import { REQUEST_COUNTERS, TOKEN_COUNTERS } from "../../server/counters.js";
import { expect, fail, inconclusive, notApplicable, show } from "../../verdict.js";

const NEEDS = ["metrics"] as const;
const FORMAT = "Prometheus, Exposition formats, text-based format";

export const parses = defineCheck({
  id: "metrics.parse",
  title: "the metrics are Prometheus text with at least one sample",
  level: "standard",
  why: "One line that does not parse makes Prometheus drop the whole scrape, and the server disappears from dashboards.",
  source: `https://github.com/ggml-org/llama.cpp/issues/17384; ${FORMAT}`,
  needs: NEEDS,
  run: async ({ target }) => {
    const { status, headers, text } = await target.send(target.dialect.metrics?.path ?? "/");
    expect("status", status).toBe(200);
    expect("content-type", headers["content-type"]).toMatch(/^(text\/plain|application\/openmetrics-text)/);
    expect("number of samples", parse(text).samples.length).toBeAtLeast(1);
  },
});

export const areNumbers = defineCheck({
  id: "metrics.are-numbers",
  title: "no counter, gauge or histogram is NaN, and no counter or histogram is negative",
  level: "standard",
  why: "One NaN makes every sum and alert over it NaN; a negative counter is a rate that never was.",
  source: `https://github.com/vllm-project/vllm/pull/10430; ${FORMAT}`,
  needs: NEEDS,
  run: async (context) => {
    await context.target.generate(context.prompts.endless(), { max_tokens: 4 });
    const metrics = await scrape(context);
    const bad = metrics.samples.filter(({ name, value }) => {
      const type = findType(metrics, name);
      if (type === "summary") return false; // NaN is the quantile of nothing
      return Number.isNaN(value) || (value < 0 && (type === "counter" || type === "histogram"));
    });
    expect(
      "samples",
      bad.map(({ name, value }) => `${name} ${value}`),
    ).toBe([]);
  },
});

export const noDuplicates = defineCheck({
  id: "metrics.have-no-duplicates",
  title: "no sample is there twice with the same labels",
  level: "standard",
  why: "Prometheus takes one of two equal samples and warns, or refuses the scrape.",
  source: FORMAT,
  needs: NEEDS,
  run: async (context) => {
    const keys = (await scrape(context)).samples.map(({ name, labels }) => `${name} ${JSON.stringify(sorted(labels))}`);
    expect("samples that are there twice", [...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))]).toBe(
      [],
    );
  },
});

export const histogramsAddUp = defineCheck({
  id: "metrics.histograms-add-up",
  title: "the buckets of a histogram never fall, and the last one is its count",
  level: "standard",
  why: "Quantiles are computed from the buckets; if these do not add up, so do the latencies on the dashboard.",
  source: `${FORMAT}: histograms`,
  needs: NEEDS,
  run: async (context) => {
    await context.target.generate(context.prompts.endless(), { max_tokens: 4 });
    const histograms = groupBuckets(await scrape(context));
    if (histograms.size === 0) notApplicable("the metrics have no histogram");
    for (const [name, { buckets, count }] of histograms) {
      const values = [...buckets].sort((a, b) => a.le - b.le).map(({ value }) => value);
      expect(`buckets of ${name}`, values).toSatisfy("in ascending order", (all) =>
        all.every((value, index) => index === 0 || value >= (all[index - 1] ?? 0)),
      );
      expect(`bucket +Inf of ${name}`, buckets.find(({ le }) => le === Infinity)?.value).toBe(count);
    }
  },
});

export const countersNeverFall = defineCheck({
  id: "metrics.counters-never-fall",
  title: "no counter falls while requests are answered",
  level: "standard",
  why: "A counter that falls looks like a restart: rates and totals after it are wrong.",
  source: "Prometheus, Metric types, counter: a value that can only increase or be reset on restart",
  needs: NEEDS,
  run: async (context) => {
    const before = await readCounters(context);
    if (before.size === 0) notApplicable("the metrics have no counter");
    for (let count = 0; count < 3; count += 1)
      await context.target.generate(context.prompts.endless(), { max_tokens: 4 });
    const after = await readCounters(context);
    const fallen = [...before].filter(([key, value]) => (after.get(key) ?? -Infinity) < value);
    expect(
      "counters that fell",
      fallen.map(([key, value]) => `${key}: ${value} became ${after.get(key)}`),
    ).toBe([]);
  },
});

export const countsRequests = defineCheck({
  id: "metrics.count-requests",
  title: "the counter of requests grows by exactly the number of requests",
  level: "standard",
  why: "Capacity is planned and bills are checked by this number.",
  source: "Prometheus, Instrumentation, online-serving systems: the number of performed queries",
  needs: ["metrics", "request-counter"],
  run: async (context) => {
    const before = await sumOf(context, REQUEST_COUNTERS);
    for (let count = 0; count < 3; count += 1)
      await context.target.generate(context.prompts.endless(), { max_tokens: 2 });
    const grown = await settle(context, async () => (await sumOf(context, REQUEST_COUNTERS)) - before, 3);
    expect("growth of the counter of requests after 3", grown).toBe(3);
  },
});

export const countsTokens = defineCheck({
  id: "metrics.count-tokens",
  title: "the counter of generated tokens grows by the tokens that the answers report",
  level: "full",
  why: "Two numbers for the same tokens make one of two bills wrong.",
  source: "https://github.com/vllm-project/vllm/issues/55634",
  needs: ["metrics", "usage", "token-counter"],
  run: async (context) => {
    const before = await sumOf(context, TOKEN_COUNTERS);
    let reported = 0;
    for (const length of [3, 8, 13]) {
      reported += (await context.target.generate(context.prompts.endless(), { max_tokens: length })).tokenCount;
    }
    const grown = await settle(context, async () => (await sumOf(context, TOKEN_COUNTERS)) - before, reported);
    expect(`growth of the counter after answers with ${reported} tokens`, grown).toBe(reported);
  },
});

export const showLoad = defineCheck({
  id: "metrics.show-a-running-job",
  title: "the server reports a busy slot while a job runs, and none after it",
  level: "standard",
  why: "Load balancers and autoscalers read this number; one that stays at zero never scales, one that stays up never stops.",
  source: "https://github.com/vllm-project/vllm/issues/22545; https://github.com/vllm-project/vllm/issues/29928",
  needs: ["slots"],
  budgetMs: 40_000,
  run: async (context) => {
    const { target, prompts, attempt } = context;
    let didRun = 0;
    try {
      await withBusySlots(context, async () => {
        didRun = (await target.generate(prompts.endless(), { max_tokens: 100 * 2 ** attempt })).durationMs;
      });
    } catch (error) {
      if (didRun < 1_000) throw error; // too short to be seen
      fail({ expected: `a busy slot during a job of ${Math.round(didRun)} ms`, got: "none in any report" });
    }
    const busy = await settle(context, async () => (await target.slots()).busy, 0);
    expect("busy slots after the job", busy).toBe(0);
  },
});

function parse(text: string): MetricsSnapshot {
  try {
    return parseMetrics(text);
  } catch (error) {
    const [first = ""] = (error as Error).message.split("\n", 1);
    return fail({ expected: "Prometheus text", got: first.replace(/^\[\w+\] /, "") });
  }
}

async function scrape({ target }: CheckContext): Promise<MetricsSnapshot> {
  const { status, text } = await target.send(target.dialect.metrics?.path ?? "/");
  if (status !== 200)
    fail({ expected: "status 200 of the metrics", got: `status ${status}: ${show(text.slice(0, 100))}` });
  return parse(text);
}

/** Of the family that a sample belongs to. */
function findType({ text }: MetricsSnapshot, name: string): string | undefined {
  const family = name.replace(/_(bucket|sum|count|total)$/, "");
  for (const candidate of [name, family]) {
    const line = text.split("\n").find((each) => each.startsWith(`# TYPE ${candidate} `));
    if (line !== undefined) return line.trim().split(/\s+/).at(-1);
  }
  return undefined;
}

function sorted(labels: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}

async function readCounters(context: CheckContext): Promise<Map<string, number>> {
  const metrics = await scrape(context);
  const counters = metrics.samples.filter(({ name }) => findType(metrics, name) === "counter");
  return new Map(counters.map(({ name, labels, value }) => [`${name} ${JSON.stringify(sorted(labels))}`, value]));
}

/** Of all labels, such as outcomes and models. */
async function sumOf(context: CheckContext, names: readonly string[]): Promise<number> {
  const { samples } = await scrape(context);
  const name = names.find((each) => samples.some((sample) => sample.name === each));
  if (name === undefined) return inconclusive("a counter that the metrics had before");
  return samples.filter((sample) => sample.name === name).reduce((sum, { value }) => sum + value, 0);
}

/** Servers update their metrics after the answer: waits up to 5 s for the wanted value, and a little for more than that. */
async function settle({ signal }: CheckContext, read: () => Promise<number>, wanted: number): Promise<number> {
  const deadlineMs = performance.now() + 5_000;
  let value = await read();
  while (value !== wanted && performance.now() < deadlineMs) {
    await delay(50, undefined, { signal });
    value = await read();
  }
  return value;
}

function groupBuckets({ samples }: MetricsSnapshot) {
  const groups = new Map<string, { buckets: { le: number; value: number }[]; count: number | undefined }>();
  const groupOf = (family: string, labels: Readonly<Record<string, string>>) => {
    const key = `${family} ${JSON.stringify(sorted(labels))}`;
    const group = groups.get(key) ?? { buckets: [], count: undefined };
    groups.set(key, group);
    return group;
  };
  for (const { name, labels, value } of samples) {
    const { le, ...others } = labels;
    if (!name.endsWith("_bucket") || le === undefined) continue;
    const bound = le === "+Inf" ? Infinity : Number(le);
    groupOf(name.slice(0, -"_bucket".length), others).buckets.push({ le: bound, value });
  }
  for (const { name, labels, value } of samples) {
    const family = name.slice(0, -"_count".length);
    if (name.endsWith("_count") && groups.has(`${family} ${JSON.stringify(sorted(labels))}`))
      groupOf(family, labels).count = value;
  }
  return groups;
}
