import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BROWSER_STARTS_WITHIN_MS, findChromium, openChromium } from "../../../../tests/support/chromium.js";
import { createTemporaryFolder } from "../../../../tests/support/temporary-folder.js";
import { expectPolicyBlocks, openPage, type OpenOptions } from "../open-page.js";
import { writeSamplePages, type SamplePages } from "./sample-pages.js";

const executable = findChromium();

describe("the page of evidence in Chromium", () => {
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
  const hashOf = (page: Page) => page.evaluate(() => location.hash);
  const selected = (page: Page, list: string) =>
    page.getByRole("listbox", { name: list }).locator("[aria-selected=true]").innerText();

  test("a bundle opens at the event that broke a rule: what failed and when, its line, the log, and the command", async () => {
    const page = await open(files.broken);

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

  test("the address leads to a job, an event and a tab, and wrong ones to the opening", async () => {
    const page = await open(files.broken, { hash: "#job=job-1&event=2&tab=request" });
    expect(await page.locator(".job-head h2").innerText()).toContain("job-1");
    expect(await page.getByRole("tab", { selected: true }).innerText()).toBe("Request");
    await page.getByRole("tab", { name: "Transcript" }).click();
    expect(await selected(page, "Transcript")).toContain("w1");

    const wrong = await open(files.broken, { hash: "#job=none&event=999999&tab=x&bundle=7" });
    expect(await selected(wrong, "Transcript")).toContain("✗ token i=3");
  });

  test("everything works with the keyboard", async () => {
    const page = await open(files.broken);
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

  test("search and filter choose jobs; what is hidden is counted", async () => {
    const page = await open(files.broken);
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
    const page = await open(files.broken, { hash: "#job=job-1" });
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
    const page = await open(files.broken);
    const canvas = page.locator(".time-line canvas");
    await canvas.click({ position: { x: 12, y: 80 } });
    expect(await selected(page, "Transcript")).toContain("sent");
    expect(await canvas.getAttribute("aria-label")).toContain("index-gap#1 fired");
  });

  test("bytes and events are side by side where bytes were kept", async () => {
    const page = await open(files.broken, { hash: "#job=job-4&event=1" });
    expect(await selected(page, "Transcript")).toMatch(/data: \{"type":"token"[\s\S]*token i=0/);
    expect(await page.locator(".details").innerText()).toContain("Bytes (");

    await page.getByRole("listbox", { name: "Jobs" }).getByText("job-2").click();
    expect(await page.locator(".transcript").innerText()).toContain("The bytes of this stream were not kept");
  });

  test("a test and a command can be copied", async () => {
    const page = await open(files.broken, { hash: "#job=job-2&tab=request" });
    const request = await page.getByRole("tabpanel").innerText();

    expect(request).toContain("seed: 18446744073709551615".replace("seed:", '"seed":'));
    expect(request).toContain("/bin/worker --port 0 'a b'");
    expect(request).toContain('await worker.execute({"job_id":"job-2","prompt":"Hello","seed":18446744073709551615n})');
    expect(await page.getByRole("button", { name: "Copy: As a test" }).count()).toBe(1);
  });

  test("20,000 events: only the visible rows exist, and every one can be reached", async () => {
    const page = await open(files.large);
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

  test("what is redacted and what is missing is said above everything else", async () => {
    const page = await open(files.partial);
    const [redacted, missing] = await page.locator(".banner").allInnerTexts();

    expect(redacted).toContain("Redacted: prompts, generated text, log lines.");
    expect(missing).toBe("Incomplete: 12 lines of the transcript, 3 whole answers, 7 log lines did not fit into the bundle."); // prettier-ignore
    expect(await page.locator(".jobs").innerText()).toContain("the bundle had no room for all of it");
  });

  test("the page of a run leads with what failed and when; one click further is the evidence at the violated event", async () => {
    const page = await open(files.run);
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

  test("tests are searched and filtered", async () => {
    const page = await open(files.run);
    const count = page.locator(".toolbar .count");
    await page.getByLabel("Search tests").fill("index-gap#1");
    expect(await count.innerText()).toBe("1 of 32 tests shown");
    await page.getByLabel("Search tests").fill("nothing like this");
    await page.getByText("No test matches the filter.").waitFor();
    await page.getByLabel("Search tests").fill("");
    await page.getByLabel("passed 30").uncheck();
    expect(await count.innerText()).toBe("2 of 32 tests shown");
  });

  test("the page's own policy blocks an injected script and request", async () => {
    await expectPolicyBlocks(browser.context, files.run);
  });
});
