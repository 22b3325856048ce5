import { expect, test } from "vitest";
import { checkTarget } from "../../src/jobs/job-target.js";
import { messageOf } from "../events/support.js";

const method = () => Promise.resolve();

test("a target has execute() and health(); anything else is rejected by name", async () => {
  expect(() => checkTarget({ execute: method, health: method })).not.toThrow();
  for (const target of [undefined, null, {}, { execute: method }, { health: method }, { execute: 1, health: 1 }]) {
    expect(await messageOf(() => checkTarget(target))).toContain(
      "[INVALID_OPTION] Expected `target` to be a harness or a WorkerClient, got `",
    );
  }
});
