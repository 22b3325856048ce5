import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { inChromium } from "../in-chromium.js";
import { expectPolicyBlocks } from "../open-page.js";
import { findSerious } from "../find-serious.js";
import { writeSamplePages } from "./sample-pages.js";

const TABS = ["transcript", "log", "request", "verdicts", "machine"];

describe("the page of evidence in Chromium, in every state", () => {
  const chromium = inChromium(writeSamplePages);

  const { open } = chromium;
  const widthOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth);
  const selected = (page: Page, list: string) =>
    page.getByRole("listbox", { name: list }).locator("[aria-selected=true]").innerText();

  test("the address leads to a job, an event and a tab, and wrong ones to the opening", async () => {
    const page = await open(chromium.files.broken, { hash: "#job=job-1&event=2&tab=request" });
    expect(await page.locator(".job-head h2").innerText()).toContain("job-1");
    expect(await page.getByRole("tab", { selected: true }).innerText()).toBe("Request");
    await page.getByRole("tab", { name: "Transcript" }).click();
    expect(await selected(page, "Transcript")).toContain("w1");

    const wrong = await open(chromium.files.broken, { hash: "#job=none&event=999999&tab=x&bundle=7" });
    expect(await selected(wrong, "Transcript")).toContain("✗ token i=3");
  });

  test("search and filter choose jobs; what is hidden is counted", async () => {
    const page = await open(chromium.files.broken);
    const shown = page.locator(".jobs .count");
    expect(await shown.innerText()).toBe("4 of 4 requests shown");
    await page.getByLabel("Search jobs").fill("503");
    expect(await shown.innerText()).toBe("1 of 4 requests shown");
    await page.getByLabel("Search jobs").fill("token-index");
    expect(await page.getByRole("listbox", { name: "Jobs" }).innerText()).toContain("job-2");
    await page.getByLabel("Search jobs").fill("");
    await page.getByLabel("failed 1").uncheck();
    expect(await shown.innerText()).toBe("3 of 4 requests shown");
  });

  test("the scrubber shows the stream as it came, and playing reaches its end", async () => {
    const page = await open(chromium.files.broken, { hash: "#job=job-1" });
    const text = page.locator(".player-text");
    const slider = page.getByLabel("Time in the stream");
    await slider.fill("0");
    expect(await text.innerText()).toBe("no text yet");
    await slider.fill("620"); // of 25 ms
    expect(await text.innerText()).toContain("w0 w1");
    expect(await text.innerText()).not.toContain("w2");
    expect(await selected(page, "Transcript")).toContain("w1");
    await page.getByRole("button", { name: "Play" }).click();
    await page.getByRole("button", { name: "Play" }).waitFor();
    await expect.poll(() => text.innerText()).toContain("w0 w1 w2");
  });

  test("a click on the time line goes to that moment", async () => {
    const page = await open(chromium.files.broken);
    const canvas = page.locator(".time-line canvas");
    await canvas.click({ position: { x: 12, y: 80 } });
    expect(await selected(page, "Transcript")).toContain("sent");
    expect(await canvas.getAttribute("aria-label")).toContain("index-gap#1 fired");
  });

  test("bytes and events are side by side where bytes were kept", async () => {
    const page = await open(chromium.files.broken, { hash: "#job=job-4&event=1" });
    expect(await selected(page, "Transcript")).toMatch(/data: \{"type":"token"[\s\S]*token i=0/);
    expect(await page.locator(".details").innerText()).toContain("Bytes (");

    await page.getByRole("listbox", { name: "Jobs" }).getByText("job-2").click();
    expect(await page.locator(".transcript").innerText()).toContain("The bytes of this stream were not kept");
  });

  test("a test and a command can be copied", async () => {
    const page = await open(chromium.files.broken, { hash: "#job=job-2&tab=request" });
    const request = await page.getByRole("tabpanel").innerText();

    expect(request).toContain("seed: 18446744073709551615".replace("seed:", '"seed":'));
    expect(request).toContain("/bin/worker --port 0 'a b'");
    expect(request).toContain('await worker.execute({"job_id":"job-2","prompt":"Hello","seed":18446744073709551615n})');
    expect(await page.getByRole("button", { name: "Copy: As a test" }).count()).toBe(1);
  });

  test("what is redacted and what is missing is said above everything else", async () => {
    const page = await open(chromium.files.partial);
    const [redacted, missing] = await page.locator(".banner").allInnerTexts();

    expect(redacted).toContain("Redacted: prompts, generated text, log lines.");
    expect(missing).toBe("Incomplete: 12 lines of the transcript, 3 whole answers, 7 log lines did not fit into the bundle."); // prettier-ignore
    expect(await page.locator(".jobs").innerText()).toContain("the bundle had no room for all of it");
  });

  test("tests are searched and filtered", async () => {
    const page = await open(chromium.files.run);
    const count = page.locator(".toolbar .count");
    await page.getByLabel("Search tests").fill("index-gap#1");
    expect(await count.innerText()).toBe("1 of 32 tests shown");
    await page.getByLabel("Search tests").fill("nothing like this");
    await page.getByText("No test matches the filter.").waitFor();
    await page.getByLabel("Search tests").fill("");
    await page.getByLabel("passed 30").uncheck();
    expect(await count.innerText()).toBe("2 of 32 tests shown");
  });

  test("the address leads to a test, also far down a long list; more tests are drawn on request", async () => {
    const page = await open(chromium.files.long, { hash: "#test=900" });
    const chosen = page.locator("#test-900");
    expect(await chosen.getAttribute("open")).toBe("");
    expect(await page.locator(".check").count()).toBe(301);
    await page.getByRole("button", { name: "Show 300 more tests" }).click();
    expect(await page.locator(".check").count()).toBe(600);
    await page.getByLabel("Search tests").fill("number 899");
    expect(await page.locator(".toolbar .count").innerText()).toBe("1 of 1,000 tests shown");
    await page.locator(".check > summary").click();
    await expect.poll(() => page.evaluate(() => location.hash)).toBe("#test=899");
  });

  test("the page's own policy blocks an injected script and request", async () => {
    await expectPolicyBlocks(chromium.context, chromium.files.run);
  });

  test("every stop of the Tab key has a name and a visible focus", async () => {
    for (const path of [chromium.files.broken, chromium.files.run]) {
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
    const page = await open(chromium.files.empty);
    expect(await page.locator(".job-head").innerText()).toBe("No request was recorded");
    for (const tab of TABS) await page.locator(`#tab-${tab}`).click();
  });

  test("texts of models, servers and tests are inert, and hidden characters are visible", async () => {
    for (const path of [chromium.files.hostile, chromium.files.hostileRun]) {
      const page = await open(path);
      for (const check of await page.locator(".check > summary").all()) await check.click();
      for (const tab of TABS) if (path === chromium.files.hostile) await page.locator(`#tab-${tab}`).click();
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
      const hostile = await open(chromium.files.hostile, { width });
      for (const tab of TABS) {
        await hostile.locator(`#tab-${tab}`).click();
        expect([tab, await widthOf(hostile)]).toEqual([tab, width]);
      }
      for (const path of [chromium.files.broken, chromium.files.run, chromium.files.hostileRun]) {
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
    const page = await open(chromium.files.broken, { width, isDark });
    for (const tab of TABS) {
      await page.locator(`#tab-${tab}`).click();
      expect(await findSerious(page)).toEqual([]);
    }
    const run = await open(chromium.files.run, { width, isDark });
    expect(await findSerious(run)).toEqual([]);
  });

  test("prints in light colors without controls, with the rows around the chosen one", async () => {
    const page = await open(chromium.files.large, { isDark: true });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));

    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(255, 255, 255)");
    expect(await page.getByRole("listbox", { name: "Transcript" }).locator("[role=option]").count()).toBe(300);
    expect(await page.locator(".transcript").innerText()).toContain("Rows 14,854 to 15,153 of 20,005.");
    expect((await page.pdf({ format: "A4" })).subarray(0, 5).toString()).toBe("%PDF-");
  });
});
