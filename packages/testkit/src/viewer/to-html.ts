import { readEvidence } from "../evidence/index.js";
import { composePage } from "../report/html/compose-page.js";
import { readPageAssets } from "../report/html/page-assets.js";
import { toPageBundle } from "./page-bundle.js";
import type { EvidencePageData, PageBundle } from "./page-data.js";

/** One self-contained HTML file, as safe as the page of a run report. */
export async function toEvidenceHtml(data: EvidencePageData): Promise<string> {
  const where = data.run === null ? "The bundle has the same content as NDJSON and JSON." : "";
  const withoutScript = `This page is drawn by a script in this file. ${where}`.trim();
  return composePage({ title: data.title, data, withoutScript }, await readPageAssets("evidence"));
}

/** A page with one bundle, and what it has. */
export interface BundlePage {
  readonly html: string;
  readonly bundle: PageBundle;
}

/** The page of one bundle. @throws {EVIDENCE_INVALID} see `readEvidence()`. */
export async function createBundlePage(folder: string): Promise<BundlePage> {
  const bundle = toPageBundle(await readEvidence(folder), folder);
  const { testName, worker } = bundle.metadata;
  const title = testName ?? `worker ${worker.id}`;
  return { html: await toEvidenceHtml({ title, run: null, bundles: [bundle] }), bundle };
}
