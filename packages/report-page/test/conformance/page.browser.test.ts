import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { inChromium } from "../in-chromium.js";
import { HOSTILE_TEXTS } from "../../../testkit/test/report/hostile.js";
import { expectPolicyBlocks } from "../open-page.js";
import { writeSamplePages } from "./sample-pages.js";

const SECTIONS = ["summary", "baseline", "areas", "checks", "facts"];

describe("the page of a conformance report in Chromium", () => {
  const chromium = inChromium(writeSamplePages);

  const { open } = chromium;
  const sectionsOf = (page: Page) => page.locator("main > section").evaluateAll((found) => found.map(({ id }) => id));
  const shownIds = (page: Page) => page.locator(".check:not([hidden]) summary strong").allTextContents();
  const widthOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth);
  const openAll = (page: Page) =>
    page.locator("details").evaluateAll(async (found) => {
      for (const each of found as HTMLDetailsElement[]) each.open = true;
      await new Promise((resolve) => setTimeout(resolve)); // `toggle` is fired by a task
      for (const each of document.querySelectorAll("details")) each.open = true; // headers inside of what has just been made
    });

  test("begins with the verdict, how much ran, and what is special about the run", async () => {
    const page = await open(chromium.files.usual);

    expect(await sectionsOf(page)).toEqual(SECTIONS);
    expect(await page.locator(".verdict-banner").innerText()).toMatch(
      /^FAIL\s+23 of 26 checks ran: 21 passed, 2 failed, 1 not applicable, 1 inconclusive, 1 errors of the suite\. 1 check failed\.$/,
    );
    const summary = await page.locator("#summary").innerText();
    expect(summary).toContain("Declared as a deviation, but passed: ready.a");
    expect(summary).toContain("The server was started again after stop.leaks: it died");
  });

  test("a report without checks opens too", async () => {
    const page = await open(chromium.files.empty);

    expect(await sectionsOf(page)).toEqual(["summary", "areas", "checks", "facts"]);
    expect(await page.locator(".verdict-banner").innerText()).toContain("0 of 0 checks ran");
    expect(await page.locator("#checks > .note").innerText()).toBe("No check matches the filter.");
  });

  test("the baseline shows what got worse and better, and what only one of the reports has", async () => {
    const page = await open(chromium.files.usual);
    const rows = await page
      .locator("#baseline tbody tr")
      .evaluateAll((found) => found.map((row) => [...row.children].map((cell) => (cell as HTMLElement).innerText)));

    expect(rows.slice(0, 3)).toEqual([
      ["worse", "stop.leaks", "✓passed", "✗failed", '"expected of stop.leaks"', '"got of stop.leaks"'],
      ["worse", "stop.open", "✓passed", "?inconclusive", "–", "reason of stop.open"],
      ["better", "ready.a", "✗failed", "✓passed", "–", "–"],
    ]);
    expect(rows.at(-1)).toEqual(["not run", "memory.gone", "see the baseline", "–", "–", "–"]);
    expect(rows.map(([change]) => change).filter((change) => change === "new")).toHaveLength(23);
    await page.locator("#baseline a", { hasText: "stop.leaks" }).click();
    expect(await page.locator("[id='check-stop.leaks']").getAttribute("open")).not.toBeNull();
  });

  test("the map has a mark for each check, which leads to it", async () => {
    const page = await open(chromium.files.usual);

    expect(await page.locator(".marks").allInnerTexts()).toEqual(
      ["✓", "✓".repeat(20), "✗✗?", "–", "!"].map(splitMarks),
    );
    const mark = page.locator("a.mark[href='#check-stop.known']");
    expect(await mark.getAttribute("aria-label")).toBe("stop.known: title of stop.known – failed, declared deviation");
    await mark.click();
    await page.locator("[id='check-stop.known'] .check-body").waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("stop.known");
  });

  test("filters by verdict, by area and by text, and a link shows a hidden check again", async () => {
    const page = await open(chromium.files.usual);
    expect((await shownIds(page)).slice(0, 4)).toEqual(["stop.leaks", "stop.known", "errors.a", "stop.open"]);

    await page.locator("input[data-status=pass]").uncheck();
    expect(await page.locator("#checks .count").innerText()).toBe("5 of 26 checks shown");
    await page.locator(".area button", { hasText: "Stop sequences" }).click();
    expect(await shownIds(page)).toEqual(["stop.leaks", "stop.known", "stop.open"]);
    expect(await page.locator("select").inputValue()).toBe("stop");
    await page.locator("input[type=search]").fill("FIXED  stop.known");
    expect(await shownIds(page)).toEqual(["stop.known"]);
    await page.locator("input[type=search]").fill("nothing like it");
    expect(await page.locator("#checks > .note").innerText()).toBe("No check matches the filter.");

    await page.locator("a.mark[href='#check-ready.a']").click();
    await page.locator("[id='check-ready.a'] .check-body").waitFor();
    expect(await page.locator("#checks .count").innerText()).toBe("26 of 26 checks shown");
    expect(await page.locator("input[type=search]").inputValue()).toBe("");
  });

  test("a check opens to why, source, expected and got, the curl line, and the transcript", async () => {
    const page = await open(chromium.files.usual, { hash: "#check-stop.leaks" });
    const body = page.locator("[id='check-stop.leaks'] .check-body");
    const facts = await body.locator(".check-facts").innerText();

    expect(facts.replaceAll(/\s*\n\s*/g, "|")).toBe(
      'expected|"expected of stop.leaks"|got|"got of stop.leaks"|why|harm of stop.leaks|source|RFC 9112, 8; https://example.com/issues/7',
    );
    expect(await body.locator(".check-facts a").getAttribute("href")).toBe("https://example.com/issues/7");
    expect(await body.locator(".curl code").innerText()).toBe("curl -iN 'http://127.0.0.1:1/x'");
    expect(await body.locator(".sent").innerText()).toContain('{"model":"stub","stream":true}');
    expect(await body.locator(".received > div > code").first().innerText()).toBe("status 200 after 3.25 ms");
    const rows = await body
      .locator(".arrivals tbody tr")
      .evaluateAll((found) => found.map((row) => [...row.children].map((cell) => cell.textContent)));
    expect(rows).toEqual([
      ["4 ms34 B", String.raw`data: {"token":"one"}\n\ndata: {"tok`, '{"token":"one"}'],
      ["9.5 ms12 B", String.raw`en":"two"}\n\n`, '{"token":"two"}'],
      ["12 ms25 B", String.raw`event: end\ndata: [DONE]\n\n`, "end[DONE]"],
    ]);
    expect(await body.locator(".received > .note").innerText()).toBe("the answer ended after 12.5 ms");
  });

  test("a declared deviation shows its reason and link, an inconclusive check the number of its attempts", async () => {
    const page = await open(chromium.files.usual, { hash: "#check-stop.known" });
    expect(await page.locator("[id='check-stop.known'] .check-facts").innerText()).toMatch(
      /declared\s+fixed in 2\.1\s+link\s+https:\/\/example\.com\/7/,
    );
    await page.locator("[id='check-stop.open'] summary").first().click();
    await page.locator("h4", { hasText: "Transcript of attempt 3" }).waitFor();
    expect(await page.locator("[id='check-stop.open'] .check-facts").innerText()).toMatch(
      /^reason\s+reason of stop.open/,
    );
  });

  test("the copy button copies the command as it is", async () => {
    await chromium.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await open(chromium.files.usual, { hash: "#check-stop.leaks" });

    await page.locator(".curl button").click();
    await page.locator(".curl button", { hasText: "Copied" }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("curl -iN 'http://127.0.0.1:1/x'");
  });

  test("a long transcript is drawn in parts, and says what is not kept", async () => {
    const page = await open(chromium.files.long, { hash: "#check-text.long" });
    const rows = page.locator(".arrivals tbody tr");

    expect(await rows.count()).toBe(200);
    await page.locator("button", { hasText: "Show 1,800 more parts" }).click();
    expect(await rows.count()).toBe(2_000);
    const text = await page.locator(".check-body").innerText();
    expect(text).toContain("5,000 more bytes of this answer were not kept.");
    expect(text).toContain("3 more requests of this check: not kept.");
    expect(text).toMatch(/→ no answer/);
    expect(text).toContain("no answer arrived after 12.5 ms: connection refused");
  });

  test("texts of servers are inert, and hidden characters are visible", async () => {
    const page = await open(chromium.files.hostile);
    await openAll(page);

    expect(await page.evaluate(() => (globalThis as { broken?: number }).broken)).toBeUndefined();
    expect(await page.locator("img, svg, iframe, object, embed, link:not([rel=icon])").count()).toBe(0);
    expect(await page.locator("script").count()).toBe(2);
    expect(await page.locator(".check-body").count()).toBe(HOSTILE_TEXTS.length);
    expect(await page.locator("a:not([href^='#'])").count()).toBe(0);
    const bodies = await page.locator(".check-body").allInnerTexts();
    const text = `${await page.locator("main").innerText()}\n${bodies.join("\n")}`;
    expect(text).toContain("</script><script>globalThis.broken = 1</script>");
    expect(text).toContain("$& $1 $` $' $$");
    expect(text).toContain("line\\u2028separator\\u2029paragraph");
    expect(text).toContain("lone \\ud800 surrogate \\udc00");
    expect(text).toContain("left\\u202eright\\u202c \\u2066isolated\\u2069");
    expect(text).toContain("nul \\x00 bell \\x07 escape \\x1b[2J");
    expect(text).toContain("javascript:globalThis.broken = 4");
    expect(await page.title()).toContain("</script>");
  });

  test("a command with invisible characters cannot be copied", async () => {
    const page = await open(chromium.files.hostile);
    await openAll(page);
    const hidden = HOSTILE_TEXTS.findIndex((text) => text.startsWith("nul"));

    const curl = page.locator(`[id='check-stop.check-${hidden}'] .curl`);
    expect(await curl.locator("button").count()).toBe(0);
    expect(await curl.innerText()).toContain("It has invisible characters");
    expect(await page.locator("[id='check-stop.check-0'] .curl button").count()).toBe(1);
  });

  test("the page's own policy blocks an injected script and request", async () => {
    await expectPolicyBlocks(chromium.context, chromium.files.usual);
  });

  test("everything works with the keyboard, in reading order, with a visible focus and a name", async () => {
    const page = await open(chromium.files.usual);
    const stops: { name: string; section: string; outline: string }[] = [];
    for (let press = 0; press < 90; press += 1) {
      await page.keyboard.press("Tab");
      stops.push(
        await page.evaluate(() => {
          const focused = document.activeElement!;
          const label =
            focused.getAttribute("aria-label") ?? focused.closest("label")?.textContent ?? focused.textContent;
          return {
            name: label.trim(),
            section: focused.closest("main > section")?.id ?? "",
            outline: getComputedStyle(focused).outlineStyle,
          };
        }),
      );
    }
    expect(stops[0]!.name).toBe("Theme: auto");
    expect(stops.filter(({ name, outline }) => name === "" || name.length > 200 || outline === "none")).toEqual([]);
    const visited = [...new Set(stops.map(({ section }) => section).filter((section) => section !== ""))];
    expect(visited).toEqual(["summary", "baseline", "areas", "checks"]);

    await page.locator("[id='check-stop.leaks'] > summary").focus();
    await page.keyboard.press("Enter");
    await page.locator("[id='check-stop.leaks'] .check-body").waitFor();
  });

  test("follows the system's dark mode, and the button overrides it", async () => {
    const page = await open(chromium.files.usual, { isDark: true });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

    expect(await background()).toBe("rgb(18, 22, 28)");
    await page.locator("#theme").click();
    expect(await background()).toBe("rgb(246, 247, 249)");
  });

  test.for([false, true])("texts and marks have enough contrast (dark: %s)", async (isDark) => {
    const page = await open(chromium.files.usual, { isDark, hash: "#check-stop.leaks" });
    const ratios = await page
      .locator(".mark, .badge, .problem, .check-time, .count, .note, dt, .when")
      .evaluateAll((found) => {
        const read = (color: string) => color.match(/[\d.]+/g)!.map(Number);
        const luminance = (color: string) => {
          const [r, g, b] = read(color).map((part) => {
            const share = part / 255;
            return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
        };
        const backgroundOf = (element: Element): string => {
          const { backgroundColor } = getComputedStyle(element);
          return read(backgroundColor)[3] === 0 ? backgroundOf(element.parentElement!) : backgroundColor;
        };
        return found.map((element) => {
          const pair = [luminance(getComputedStyle(element).color), luminance(backgroundOf(element))];
          return {
            name: element.getAttribute("class"),
            ratio: (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05),
          };
        });
      });

    expect(ratios.length).toBeGreaterThan(100);
    expect(ratios.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
  });

  test("fits on a phone with everything open: nothing is wider than the screen", async () => {
    for (const path of [chromium.files.usual, chromium.files.hostile, chromium.files.long]) {
      const page = await open(path, { width: 360 });
      await openAll(page);
      expect(await widthOf(page)).toBe(360);
    }
  });

  test("prints in light colors without controls", async () => {
    const page = await open(chromium.files.usual, { isDark: true, width: 703 });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));

    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(255, 255, 255)");
    const hidden = page.locator("nav, #theme, select, input[type=search]");
    expect(await hidden.evaluateAll((all) => all.every((one) => getComputedStyle(one).display === "none"))).toBe(true);
    expect((await page.pdf({ format: "A4" })).subarray(0, 5).toString()).toBe("%PDF-");
  });
});

/** The marks of an area are flex items: a line each. */
function splitMarks(marks: string): string {
  return Array.from(marks).join("\n");
}
