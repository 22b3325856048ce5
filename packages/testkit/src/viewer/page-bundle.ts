import type { EvidenceBundle, TranscriptLine } from "../evidence/index.js";
import { checkBundle } from "./check-bundle.js";
import { withoutBigInts } from "./page-body.js";
import type { PageBundle, PageStop } from "./page-data.js";
import { toPageExchanges } from "./page-exchange.js";

/** Everything of a bundle, as the page shows it. Nothing is left out. @throws {EVIDENCE_INVALID} a field is missing. */
export function toPageBundle(bundle: EvidenceBundle, folder: string): PageBundle {
  checkBundle(bundle, folder);
  const { metadata, transcript, log } = bundle;
  const { verdicts, droppedCount, faults, findings = [], failures, stop } = bundle.verdicts;
  const page: PageBundle = {
    folder,
    metadata,
    exchanges: toPageExchanges(bundle),
    log,
    verdicts,
    droppedVerdictCount: droppedCount,
    faults,
    findings,
    stop: readStop(stop),
    failures,
    cut: findCut(transcript),
  };
  return withoutBigInts(page);
}

/** Releases differ in what they write about a stop. */
function readStop(stop: unknown): PageStop | null {
  const { exit, survivors = [], ...facts } = (stop ?? {}) as Partial<PageStop>;
  if (exit === undefined) return null;
  return { endedBefore: false, killed: false, tookMs: 0, ...facts, exit, survivors };
}

function findCut(transcript: readonly TranscriptLine[]): PageBundle["cut"] {
  const last = transcript.at(-1);
  if (last?.kind !== "cut") return null;
  const { droppedLineCount, droppedBodyCount } = last;
  return { droppedLineCount, droppedBodyCount };
}
