import type { EvidenceBundle, TranscriptLine } from "../evidence/index.js";
import { withoutBigInts } from "./page-body.js";
import type { PageBundle, PageStop } from "./page-data.js";
import { toPageExchanges } from "./page-exchange.js";

/** Everything of a bundle, as the page shows it. Nothing is left out. */
export function toPageBundle(bundle: EvidenceBundle, folder: string): PageBundle {
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
    stop: (stop as PageStop | undefined) ?? null,
    failures,
    cut: findCut(transcript),
  };
  return withoutBigInts(page);
}

function findCut(transcript: readonly TranscriptLine[]): PageBundle["cut"] {
  const last = transcript.at(-1);
  if (last?.kind !== "cut") return null;
  const { droppedLineCount, droppedBodyCount } = last;
  return { droppedLineCount, droppedBodyCount };
}
