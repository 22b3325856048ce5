import { expect, test } from "vitest";
import { LivePage } from "../../src/cli/live/live-page.js";
import { rejectionOf } from "../../../../tests/support/conditions.js";

const PLAN = { kind: "conformance", level: "smoke", seed: 1 } as const;
const program = (text: string) => new URL(`data:text/javascript,${encodeURIComponent(text)}`);
const READY = `import { parentPort } from "node:worker_threads"; parentPort.postMessage({ type: "ready", port: 9 });`;

test("a page that cannot be served is LIVE_PAGE_FAILED with the reason", async () => {
  const events = { onStop: () => undefined, onLost: () => undefined };
  const error = await rejectionOf(LivePage.open(PLAN, events, program(`throw new Error("no port is free")`)));

  expect(error).toMatchObject({ code: "LIVE_PAGE_FAILED" });
  expect(error.message).toContain("The page of the run cannot be served: no port is free");
});

test("a page that is lost is reported, and its end does not wait", async () => {
  let lost: unknown;
  const onLost = (error: unknown) => (lost = error);
  const text = `${READY} parentPort.on("message", () => { throw new Error("lost"); });`;
  await using page = await LivePage.open(PLAN, { onStop: () => undefined, onLost }, program(text));
  page.add({ progress: { share: 0, text: "begun" } });
  await page.end();

  expect(lost).toEqual(new Error("lost"));
});

test("the stop button is passed on", async () => {
  const stop = `${READY} parentPort.postMessage({ type: "stop" }); parentPort.on("message", () => parentPort.postMessage({ type: "ended" }));`;
  let stopCount = 0;
  const onStop = () => (stopCount += 1);
  await using page = await LivePage.open(PLAN, { onStop, onLost: () => undefined }, program(stop));
  await page.end();

  expect(stopCount).toBe(1);
});
