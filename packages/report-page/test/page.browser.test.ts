import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { inChromium } from "./in-chromium.js";
import { expectPolicyBlocks } from "./open-page.js";
import { writeSamplePages } from "./sample-pages.js";

const SECTIONS = "summary baseline latency over-time requests memory errors facts definitions".split(" ");

describe("the report's page in Chromium", () => {
  const chromium = inChromium(writeSamplePages);

  const { open } = chromium;
  const widthOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth);
  /** How many pixels of the canvas have a colour that is not the background's. */
  const inkOf = (page: Page, selector: string) =>
    page.locator(selector).evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
      const colors = new Map<number, number>();
      for (let at = 0; at < data.length; at += 4) {
        const color = ((data[at + 3]! * 256 + data[at]!) * 256 + data[at + 1]!) * 256 + data[at + 2]!;
        colors.set(color, (colors.get(color) ?? 0) + 1);
      }
      return width * height - Math.max(...colors.values());
    });

  test("opens from disk with every section, without errors or network requests", async () => {
    const page = await open(chromium.files.usual);

    expect(await page.locator("main > section").evaluateAll((sections) => sections.map(({ id }) => id))).toEqual(
      SECTIONS,
    );
    expect(await page.locator(".verdict-word").textContent()).toBe("FAIL");
    await expect.poll(() => page.locator("#summary tbody tr").count()).toBe(chromium.files.verdictCount);
    expect(await page.locator("#summary .passed tbody .badge").allTextContents()).toEqual(Array(5).fill("pass"));
    expect(await page.locator("#summary .passed").getAttribute("open")).toBeNull();
    for (const chart of await page.locator("figure.chart:not([hidden]) canvas").all()) {
      await chart.scrollIntoViewIfNeeded();
      expect(await chart.evaluate((canvas) => (canvas as HTMLCanvasElement).width)).toBeGreaterThan(300);
    }
    expect(await inkOf(page, ".timeline canvas")).toBeGreaterThan(5_000);
    expect(await inkOf(page, "#memory canvas")).toBeGreaterThan(5_000);
  });

  test("a report without measurements also opens", async () => {
    const page = await open(chromium.files.empty);

    expect(await page.locator("main > section").evaluateAll((sections) => sections.map(({ id }) => id))).toEqual([
      "summary",
      "facts",
    ]);
    expect(await page.locator("#headline").textContent()).toContain("nothing was judged");
  });

  test("texts of models and servers are inert, and hidden characters are visible", async () => {
    const page = await open(chromium.files.hostile);

    expect(await page.evaluate(() => (globalThis as { broken?: number }).broken)).toBeUndefined();
    expect(await page.locator("img, svg, iframe, object, embed, link:not([rel=icon])").count()).toBe(0);
    expect(await page.locator("script").count()).toBe(2);
    const text = await page.locator("main").innerText();
    expect(text).toContain("</script><script>globalThis.broken = 1</script>");
    expect(text).toContain("$& $1 $` $' $$");
    expect(text).toContain("line\\u2028separator\\u2029paragraph");
    expect(text).toContain("lone \\ud800 surrogate \\udc00");
    expect(text).toContain("left\\u202eright\\u202c \\u2066isolated\\u2069");
    expect(text).toContain("nul \\x00 bell \\x07 escape \\x1b[2J");
    expect(await page.title()).toContain("</script>");
  });

  test("the page's own policy blocks an injected script and request", async () => {
    await expectPolicyBlocks(chromium.context, chromium.files.usual);
  });

  test("ten thousand requests open immediately, and the timeline draws only what is in view", async () => {
    const page = await open(chromium.files.large);

    expect(await page.locator(".count").textContent()).toBe("10,000 of 10,000 requests shown");
    const heights = await page
      .locator(".timeline")
      .evaluate((box) => [box.scrollHeight, box.querySelector("canvas")!.clientHeight]);
    expect(heights[0]).toBeGreaterThan(140_000);
    expect(heights[1]).toBeLessThan(500);
    await page.locator(".timeline").evaluate((box) => box.scrollTo(0, 100_000));
    await expect.poll(() => inkOf(page, ".timeline canvas")).toBeGreaterThan(5_000);
    const table = page.locator("#requests .virtual");
    await table.evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await expect.poll(() => table.locator("tbody tr:nth-last-child(2) td").first().textContent()).toBe("9998");
    expect(await table.locator("tbody tr").count()).toBeLessThan(60);
    expect(await table.locator("table").getAttribute("aria-rowcount")).toBe("10001");
  });

  test("the filter by status hides requests everywhere", async () => {
    const page = await open(chromium.files.usual);

    await page.locator("input[data-status=ok]").uncheck();
    expect(await page.locator(".count").textContent()).toBe("32 of 800 requests shown");
    await expect.poll(() => page.locator("#requests .virtual table").getAttribute("aria-rowcount")).toBe("33");
    await page.locator("input[data-status=ok]").check();
    expect(await page.locator(".count").textContent()).toBe("800 of 800 requests shown");
  });

  test("dragging zooms the time charts and the requests together, a double click resets the zoom", async () => {
    const page = await open(chromium.files.usual);
    const chart = page.locator("#over-time .u-over").first();
    await chart.scrollIntoViewIfNeeded();
    const box = (await chart.boundingBox())!;
    const y = box.y + box.height / 2;

    await page.mouse.move(box.x + box.width * 0.25, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, y, { steps: 4 });
    await page.mouse.up();
    const shown = Number(/^\d+/.exec((await page.locator(".count").textContent())!)![0]);
    expect(shown).toBeGreaterThan(150);
    expect(shown).toBeLessThan(260);
    expect(await page.locator(".reset").isEnabled()).toBe(true);

    await chart.dblclick();
    expect(await page.locator(".count").textContent()).toBe("800 of 800 requests shown");
  });

  test("hovering over a chart shows the values under the pointer, hovering over a request its figures", async () => {
    const page = await open(chromium.files.usual);
    await page.locator("#over-time .u-over").first().hover();
    expect(await page.locator("#over-time .readout").first().textContent()).toMatch(
      /^[\d.]+ s – [\d.]+ s: sent [\d.]+, ok [\d.]+, not ok [\d.]+$/,
    );

    await page.locator("select").selectOption("send");
    await page.locator(".timeline canvas").hover({ position: { x: 100, y: 100 } });
    expect(await page.locator(".hint").innerText()).toMatch(
      /^job-5\nok\nTTFT [\d.]+ ms · E2E [\d.]+ (?:ms|s)\n\d+ tokens/,
    );
    await page.locator(".timeline canvas").click({ position: { x: 100, y: 100 } });
    expect(await page.locator(".request-details h3").textContent()).toBe("job-5");
  });

  test("everything works with the keyboard: charts, zoom, requests, tables", async () => {
    const page = await open(chromium.files.usual);
    const plot = page.locator("#over-time .plot").first();
    await plot.focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await page.locator("#over-time .readout").first().textContent()).toMatch(/sent/);
    await page.keyboard.press("+");
    expect(await page.locator(".reset").isEnabled()).toBe(true);
    await page.keyboard.press("0");
    expect(await page.locator(".reset").isEnabled()).toBe(false);

    await page.locator("select").selectOption("send");
    await page.locator(".timeline").focus();
    for (let press = 0; press < 40; press += 1) await page.keyboard.press("ArrowDown");
    expect(await page.locator(".request-details h3").textContent()).toBe("job-39");
    expect(await page.locator(".timeline").evaluate((box) => box.scrollTop)).toBeGreaterThan(0);

    await page.locator("#latency .behind summary").focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("#latency .behind tbody tr").count()).toBe(16);
  });

  test("the tab key visits the controls in reading order, each with a visible focus and a name", async () => {
    const page = await open(chromium.files.usual);
    const stops: { name: string; section: string; outline: string }[] = [];
    for (let press = 0; press < 70; press += 1) {
      await page.keyboard.press("Tab");
      stops.push(
        await page.evaluate(() => {
          const focused = document.activeElement!;
          const label =
            focused.getAttribute("aria-label") ?? focused.closest("label")?.textContent ?? focused.textContent;
          return {
            name: label.trim(),
            section: focused.closest("section")?.id ?? "",
            outline: getComputedStyle(focused).outlineStyle,
          };
        }),
      );
    }
    expect(stops[0]!.name).toBe("Theme: auto");
    expect(stops.filter(({ name, outline }) => name === "" || outline === "none")).toEqual([]);
    const visited = [...new Set(stops.map(({ section }) => section).filter((section) => section !== ""))];
    expect(visited).toEqual(SECTIONS.slice(0, visited.length));
    expect(visited.length).toBeGreaterThan(4);
  });

  test("every figure of the summary links to its definition", async () => {
    const page = await open(chromium.files.usual);
    const links = await page
      .locator(".tile a.definition")
      .evaluateAll((found) => found.map((link) => [link.getAttribute("href"), link.getAttribute("title")]));

    expect(links).toHaveLength(8);
    for (const [href, title] of links) {
      expect(title).not.toBe("");
      expect(await page.locator(`dt[id="${href!.slice(1)}"] + dd`).textContent()).toBe(title);
    }
  });

  test("follows the system's dark mode, and the button overrides it", async () => {
    const page = await open(chromium.files.usual, { isDark: true });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

    expect(await background()).toBe("rgb(18, 22, 28)");
    await page.locator("#theme").click();
    expect(await background()).toBe("rgb(246, 247, 249)");
    await page.emulateMedia({ colorScheme: "light" });
    await page.locator("#theme").click();
    expect(await page.locator("#theme").textContent()).toBe("Theme: dark");
    expect(await background()).toBe("rgb(18, 22, 28)");
  });

  test("charts can be told apart without colors, and names of percentiles are above the bars", async () => {
    const page = await open(chromium.files.usual);

    expect(await page.locator("#over-time .swatch.series-2.dashed").count()).toBe(1);
    expect(await page.locator("#over-time .swatch.bad.cross").count()).toBe(2);
    for (const figure of await page.locator("#latency figure:not([hidden])").all()) {
      const [canvas, plot] = [
        await figure.locator("canvas").boundingBox(),
        await figure.locator(".u-over").boundingBox(),
      ];
      expect(plot!.y - canvas!.y).toBeGreaterThanOrEqual(20);
    }
  });

  test("memory is a line: an area on an axis that does not begin at 0 would show a multiple of the growth", async () => {
    const page = await open(chromium.files.usual);
    await page.locator("#memory canvas").scrollIntoViewIfNeeded();
    const filled = await page.locator("#memory canvas").evaluate((found) => {
      const canvas = found as HTMLCanvasElement;
      const style = getComputedStyle(document.documentElement);
      const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
      const grounds = ["--card", "--band"].map((ground) => {
        for (const name of [ground, "--series-1-soft"]) {
          probe.fillStyle = style.getPropertyValue(name);
          probe.fillRect(0, 0, 1, 1);
        }
        return probe.getImageData(0, 0, 1, 1).data.slice(0, 3).join();
      });
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) if (grounds.includes(data.slice(at, at + 3).join())) count += 1;
      return count;
    });
    expect(filled).toBeLessThan(200);
  });

  test("switches from histograms to cumulative charts", async () => {
    const page = await open(chromium.files.usual);
    await page.locator("button[data-mode=cumulative]").click();

    expect(await page.locator("button[data-mode=cumulative]").getAttribute("aria-pressed")).toBe("true");
    expect(await page.locator("#latency figure:not([hidden])").count()).toBe(4);
    await page.locator("#latency figure:not([hidden]) .u-over").first().hover();
    expect(await page.locator("#latency figure:not([hidden]) .readout").first().textContent()).toMatch(
      /% take at most .* ms, baseline/,
    );
  });

  test("fits on a phone: nothing is wider than the screen", async () => {
    const page = await open(chromium.files.usual, { width: 360 });
    expect(await widthOf(page)).toBe(360);

    const hostile = await open(chromium.files.hostile, { width: 360 });
    expect(await widthOf(hostile)).toBe(360);
  });

  test("prints in light colors, with charts at paper width and without controls", async () => {
    const page = await open(chromium.files.usual, { isDark: true, width: 703 });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));

    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(255, 255, 255)");
    expect(
      await page
        .locator("nav, #theme, select")
        .evaluateAll((found) => found.every((one) => getComputedStyle(one).display === "none")),
    ).toBe(true);
    await expect.poll(() => widthOf(page)).toBeLessThanOrEqual(703);
    expect(
      await page
        .locator("#over-time canvas")
        .first()
        .evaluate((canvas) => canvas.clientWidth),
    ).toBe(660);
    expect((await page.pdf({ format: "A4" })).subarray(0, 5).toString()).toBe("%PDF-");
  });
});
