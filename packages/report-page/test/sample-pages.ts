import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toHtml } from "inference-testkit/report";
import { HOSTILE_TEXTS } from "../../testkit/test/report/hostile.js";
import { sampleReport } from "../../testkit/test/report/sample-run.js";

/** Paths of pages: of a usual run, a large one, one full of hostile texts, and one without any measurement. */
export interface SamplePages extends Readonly<Record<"usual" | "large" | "hostile" | "empty", string>> {
  /** Verdicts of the usual run. */
  readonly verdictCount: number;
}

/** Writes them into a folder. */
export async function writeSamplePages(folder: string): Promise<SamplePages> {
  const write = async (name: string, report: Parameters<typeof toHtml>[0]) => {
    const path = join(folder, `${name}.html`);
    await writeFile(path, await toHtml(report));
    return path;
  };
  const nothing = { load: undefined, memory: undefined, comparison: undefined, verdicts: [] };
  const usual = await sampleReport({ count: 800 });
  return {
    verdictCount: usual.verdicts.length,
    usual: await write("usual", usual),
    large: await write("large", await sampleReport({ count: 10_000, ratePerSec: 100 })),
    hostile: await write("hostile", await hostileReport()),
    empty: await write("empty", { ...(await sampleReport({ count: 20 })), ...nothing }),
  };
}

function hostileReport(): ReturnType<typeof sampleReport> {
  const verdicts = HOSTILE_TEXTS.map((text) => {
    return { group: text, name: text, status: "fail" as const, message: text, expected: text, actual: text };
  });
  const jobId = (index: number) => HOSTILE_TEXTS[index % HOSTILE_TEXTS.length]!;
  const options = { count: 64, failEvery: 2, messages: HOSTILE_TEXTS, jobId };
  return sampleReport(options, { title: HOSTILE_TEXTS.join(" "), verdicts });
}
