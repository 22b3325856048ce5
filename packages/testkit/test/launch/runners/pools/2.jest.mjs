import { test } from "@jest/globals";
import { holdWorkers } from "./hold-workers.mjs";

test("holds workers", holdWorkers, 120_000);
