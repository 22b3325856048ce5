import { deflateSync } from "node:zlib";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { embedJson } from "../../src/report/html/compose-page.js";
import { packRecords, unpackRecords } from "../../src/report/html/records.js";
import { toHtml } from "../../src/report/index.js";
import { HOSTILE_TEXTS } from "./hostile.js";
import { sampleReport, sampleRun } from "./sample-run.js";

test("JSON inside a script element is unchanged and cannot end it", () => {
  const json = embedJson(HOSTILE_TEXTS);

  expect(json).not.toMatch(/[<>&\u2028\u2029]/);
  expect(json.isWellFormed()).toBe(true);
  expect(JSON.parse(json)).toEqual(HOSTILE_TEXTS);
});

test("JSON inside a script element contains no terminal control characters", () => {
  const texts = ["\u001b[2J", "\u009b31m", "\u007f", "\u202e", "\u200b"];
  const json = embedJson(texts);

  expect(json).toMatch(/^[ -~]*$/);
  expect(JSON.parse(json)).toEqual(texts);
});

test("records without field names decode to the same records", async () => {
  const { records } = await sampleRun({ count: 30, failEvery: 3 });
  const unpacked = unpackRecords(JSON.parse(JSON.stringify(packRecords(records))) as ReturnType<typeof packRecords>);

  for (const [index, record] of records.entries()) expect(unpacked[index]).toMatchObject(record);
});

test("the page forbids itself everything but its own script and style", async () => {
  const html = await toHtml(await sampleReport({ count: 20 }));
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
  const hashOf = (pattern: RegExp) => createHash("sha256").update(pattern.exec(html)![1]!).digest("base64");

  expect(policy).toBe(
    `default-src 'none'; script-src 'sha256-${hashOf(/<script>([^]*?)<\/script>/)}'; ` +
      `style-src 'sha256-${hashOf(/<style>([^]*?)<\/style>/)}'; img-src data:; base-uri 'none'; form-action 'none'`,
  );
});

test("the page contains no addresses other than those in its data", async () => {
  const html = await toHtml(await sampleReport({ count: 20 }));

  expect(html.replace(/<script type="application\/json"[^]*?<\/script>/, "")).not.toMatch(
    /\b(?:src|href)="(?!data:)|url\((?!data:)|@import/,
  );
});

test("hostile texts add no element to the page, and no text is lost", async () => {
  const harmless = await toHtml(await sampleReport({ count: 32, failEvery: 2 }));
  const html = await toHtml(
    await sampleReport(
      { count: 32, failEvery: 2, messages: HOSTILE_TEXTS, jobId: () => HOSTILE_TEXTS[0] },
      { title: HOSTILE_TEXTS.join("") },
    ),
  );
  const tagsOf = (text: string) => text.match(/<[a-z/!]/gi)?.length;

  expect(tagsOf(html)).toBe(tagsOf(harmless));
  const data = JSON.parse(/id="data">([^]*?)<\/script>/.exec(html)![1]!) as { report: { title: string } };
  expect(data.report.title).toBe(HOSTILE_TEXTS.join(""));
});

test("the license of the chart library is in the page", async () => {
  expect(await toHtml(await sampleReport({ count: 20 }))).toMatch(
    /uplot\s+The MIT License \(MIT\)\s+Copyright \(c\) \d+ Leon Sorokin/,
  );
});

test("beyond 50,000 requests the page has every second one, every third one, …", async () => {
  const run = await sampleRun({ count: 30 });
  const records = Array.from({ length: 120_000 }, (_, index) => ({ ...run.records[index % 30]!, index }));
  const report = await sampleReport({ count: 20 });
  const html = await toHtml({ ...report, load: { ...run, records } });
  const data = JSON.parse(/id="data">([^]*?)<\/script>/.exec(html)![1]!) as {
    stride: number;
    records: { rows: unknown[] };
  };

  expect(data.stride).toBe(3);
  expect(data.records.rows).toHaveLength(40_000);
});

test("a histogram that would inflate to 200 MB is rejected by name", async () => {
  const deflated = deflateSync(Buffer.alloc(200_000_000));
  const head = Buffer.alloc(8);
  head.writeInt32BE(0x1c84_9314, 0);
  head.writeInt32BE(deflated.length, 4);
  const data = Buffer.concat([head, deflated]).toString("base64");
  const report = await sampleReport({ count: 20 });
  const itlHistogram = { ...report.load!.itlHistogram, data };

  await expect(toHtml({ ...report, load: { ...report.load!, itlHistogram } })).rejects.toThrow(
    expect.objectContaining({
      code: "REPORT_INVALID",
      message: expect.stringContaining(
        "`load.itlHistogram` cannot be decoded: larger than 212008 bytes when inflated",
      ) as string,
    }),
  );
});
