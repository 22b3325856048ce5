import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toHtml } from "inference-testkit/report";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { inChromium } from "./in-chromium.js";
import { sampleReport } from "../../testkit/test/report/sample-run.js";
import { sampleSweep } from "../../testkit/test/report/sample-sweep.js";
import { findSerious } from "./find-serious.js";
import { openPage, type OpenOptions } from "./open-page.js";

describe("the load response in Chromium", () => {
  const chromium = inChromium(() => Promise.resolve());

  const openSweep = async (clients: readonly number[] | undefined, options?: OpenOptions): Promise<Page> => {
    const path = join(chromium.folder, `${clients?.join("-") ?? "usual"}.html`);
    const report = { ...(await sampleReport({ count: 20 })), memory: undefined, comparison: undefined };
    await writeFile(path, await toHtml({ ...report, load: await sampleSweep(clients) }));
    return openPage(chromium.context, path, options);
  };

  test("a sweep shows its knee", async () => {
    const page = await openSweep(undefined);
    const section = page.locator("#load-response");

    expect(await section.locator(".knee").textContent()).toMatch(
      /^Knee at 4 clients: 40 requests\/s, 100 ms end to end; /,
    );
    const rows = await section
      .locator("tbody tr")
      .evaluateAll((all) => all.map((row) => (row as HTMLElement).innerText));
    expect(rows).toHaveLength(5);
    expect(rows.map((row) => row.includes("knee"))).toEqual([false, false, true, false, false]);
    expect(rows[2]).toMatch(/^4\s+40\s+25 ms\s+25 ms\s/);
    expect(await section.locator("figure.chart").count()).toBe(3);
    expect(await page.locator('nav a[href="#load-response"]').count()).toBe(1);
  });

  test("the charts are read by keyboard, step by step", async () => {
    const page = await openSweep(undefined);
    const chart = page.locator("#load-response figure.chart").first();
    await chart.locator(".plot").focus();

    await page.keyboard.press("ArrowRight");
    await expect
      .poll(() => chart.locator(".readout").textContent())
      .toBe("1 client: if it grew with the clients 10/s, achieved 10/s, goodput 10/s");
    for (let step = 1; step <= 4; step += 1) await page.keyboard.press("ArrowRight");
    await expect
      .poll(() => chart.locator(".readout").textContent())
      .toMatch(/^16 clients: if it grew with the clients 160\/s, achieved 40\/s, goodput [\d.]+\/s$/);
  });

  test("axe finds nothing serious", async () => {
    expect(await findSerious(await openSweep(undefined))).toEqual([]);
    expect(await findSerious(await openSweep([1, 2, 4], { isDark: true }))).toEqual([]);
  });

  test("a sweep without a knee says so", async () => {
    const page = await openSweep([1, 2, 4]);

    expect(await page.locator(".knee.none").textContent()).toContain("No knee found: up to 4 clients, more load gains");
    expect(await page.locator("#load-response strong").count()).toBe(0);
  });

  test("the heat map has columns of equal counts, and is read by keyboard", async () => {
    const page = await openSweep(undefined);
    const chart = page.locator("figure.chart", { hasText: "heat map" });
    await chart.locator(".plot").focus();
    await page.keyboard.press("ArrowRight");

    await expect
      .poll(() => chart.locator(".readout").textContent())
      .toMatch(/: 13 requests, median 100 ms, longest 100 ms$/);
  });

  test.each([{ width: 390 }, { width: 1280, isDark: true }])(
    "%j has nothing that is wider than the page",
    async (options) => {
      const page = await openSweep(undefined, options);

      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(options.width);
    },
  );
});
