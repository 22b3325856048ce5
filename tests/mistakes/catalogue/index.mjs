import { FRAMING } from "./framing.mjs";
import { CANCEL, JOBS } from "./jobs.mjs";
import { OPENAI } from "./openai.mjs";
import { PROCESS } from "./process.mjs";
import { SHUTDOWN } from "./shutdown.mjs";
import { NUMBERS, ORDER, TEXT } from "./text.mjs";

/** Mistakes of authors of inference servers; `docs/mistakes.md` is generated from this table. */
export const AREAS = [PROCESS, FRAMING, TEXT, ORDER, NUMBERS, JOBS, CANCEL, SHUTDOWN, OPENAI];
