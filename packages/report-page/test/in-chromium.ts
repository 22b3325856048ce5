import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { BROWSER_STARTS_WITHIN_MS, findChromium, openChromium } from "../../../tests/support/chromium.js";
import { createTemporaryFolder } from "../../../tests/support/temporary-folder.js";
import { openPage, type OpenOptions } from "./open-page.js";

const executable = findChromium();

/** One browser for the tests of a `describe`, and the pages that they look at. */
export interface InChromium<Files> {
  readonly context: BrowserContext;
  readonly folder: string;
  readonly files: Files;
  readonly open: (path: string, options?: OpenOptions) => Promise<Page>;
}

/**
 * Starts the browser before the tests and ends it after them. Without a browser, they are skipped with the reason.
 *
 * @param writeFiles writes the pages into a folder.
 */
export function inChromium<Files>(writeFiles: (folder: string) => Promise<Files>): InChromium<Files> {
  let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
  let browser: Awaited<ReturnType<typeof openChromium>>;
  let files: Files;

  beforeAll(async () => {
    if (executable === undefined) return;
    folder = await createTemporaryFolder();
    browser = await openChromium(executable);
    files = await writeFiles(folder.path);
  }, BROWSER_STARTS_WITHIN_MS);
  beforeEach(({ skip }) => skip(executable === undefined, "no Chromium in PATH, and CHROMIUM names none"));
  afterAll(async () => {
    if (executable === undefined) return;
    await browser[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });
  return {
    get context() {
      return browser.context;
    },
    get folder() {
      return folder.path;
    },
    get files() {
      return files;
    },
    open: (path, options) => openPage(browser.context, path, options),
  };
}
