#!/usr/bin/env node
// CommonJS on purpose: the size of libuv's thread pool is fixed when the pool is first used, and loading an ES module uses it.
const { availableParallelism } = require("node:os");

const DEFAULT_THREADS = 4;
const SPARE_THREADS = 4;
const MOST_THREADS = 128;

const { argv, env } = process;
const [, fromFlag] = /(?:^| )--parallel[= ](\d+)/.exec(argv.join(" ")) ?? [];
const slots = Number(fromFlag ?? env.WORKER_ORCD_PARALLEL ?? 1);
const isStub = argv.includes("--stub-mode") || isOn(env.WORKER_ORCD_STUB_MODE);
if (slots > 1 && !isStub) env.UV_THREADPOOL_SIZE ??= String(threadCount());

import("../dist/bundle/main.js").then(({ main }) => main(argv.slice(2), env));

/**
 * A context of the llama engine holds one thread of the pool while it computes. With --batch-invariant each slot has a context, so each
 * needs a thread. Otherwise one context computes, then the tokens of all slots are drawn, on as many threads as can really run: more
 * only have to be woken (in-process, four jobs on two cores, that cost 6 to 12 % of the tokens a second; over HTTP it is in the noise).
 */
function threadCount() {
  const batchInvariant = argv.includes("--batch-invariant") || isOn(env.WORKER_ORCD_BATCH_INVARIANT);
  if (batchInvariant) return Math.min(slots + SPARE_THREADS, MOST_THREADS);
  return Math.min(DEFAULT_THREADS, availableParallelism());
}

function isOn(variable) {
  return /^(1|true|yes)$/i.test(variable ?? "");
}
