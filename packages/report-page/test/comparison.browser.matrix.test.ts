import { describe, expect, test } from "vitest";
import { inChromium } from "./in-chromium.js";
import { findSerious } from "./find-serious.js";
import { expectPolicyBlocks } from "./open-page.js";
import { writeSamplePages } from "./sample-pages.js";

describe("the page of a comparison in Chromium", () => {
  const chromium = inChromium(writeSamplePages);

  const { open } = chromium;

  test("two builds side by side show a moved tail: amber, with both values and the difference", async () => {
    const page = await open(chromium.files.comparison);
    const row = page.locator("#figures tbody tr", { hasText: "time to first token, from schedule, p95" });
    const cells = await row.locator("td").allTextContents();

    expect(await page.locator("main").innerText()).toMatch(
      /^INCONCLUSIVE\s+TTFT p95 \d+ → \d+ ms, \d+ % worse than the baseline \(allowed 25 %\): moved, not proven/,
    );
    expect(cells.slice(0, 6)).toEqual([
      "moved, not proven",
      "time to first token, from schedule, p95",
      expect.stringMatching(/^\d+ ms$/),
      expect.stringMatching(/^\d+ ms$/),
      expect.stringMatching(/^\+\d+ %, worse$/),
      "25 %",
    ]);
    const badge = row.locator(".badge");
    expect(await badge.evaluate((found) => getComputedStyle(found).color)).toBe("rgb(138, 90, 0)");
  });

  test("every row has its difference in percent, and the runs of both sides as dots", async () => {
    const page = await open(chromium.files.comparison);
    const rows = page.locator("#figures tbody tr");
    const differences = await rows.locator("td:nth-child(5)").allTextContents();

    expect(differences.length).toBeGreaterThan(10);
    for (const text of differences) expect(text).toMatch(/^(?:[+−]?[\d.,]+ (?:%|points))(?:, (?:worse|better))?$/);
    for (const strip of await rows.locator(".dot-strip").all()) {
      expect(await strip.locator(".baseline .dot").count()).toBe(2);
      expect(await strip.locator(".current .dot").count()).toBe(2);
      expect(await strip.getAttribute("aria-label")).toMatch(/^baseline: .+, .+; current: .+, .+$/);
    }
  });

  test("both distributions are drawn on axes that cover both, and read with the keyboard", async () => {
    const page = await open(chromium.files.comparison);
    const plot = page.locator("#latency figure:not([hidden]) .plot").first();
    await plot.focus();
    for (let press = 0; press < 3; press += 1) await page.keyboard.press("ArrowRight");

    const readout = page.locator("#latency figure:not([hidden]) .readout").first();
    expect(await readout.textContent()).toMatch(/^[\d.]+ % take at most [\d.]+ ms, baseline [\d.]+ %$/);
    await page.locator("button[data-mode=histogram]").click();
    const figure = page.locator("#latency figure:not([hidden])").first();
    const all: string[] = [];
    await figure.locator(".plot").focus();
    for (let press = 0; press < 80; press += 1) {
      await page.keyboard.press("ArrowRight");
      all.push((await figure.locator(".readout").textContent())!);
    }
    const shares = [...new Set(all)].map((text) =>
      /: ([\d.]+) %, baseline ([\d.]+) %$/.exec(text)!.slice(1).map(Number),
    );
    const sum = (side: number) => shares.reduce((total, pair) => total + pair[side]!, 0);
    expect(sum(0)).toBeGreaterThan(98);
    expect(sum(1)).toBeGreaterThan(98);
  });

  test("sides that are not comparable are not set side by side: the reasons and the runs remain", async () => {
    const page = await open(chromium.files.otherMachines);

    expect(await page.locator("#headline").innerText()).toMatch(/^NOT COMPARABLE\s+the cpu differs: /);
    expect(await page.locator("main > section").evaluateAll((found) => found.map(({ id }) => id))).toEqual([
      "figures",
      "runs",
      "definitions",
    ]);
    expect(await page.locator("#figures table").innerText()).toMatch(
      /Differs\s+Baseline\s+This run\s+cpu\s+Another CPU\s+\S/,
    );
    expect(await page.locator("#headline").evaluate((found) => getComputedStyle(found).backgroundColor)).toBe(
      "rgb(252, 241, 216)",
    );
  });

  test("hostile names of runs are inert, and the page's policy blocks scripts and requests", async () => {
    const page = await open(chromium.files.hostileComparison);

    expect(await page.evaluate(() => (globalThis as { broken?: number }).broken)).toBeUndefined();
    expect(await page.locator("img, svg, iframe, object, embed, link:not([rel=icon])").count()).toBe(0);
    expect(await page.locator("#runs").innerText()).toContain("</script><script>globalThis.broken = 1</script>");
    await expectPolicyBlocks(chromium.context, chromium.files.hostileComparison);
  });

  test("axe finds nothing serious in a failed run and a comparison, and would see what is wrong", async () => {
    const run = await open(chromium.files.failing, { width: 400, isDark: true, hash: "#request=@1" });
    expect(await findSerious(run)).toEqual([]);
    const page = await open(chromium.files.comparison);
    expect(await findSerious(page)).toEqual([]);
    await page.evaluate(() => document.querySelector("main")!.append(document.createElement("button")));
    expect(await findSerious(page)).toEqual([expect.stringMatching(/^button-name: /)]);
  });
});
