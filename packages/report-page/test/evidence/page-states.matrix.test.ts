import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BROWSER_STARTS_WITHIN_MS, findChromium, openChromium } from "../../../../tests/support/chromium.js";
import { createTemporaryFolder } from "../../../../tests/support/temporary-folder.js";
import { openPage, type OpenOptions } from "../open-page.js";
import { findAccessibilityProblems } from "./axe.js";
import { writeSamplePages, type SamplePages } from "./sample-pages.js";

const executable = findChromium();
const TABS = ["transcript", "log", "request", "verdicts", "machine"];

describe("the page of evidence in Chromium, in every state", () => {
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

  const open = (path: string, options?: OpenOptions) => openPage(browser.context, path, options);
  const widthOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth);

  test("every stop of the Tab key has a name and a visible focus", async () => {
    for (const path of [files.broken, files.run]) {
      const page = await open(path);
      const stops: { name: string; outline: string }[] = [];
      for (let press = 0; press < 30; press += 1) {
        await page.keyboard.press("Tab");
        const stop = await page.evaluate(() => {
          const focused = document.activeElement!;
          const label =
            focused.getAttribute("aria-label") ?? focused.closest("label")?.textContent ?? focused.textContent;
          return { name: label.trim().slice(0, 40), outline: getComputedStyle(focused).outlineStyle };
        });
        if (stop.outline === "none" && stops.length > 15) break; // the end of the page
        stops.push(stop);
      }
      expect(stops.filter(({ name, outline }) => name === "" || outline === "none")).toEqual([]);
      expect(stops.length).toBeGreaterThan(10);
    }
  });

  test("a bundle without a request opens", async () => {
    const page = await open(files.empty);
    expect(await page.locator(".job-head").innerText()).toBe("No request was recorded");
    for (const tab of TABS) await page.locator(`#tab-${tab}`).click();
  });

  test("texts of models, servers and tests are inert, and hidden characters are visible", async () => {
    for (const path of [files.hostile, files.hostileRun]) {
      const page = await open(path);
      for (const check of await page.locator(".check > summary").all()) await check.click();
      for (const tab of TABS) if (path === files.hostile) await page.locator(`#tab-${tab}`).click();
      expect(await page.evaluate(() => (globalThis as { broken?: number }).broken)).toBeUndefined();
      expect(await page.locator("img, svg, iframe, object, embed, link:not([rel=icon])").count()).toBe(0);
      expect(await page.locator("script").count()).toBe(2);
      const text = await page.locator("main").innerText();
      expect(text).toContain("left\\u202eright");
      expect(text).not.toMatch(/[\0\u2028\u202e]/);
    }
  });

  test("nothing is wider than the screen", async () => {
    for (const width of [400, 1280]) {
      const hostile = await open(files.hostile, { width });
      for (const tab of TABS) {
        await hostile.locator(`#tab-${tab}`).click();
        expect([tab, await widthOf(hostile)]).toEqual([tab, width]);
      }
      for (const path of [files.broken, files.run, files.hostileRun]) {
        const page = await open(path, { width });
        expect(await widthOf(page)).toBe(width);
      }
    }
  });

  test.for([
    [1280, false],
    [1280, true],
    [400, false],
    [400, true],
  ] as const)("axe-core finds nothing serious at %i px (dark: %s)", async ([width, isDark]) => {
    const page = await open(files.broken, { width, isDark });
    for (const tab of TABS) {
      await page.locator(`#tab-${tab}`).click();
      expect(await findAccessibilityProblems(page)).toEqual([]);
    }
    const run = await open(files.run, { width, isDark });
    expect(await findAccessibilityProblems(run)).toEqual([]);
  });

  test("prints in light colors without controls, with the rows around the chosen one", async () => {
    const page = await open(files.large, { isDark: true });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));

    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(255, 255, 255)");
    expect(await page.getByRole("listbox", { name: "Transcript" }).locator("[role=option]").count()).toBe(300);
    expect(await page.locator(".transcript").innerText()).toContain("Rows 14,854 to 15,153 of 20,005.");
    expect((await page.pdf({ format: "A4" })).subarray(0, 5).toString()).toBe("%PDF-");
  });
});
