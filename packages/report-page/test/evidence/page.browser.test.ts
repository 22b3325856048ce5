import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { inChromium } from "../in-chromium.js";
import { writeSamplePages } from "./sample-pages.js";

describe("the page of evidence in Chromium", () => {
  const chromium = inChromium(writeSamplePages);

  const { open } = chromium;
  const hashOf = (page: Page) => page.evaluate(() => location.hash);
  const selected = (page: Page, list: string) =>
    page.getByRole("listbox", { name: list }).locator("[aria-selected=true]").innerText();

  test("a bundle opens at the event that broke a rule: what failed and when, its line, the log, and the command", async () => {
    const page = await open(chromium.files.broken);

    expect(await page.locator(".verdict-banner").innerText()).toMatch(
      /FAIL[\s\S]*job-2: event 3 of 8: expected a token with i=2, got token i=3 t=" w2", 20 ms after it was sent/,
    );
    expect(await selected(page, "Jobs")).toContain("job-2");
    expect(await selected(page, "Transcript")).toContain("✗ token i=3");
    const details = await page.locator(".details").innerText();
    expect(details).toContain("Event 3: token, 20 ms after the request");
    expect(details).toContain("Broken rule: token-index");
    expect(details).toContain("line 13");
    expect(details).toContain("curl -iN -X POST");
    await expect.poll(() => hashOf(page)).toBe("#job=job-2&event=3");
    const box = await page.getByRole("listbox", { name: "Transcript" }).locator(".violation").boundingBox();
    expect(box!.y + box!.height).toBeLessThanOrEqual(900);
  });

  test("everything works with the keyboard", async () => {
    const page = await open(chromium.files.broken);
    await page.getByRole("listbox", { name: "Jobs" }).focus();
    await page.keyboard.press("Home");
    expect(await page.locator(".job-head h2").innerText()).toContain("job-1");
    await page.getByRole("listbox", { name: "Transcript" }).focus();
    await page.keyboard.press("End");
    expect(await selected(page, "Transcript")).toContain("complete");
    await page.keyboard.press("ArrowUp");
    expect(await page.locator(".details").innerText()).toContain("Event 4: end");
    await page.getByRole("tab", { name: "Transcript" }).focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("tab", { selected: true }).innerText()).toBe("Log");
    await page.keyboard.press("v");
    expect(await page.locator(".details").first().innerText()).not.toContain("Broken rule");
    await page.getByRole("button", { name: "Go to the violated event" }).press("Enter");
    expect(await selected(page, "Transcript")).toContain("✗ token i=3");
  });

  test("20,000 events: only the visible rows exist, and every one can be reached", async () => {
    const page = await open(chromium.files.large);
    expect(await selected(page, "Transcript")).toContain("15001");
    const list = page.getByRole("listbox", { name: "Transcript" });
    expect(await list.locator("[role=option]").count()).toBeLessThan(60);
    await list.focus();
    await page.keyboard.press("End");
    expect(await selected(page, "Transcript")).toContain("complete");
    await list.evaluate((box) => (box.scrollTop = 300_000));
    await list.getByText("i=9990 ").waitFor();
    await page.getByRole("tab", { name: "Log" }).click();
    expect(await page.locator("[role=option]").count()).toBeLessThan(120);
    expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBeLessThan(1_500);
  });

  test("the page of a run leads with what failed and when; one click further is the evidence at the violated event", async () => {
    const page = await open(chromium.files.run);
    expect(await page.locator(".verdict-banner").innerText()).toMatch(
      /FAIL[\s\S]*1 failed, 30 passed, 1 skipped[\s\S]*in order job-2: event 3 of 8: .*, 20 ms after it was sent/,
    );
    const first = page.locator(".check").first();
    expect(await first.innerText()).toContain(
      "worker ready after 12.5 ms · stopped in 8 ms · 1 survivor · index-gap#1 fired 1 ×",
    );
    expect(await first.innerText()).toContain("[ORDER_VIOLATED] At event 3");

    await page.getByRole("link", { name: "Open its evidence" }).click();
    expect(await selected(page, "Transcript")).toContain("✗ token i=3");
    await expect.poll(() => hashOf(page)).toBe("#bundle=0&job=job-2&event=3");
    await page.getByRole("link", { name: "All tests" }).click();
    await first.waitFor();
    await page.goBack();
    expect(await selected(page, "Transcript")).toContain("✗ token i=3");
  });
});
