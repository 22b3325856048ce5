import { join } from "node:path";
import { EvidenceError } from "../errors/index.js";
import type { EvidenceBundle } from "../evidence/index.js";
import { isRecord } from "../options/index.js";

type Kind = "text" | "number" | "object" | "list";

/** What the page needs of the files whose fields nothing else checks. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  "metadata.json": {
    dialect: "text",
    createdAt: "text",
    redacted: "object",
    machine: "object",
    "machine.memoryBytes": "number",
    worker: "object",
    "worker.id": "text",
    "worker.url": "text",
    transcript: "object",
    "transcript.droppedLineCount": "number",
    dropped: "object",
    "dropped.logLines": "number",
    "dropped.seeds": "number",
    "dropped.timings": "number",
  },
  "verdicts.json": { verdicts: "list", droppedCount: "number", faults: "list", failures: "list" },
};

const CHECKS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  object: isRecord,
  list: (value) => Array.isArray(value) && value.every(isRecord),
};

/** Checks what a page needs of a bundle, which anyone may have written. @throws {EVIDENCE_INVALID} names file and field. */
export function checkBundle({ metadata, verdicts, log, seeds }: EvidenceBundle, folder: string): void {
  const documents: Readonly<Record<string, unknown>> = { "metadata.json": metadata, "verdicts.json": verdicts };
  for (const [file, fields] of Object.entries(FIELDS)) {
    for (const [field, kind] of Object.entries(fields)) {
      if (!CHECKS[kind](find(documents[file], field))) throw createInvalid(join(folder, file), field);
    }
  }
  if (!CHECKS.list(seeds)) throw createInvalid(join(folder, "seeds.json"), "request");
  const bad = log.findIndex(({ text, atMs }) => !CHECKS.text(text) || !CHECKS.number(atMs));
  if (bad >= 0) throw createInvalid(`${join(folder, "worker.log")}:${bad + 1}`, "text` or `atMs");
}

function find(value: unknown, path: string): unknown {
  return path.split(".").reduce((part: unknown, name) => (isRecord(part) ? part[name] : undefined), value);
}

function createInvalid(place: string, field: string): EvidenceError {
  return new EvidenceError("EVIDENCE_INVALID", { message: `${place}: \`${field}\` is missing or has the wrong type` });
}
