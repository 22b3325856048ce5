import { appendFileSync } from "node:fs";
import { join } from "node:path";

/** Adds a line to a file of the run. */
export function note(name, ...words) {
  appendFileSync(join(process.env.NOTES_FOLDER, name), `${words.join(" ")}\n`);
}
