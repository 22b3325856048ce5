import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll } from "vitest";
import { test } from "inference-testkit/vitest";
import { note } from "../pool-runs/note.mjs";

beforeAll(async () => {
  while (!existsSync(join(process.env.NOTES_FOLDER, "a"))) await new Promise((resolve) => setTimeout(resolve, 20));
});

test("gets the worker after that", async ({ worker }) => {
  note("b", (await worker.health()).pid);
});
