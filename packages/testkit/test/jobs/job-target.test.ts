import { expect, test } from "vitest";
import { orcd } from "../../src/dialects/index.js";
import { checkTarget, requireCancel } from "../../src/jobs/job-target.js";
import { messageOf } from "../events/support.js";

const { cancel: _, ...withoutCancel } = orcd;
const method = () => Promise.resolve();

test("a target has execute() and health(); anything else is refused by name", async () => {
  expect(() => checkTarget({ execute: method, health: method })).not.toThrow();
  for (const target of [undefined, null, {}, { execute: method }, { health: method }, { execute: 1, health: 1 }]) {
    expect(await messageOf(() => checkTarget(target))).toContain(
      "[INVALID_OPTION] Expected `target` to be a harness or a WorkerClient, got `",
    );
  }
});

test("a dialect without a request that cancels is refused with the way out", async () => {
  expect(() => requireCancel("a job", {})).not.toThrow();
  expect(() => requireCancel("a job", { dialect: orcd })).not.toThrow();

  const message = await messageOf(() => requireCancel("a job", { dialect: { ...withoutCancel, name: "tiny" } }));

  expect(message).toContain(
    "Expected a worker whose dialect can cancel by a request for a job, got `tiny`: this dialect has no cancel",
  );
  expect(message).toContain("hint: Its jobs are cancelled by closing the connection: use `disconnectAfter`.");
});
