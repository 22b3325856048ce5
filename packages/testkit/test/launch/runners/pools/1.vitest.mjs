import { test } from "vitest";
import { holdWorkers } from "./hold-workers.mjs";

test("holds workers", holdWorkers, 120_000);
