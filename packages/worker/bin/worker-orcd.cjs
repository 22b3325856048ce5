#!/usr/bin/env node
// CommonJS on purpose: the size of libuv's thread pool is fixed when the pool is first used, and loading an ES module uses it. A slot
// of the llama engine holds one of its threads while it computes; the default of 4 would let no more than that many slots run.
const SPARE_THREADS = 4;
const MOST_THREADS = 128;

const [, fromFlag] = /(?:^| )--parallel[= ](\d+)/.exec(process.argv.join(" ")) ?? [];
const slots = Number(fromFlag ?? process.env.WORKER_ORCD_PARALLEL ?? 1);
if (slots >= SPARE_THREADS && !process.argv.includes("--stub-mode")) {
  process.env.UV_THREADPOOL_SIZE ??= String(Math.min(slots + SPARE_THREADS, MOST_THREADS));
}

import("../dist/bundle/main.js").then(({ main }) => main(process.argv.slice(2), process.env));
