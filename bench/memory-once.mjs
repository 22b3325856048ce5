// One measurement for memory.mjs: opens the streams, prints what each costs as JSON.
import { makeTestRequest, streamEvents, WorkerTestHarness } from "inference-testkit";

const STREAM_COUNT = 500;
const WARM_UP_COUNT = 20;

const settle = async () => {
  for (let turn = 0; turn < 5; turn++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage();
};

const worker = await WorkerTestHarness.startMock({
  parallel: STREAM_COUNT + WARM_UP_COUNT,
  stub: { timing: { itlMs: 1000 } },
});
const open = [];
await openStreams(WARM_UP_COUNT);
const before = await settle();
await openStreams(STREAM_COUNT);
const after = await settle();
const { busy } = (await worker.health()).slots;
if (busy !== STREAM_COUNT + WARM_UP_COUNT) throw new Error(`expected every stream to be open, ${busy} are`);

const perStream = (name) => (after[name] - before[name]) / 1024 / STREAM_COUNT;
console.log(JSON.stringify({ rss: perStream("rss"), heapUsed: perStream("heapUsed") }));
for (const stream of open) await stream.return();

/** Opens streams and reads each up to its first token. */
async function openStreams(count) {
  await Promise.all(
    Array.from({ length: count }, async () => {
      const response = await worker.execute(makeTestRequest(`job-${open.length}-${Math.random()}`, "Hello", 2000));
      const events = streamEvents(response, { tokenIdleMs: Infinity })[Symbol.asyncIterator]();
      open.push(events);
      while ((await events.next()).value?.type !== "token");
    }),
  );
}
await worker.stop();
