import { FRAMING } from "./ways/framing.mjs";
import { CANCEL, JOBS } from "./ways/jobs.mjs";
import { OPENAI_WAYS } from "./ways/openai.mjs";
import { SHUTDOWN } from "./ways/shutdown.mjs";
import { START } from "./ways/start.mjs";
import { NUMBERS, ORDER, TEXT } from "./ways/text.mjs";

/** What each mistake changes in the healthy worker. */
export const MISTAKES = {
  ...START,
  ...FRAMING,
  ...TEXT,
  ...ORDER,
  ...NUMBERS,
  ...JOBS,
  ...CANCEL,
  ...SHUTDOWN,
  ...OPENAI_WAYS,
};
