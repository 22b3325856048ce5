import { reasonOf } from "../errors/index.js";
import { readEvidence } from "../evidence/index.js";
import { embedJson } from "../report/html/compose-page.js";
import { formatBytes } from "../numbers/index.js";
import { toPageBundle } from "./page-bundle.js";
import type { PageBundle } from "./page-data.js";

/** What all bundles may take in one page. */
const MOST_BYTES = 32 * 1024 * 1024;
/** What one of them may take. */
const MOST_BUNDLE_BYTES = 12 * 1024 * 1024;

/** A bundle's place in the page, or why it has none. */
export interface EmbeddedBundle {
  readonly bundle: number | null;
  readonly leftOut: string | null;
}

/** Collects bundles for one page, up to a size. Those that are added first are kept. */
export class BundleShelf {
  readonly bundles: PageBundle[] = [];
  readonly #mostBytes: number;
  readonly #known = new Map<string, Promise<EmbeddedBundle>>();
  #bytes = 0;

  constructor(mostBytes: number = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /**
   * Adds the bundle in a folder, once: a test that was retried has several workers and one bundle. Never rejects: one that cannot be read has a
   * reason instead.
   */
  add(folder: string): Promise<EmbeddedBundle> {
    const known = this.#known.get(folder) ?? this.#read(folder);
    this.#known.set(folder, known);
    return known;
  }

  async #read(folder: string): Promise<EmbeddedBundle> {
    try {
      return this.#place(toPageBundle(await readEvidence(folder), folder));
    } catch (error) {
      return { bundle: null, leftOut: `The evidence cannot be read: ${reasonOf(error)}` };
    }
  }

  #place(bundle: PageBundle): EmbeddedBundle {
    const bytes = Buffer.byteLength(embedJson(bundle));
    if (bytes > Math.min(MOST_BUNDLE_BYTES, this.#mostBytes - this.#bytes)) {
      const why = `The evidence is left out of this page: it would take ${formatBytes(bytes)}, and there is no room for that.`;
      return { bundle: null, leftOut: `${why} To see it: inference-testkit evidence show ${bundle.folder}` };
    }
    this.#bytes += bytes;
    return { bundle: this.bundles.push(bundle) - 1, leftOut: null };
  }
}
