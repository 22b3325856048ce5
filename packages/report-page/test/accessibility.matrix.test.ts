import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BROWSER_STARTS_WITHIN_MS, findChromium, openChromium } from "../../../tests/support/chromium.js";
import { createTemporaryFolder } from "../../../tests/support/temporary-folder.js";
import { findSerious } from "./find-serious.js";
import { openPage } from "./open-page.js";
import { writeSamplePages, type SamplePages } from "./sample-pages.js";

const executable = findChromium();
const PAGES = ["failing", "usual", "hostile", "empty", "notComparable", "comparison", "hostileComparison"] as const;

describe("every page of a run or a comparison", () => {
  let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
  let browser: Awaited<ReturnType<typeof openChromium>>;
  let files: SamplePages;

  beforeAll(async () => {
    if (executable === undefined) return;
    folder = await createTemporaryFolder();
    browser = await openChromium(executable);
    files = await writeSamplePages(folder.path);
  }, BROWSER_STARTS_WITHIN_MS);

  beforeEach(({ skip }) => skip(executable === undefined, "no Chromium in PATH, and CHROMIUM names none"));

  afterAll(async () => {
    if (executable === undefined) return;
    await browser[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  test.each([
    [1280, false],
    [1280, true],
    [400, false],
    [400, true],
  ])("has no serious finding of axe, and fits, at %d px, dark: %s", { timeout: 240_000 }, async (width, isDark) => {
    for (const name of PAGES) {
      const page = await openPage(browser.context, files[name], { width, isDark, hash: "#request=@1" });
      for (const details of await page.locator("details").all())
        await details.evaluate((one) => ((one as HTMLDetailsElement).open = true));
      expect(await findSerious(page), name).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBe(width);
    }
  });
});
