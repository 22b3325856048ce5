import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { inChromium } from "./in-chromium.js";
import { writeSamplePages } from "./sample-pages.js";

describe("one request in the page of a run", () => {
  const chromium = inChromium(writeSamplePages);

  const { open } = chromium;
  const jobsOf = (page: Page) => page.locator("#requests .virtual tbody button.link").allTextContents();
  const hashOf = (page: Page) => page.evaluate(() => location.hash);
  const shownName = (page: Page) => page.locator("#request-details h3").textContent();

  test("the first line of a failed run names the limit, the value, and the error with its beginning", async () => {
    const page = await open(chromium.files.failing);

    expect(await page.locator("main").innerText()).toMatch(
      /^FAIL\s+TTFT p95 \d+ ms \(limit 200\)\s+1 more failed\s+420 of 930 QUEUE_FULL from 15\.1 s on\n/,
    );
    expect(await page.title()).toMatch(/^FAIL TTFT p95 \d+ ms \(limit 200\) – Nightly load$/);
  });

  test("a tile has its limit and the color of its verdict, and shows the percentile that missed it", async () => {
    const page = await open(chromium.files.failing);
    const [ttft, tpot] = [page.locator(".tile").nth(0), page.locator(".tile").nth(1)];

    expect(await ttft.innerText()).toMatch(/, p95\n\d+ ms\nfail\nlimit p95 ≤ 200 ms: missed\n/);
    expect(await ttft.getAttribute("class")).toBe("tile fail");
    expect(await tpot.innerText()).toMatch(/limit p50 ≤ 200 ms\n/);
    expect(await tpot.getAttribute("class")).toBe("tile pass");
  });

  test("a run that is not comparable shows no value of the baseline, and is amber", async () => {
    const page = await open(chromium.files.notComparable);

    expect(await page.locator("#summary").innerText()).not.toMatch(/baseline \d/);
    expect(await page.locator("#latency").innerText()).not.toContain("baseline");
    await page.locator("#latency .behind summary").click();
    expect(await page.locator("#latency .behind tbody").innerText()).not.toContain("baseline");
    const colorOf = (selector: string) =>
      page.locator(selector).evaluate((found) => getComputedStyle(found).backgroundColor);
    expect(await colorOf("#headline")).toBe("rgb(252, 241, 216)");
  });

  test("what is not comparable stands side by side, and the command of the run can be copied", async () => {
    const page = await open(chromium.files.notComparable);

    expect(await page.locator("#baseline tbody tr").innerText()).toMatch(/^cpu\s+Another CPU\s+\S/);
    await page.locator("#facts").getByRole("button", { name: "Copy: Command" }).click();
    const command = "inference-testkit profile --url http://127.0.0.1:8080";
    expect(await page.locator("#facts .copyable code").innerText()).toBe(command);
    expect(await page.locator("#facts").innerText()).toMatch(/commit\s+0123456789ab-dirty/i);
    await expect.poll(() => page.getByRole("button", { name: "Copy: Command" }).textContent()).toBe("Copied");
  });

  test("errors come first; search, filter and order rule the table and the timeline together", async () => {
    const page = await open(chromium.files.failing);
    expect((await jobsOf(page))[0]).toBe("job-301");

    await page.getByLabel("Search by job id").fill("JOB-90");
    await expect
      .poll(() => jobsOf(page))
      .toEqual(["901", "902", "904", "905", "907", "908", "90", "900", "903", "906", "909"].map((id) => `job-${id}`));
    expect(await page.locator(".count").textContent()).toBe("11 of 930 requests shown");
    await page.locator("input[data-status=http-error]").uncheck();
    await expect.poll(() => jobsOf(page)).toEqual(["90", "900", "903", "906", "909"].map((id) => `job-${id}`));
    await page.getByLabel("Order of the requests").selectOption("e2e");
    const ends = await page.locator("#requests .virtual tbody tr:not(.spacer) td:nth-child(8)").allTextContents();
    const inMs = ends.map((text) => parseFloat(text) * (text.endsWith(" ms") ? 1 : 1000));
    expect(inMs).toEqual([...inMs].sort((a, b) => b - a));
    await expect.poll(() => hashOf(page)).toBe("#status=ok&order=e2e&search=JOB-90");
  });

  test("an address opens what its sender saw", async () => {
    const page = await open(chromium.files.failing, {
      hash: "#request=job-901&status=http-error&order=send&search=job-9",
    });

    expect(await shownName(page)).toBe("job-901");
    expect(await page.locator("input[data-status=ok]").isChecked()).toBe(false);
    expect(await page.getByLabel("Search by job id").inputValue()).toBe("job-9");
    expect(await page.getByLabel("Order of the requests").inputValue()).toBe("send");
    expect(await page.locator("#requests .virtual tr.chosen").innerText()).toContain("job-901");
    expect(await page.locator("#requests .virtual tr.chosen").isVisible()).toBe(true);
    await page.getByRole("button", { name: "Close" }).click();
    await expect.poll(() => hashOf(page)).toBe("#status=http-error&order=send&search=job-9");
    await page.evaluate(() => (location.hash = "#request=@3"));
    await expect.poll(() => shownName(page)).toBe("job-3");
    await page.evaluate(() => (location.hash = "#errors"));
    expect(await shownName(page)).toBe("job-3");
  });

  test("an arrow key that is held down changes the address once, when it has settled", async () => {
    const page = await open(chromium.files.failing);
    await page.evaluate(() => {
      const calls = globalThis as unknown as { changes: number };
      calls.changes = 0;
      const replace = history.replaceState.bind(history);
      history.replaceState = (...given) => {
        calls.changes += 1;
        replace(...given);
      };
    });
    await page.locator(".timeline").focus();
    for (let press = 0; press < 150; press += 1) await page.keyboard.press("ArrowDown");

    await expect.poll(() => hashOf(page)).toBe("#request=job-524");
    expect(await page.evaluate(() => (globalThis as unknown as { changes: number }).changes)).toBeLessThan(20);
  });

  test("prompt, output, a tick for each token, and what was cut or left out", async () => {
    const page = await open(chromium.files.failing, { hash: "#request=job-3" });
    const details = page.locator("#request-details");

    expect(await details.locator("pre").allTextContents()).toEqual([
      "Story 3.\nWrite about a lighthouse.",
      "Output: Story 3.\nWrite about a lighthouse.",
    ]);
    expect(await details.innerText()).toContain("7 more characters were not kept.");
    expect(await details.locator("canvas").getAttribute("aria-label")).toMatch(/first content after .*, [2-9]\d ticks/);
    await page.evaluate(() => (location.hash = "#request=job-929"));
    await expect
      .poll(() => details.innerText())
      .toContain("The texts of this request were left out, as those of 1 request");

    const without = await open(chromium.files.usual, { hash: "#request=job-3" });
    expect(await without.locator("#request-details").innerText()).toContain("--keep-text");
  });

  test("a click on a dot opens its request, and dots of a hidden status are neither read nor opened", async () => {
    const page = await open(chromium.files.failing);
    const plot = page.locator("#over-time figure").last().locator(".u-over");
    await plot.scrollIntoViewIfNeeded();
    const box = (await plot.boundingBox())!;
    // Everything without a first token is at the top.
    await plot.click({ position: { x: box.width * 0.6, y: 8 } });
    await expect.poll(() => hashOf(page)).toMatch(/^#request=job-\d+$/);
    expect(await page.locator("#request-details").innerText()).toContain("the queue is full\nretry after 1 s");

    await page.locator("input[data-status=http-error]").uncheck();
    await page.getByRole("button", { name: "Close" }).click();
    await plot.scrollIntoViewIfNeeded();
    await plot.click({ position: { x: box.width * 0.6, y: 8 } });
    expect(await page.locator("#request-details h3").count()).toBe(0);
    const readout = page.locator("#over-time figure").last().locator(".readout");
    for (const x of [0.5, 0.55, 0.6, 0.65]) {
      await plot.hover({ position: { x: box.width * x, y: box.height / 2 } });
      expect(await readout.textContent()).toMatch(/^job-\d+, ok, /);
    }
  });

  test("Enter opens the request under the cursor of the chart", async () => {
    const page = await open(chromium.files.failing);
    await page.locator("#over-time .plot").last().focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");

    expect(await shownName(page)).toBe("job-0");
  });

  test("a sample of an error leads to its request, whatever is hidden, and its lines are lines", async () => {
    const page = await open(chromium.files.failing, { hash: "#status=ok&search=nothing" });
    expect(await page.locator(".count").textContent()).toBe("0 of 930 requests shown");
    expect(await page.locator("#errors code").first().innerText()).toBe("the queue is full\nretry after 1 s");

    await page.locator("#errors .samples button").first().click();
    expect(await shownName(page)).toBe("job-301");
    expect(await page.locator(".count").textContent()).toBe("930 of 930 requests shown");
    await expect
      .poll(() => page.locator("#request-details").evaluate((box) => box.getBoundingClientRect().top))
      .toBeLessThan(900);
    await page.getByRole("button", { name: "Show in time charts" }).click();
    expect(await page.locator(".reset").isEnabled()).toBe(true);
  });

  test("the table is used with the keyboard: Tab to a row, Enter opens it, and the focus stays while it scrolls", async () => {
    const page = await open(chromium.files.failing);
    await page.locator("#requests .virtual").focus();
    for (let tab = 0; tab < 10; tab += 1) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(() => document.activeElement?.matches(".virtual button") === true)) break;
    }
    await page.keyboard.press("Enter");

    expect(await shownName(page)).toBe("job-301");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("job-301");
    await page.locator("#requests .virtual").evaluate((box) => box.scrollTo(0, 60));
    await expect.poll(() => page.locator("#requests .virtual tbody tr").count()).toBeGreaterThan(20);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("job-301");
  });

  test("a drag with a finger zooms the charts and the timeline, a double tap shows all", async () => {
    const page = await open(chromium.files.failing, { width: 400 });
    const touch = await page.context().newCDPSession(page);
    const send = (type: "touchStart" | "touchMove" | "touchEnd", points: readonly { x: number; y: number }[]) =>
      touch.send("Input.dispatchTouchEvent", { type, touchPoints: [...points] });
    const swipe = async (selector: string) => {
      const target = page.locator(selector).first();
      await target.scrollIntoViewIfNeeded();
      const { x, y, width, height } = (await target.boundingBox())!;
      const at = (share: number) => [{ x: x + width * share, y: y + Math.min(height, 120) / 2 }];
      await send("touchStart", at(0.3));
      for (const share of [0.35, 0.45, 0.6]) await send("touchMove", at(share));
      await send("touchEnd", []);
      return async () => {
        for (let tap = 0; tap < 2; tap += 1) {
          await send("touchStart", at(0.5));
          await send("touchEnd", []);
        }
      };
    };
    for (const selector of ["#over-time .u-over", "#requests .timeline canvas"]) {
      const doubleTap = await swipe(selector);
      await expect.poll(() => page.locator(".reset").isEnabled()).toBe(true);
      if (selector.endsWith(".u-over")) await doubleTap();
      else await page.locator(".reset").click();
      await expect.poll(() => page.locator(".reset").isEnabled()).toBe(false);
    }
  });

  test("ten thousand requests stay fluid: a search and an order take less than a second", async () => {
    const page = await open(chromium.files.large);
    const tookMs = await page.evaluate(async () => {
      const begin = performance.now();
      const search = document.querySelector<HTMLInputElement>("input[type=search]")!;
      search.value = "99";
      search.dispatchEvent(new Event("input"));
      const select = document.querySelector<HTMLSelectElement>("#requests select")!;
      select.value = "ttft";
      select.dispatchEvent(new Event("change"));
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return performance.now() - begin;
    });

    expect(await page.locator(".count").textContent()).toBe("280 of 10,000 requests shown");
    expect(tookMs).toBeLessThan(5_000); // a busy machine; 0.1 s on an idle one
  });

  test("hostile prompts, outputs, job ids and addresses are inert", async () => {
    for (const hash of ["#request=@1", "#request=%3Cimg+src=x%3E&status=%3Cscript%3E&order=__proto__&search=%2E*("]) {
      const page = await open(chromium.files.hostile, { hash });
      expect(await page.evaluate(() => (globalThis as { broken?: number }).broken)).toBeUndefined();
      expect(await page.locator("img, svg, iframe, object, embed").count()).toBe(0);
      if (hash === "#request=@1") expect(await page.locator("#request-details pre").count()).toBe(2);
    }
    const page = await open(chromium.files.hostile);
    await page.locator("#requests .virtual button.link").nth(3).click();
    await expect.poll(() => hashOf(page)).toMatch(/^#request=/);
    const hash = await hashOf(page);
    const name = await shownName(page);
    await page.goto("about:blank");
    const again = await open(chromium.files.hostile, { hash });
    expect(await shownName(again)).toBe(name);
  });
});
