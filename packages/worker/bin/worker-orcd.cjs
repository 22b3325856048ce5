#!/usr/bin/env node
// CommonJS on purpose: the size of libuv's thread pool is fixed when the pool is first used, and loading an ES module uses it. A context
// of the llama engine holds one of its threads while it computes. With --batch-invariant each slot has a context, and the default of 4
// would let no more than that many slots run; otherwise there is one context, and the default is enough.
const SPARE_THREADS = 4;
const MOST_THREADS = 128;

const { argv, env } = process;
const [, fromFlag] = /(?:^| )--parallel[= ](\d+)/.exec(argv.join(" ")) ?? [];
const slots = Number(fromFlag ?? env.WORKER_ORCD_PARALLEL ?? 1);
const batchInvariant = argv.includes("--batch-invariant") || /^(1|true|yes)$/i.test(env.WORKER_ORCD_BATCH_INVARIANT ?? "");
if (batchInvariant && slots >= SPARE_THREADS && !argv.includes("--stub-mode")) {
  env.UV_THREADPOOL_SIZE ??= String(Math.min(slots + SPARE_THREADS, MOST_THREADS));
}

import("../dist/bundle/main.js").then(({ main }) => main(argv.slice(2), env));
