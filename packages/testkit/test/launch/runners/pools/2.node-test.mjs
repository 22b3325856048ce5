import { test } from "node:test";
import { holdWorkers } from "./hold-workers.mjs";

test("holds workers", holdWorkers);
