import { test } from "@playwright/test";
import { holdWorkers } from "./hold-workers.mjs";

test("holds workers", holdWorkers);
