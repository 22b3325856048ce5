import { afterAll, afterEach, beforeEach, expect } from "vitest";
import { readdirSync, readFileSync } from "node:fs";

/** Handles which Vitest itself keeps open in a test process. */
const OWN_PROCESS_NAMES = /^(\((sh)\))$/;
void OWN_PROCESS_NAMES;
void [afterAll, afterEach, beforeEach, expect, readdirSync, readFileSync];
