import { describe, expect, test } from "vitest";
import { inChromium } from "./in-chromium.js";
import { findSerious } from "./find-serious.js";
import { openPage } from "./open-page.js";
import { writeSamplePages } from "./sample-pages.js";

const PAGES = ["failing", "usual", "hostile", "empty", "notComparable", "comparison", "hostileComparison"] as const;

describe("every page of a run or a comparison", () => {
  const chromium = inChromium(writeSamplePages);

  test.each([
    [1280, false],
    [1280, true],
    [400, false],
    [400, true],
  ])("has no serious finding of axe, and fits, at %d px, dark: %s", { timeout: 240_000 }, async (width, isDark) => {
    for (const name of PAGES) {
      const page = await openPage(chromium.context, chromium.files[name], { width, isDark, hash: "#request=@1" });
      for (const details of await page.locator("details").all())
        await details.evaluate((one) => ((one as HTMLDetailsElement).open = true));
      expect(await findSerious(page), name).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBe(width);
    }
  });
});
