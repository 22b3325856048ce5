import { dirname, join, relative, resolve } from "node:path";
import { appendFile } from "node:fs/promises";
import type { Reporter, SerializedError, TestModule, Vitest } from "vitest/node";
import type { EvidenceFixtureOptions } from "../fixtures/index.js";
import {
  checkedBy,
  checkOption,
  defineOptions,
  isRecord,
  resolveOptions,
  text,
  withDefault,
  type OptionsOf,
} from "../options/index.js";
import { createOutput } from "../terminal/index.js";
import { runToMarkdown, toEvidenceHtml, writePage } from "../viewer/index.js";
import { EVIDENCE_KEY } from "./provided.js";
import { collectRun } from "./collect-run.js";

const OPTIONS = defineOptions({
  /** The page, relative to the root of the project. @default "test-results/inference-testkit/index.html" */
  outputFile: withDefault(text({ filled: true }), "test-results/inference-testkit/index.html"),
  /** A summary in Markdown is appended to this file. @default the file that `GITHUB_STEP_SUMMARY` names */
  markdownFile: text({ filled: true }),
  /**
   * What is recorded of the workers of fixtures, unless a test sets its own `evidence`; `false`: nothing.
   * @default bundles of failed tests, in the folder `evidence` beside the page
   */
  evidence: withDefault(
    checkedBy((name, value: EvidenceFixtureOptions | false) => {
      checkOption(value === false || isRecord(value), name, {
        wanted: "false or options such as { redact: true }",
        value,
      });
      return value;
    }),
    {},
  ),
});

/** Options of the reporter: `reporters: ["default", ["inference-testkit/vitest/reporter", { outputFile: "report/index.html" }]]`. */
interface InferenceReporterOptions extends OptionsOf<typeof OPTIONS> {}

/** Writes one HTML page of a run: every test, and the evidence of those that failed. */
class InferenceReporter implements Reporter {
  readonly #options: ReturnType<typeof resolveOptions<typeof OPTIONS>>;
  #vitest: Vitest | undefined;
  #startedAt = new Date();

  /** @throws {INVALID_OPTION} */
  constructor(options: InferenceReporterOptions = {}) {
    this.#options = resolveOptions(OPTIONS, options);
  }

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
    const { evidence } = this.#options;
    if (evidence === false) return;
    vitest.provide(EVIDENCE_KEY, { folder: join(dirname(this.#page(vitest)), "evidence"), ...evidence });
  }

  onTestRunStart(): void {
    this.#startedAt = new Date();
  }

  async onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): Promise<void> {
    const vitest = this.#vitest;
    if (vitest === undefined) return;
    const { root } = vitest.config;
    const data = await collectRun({ modules, errors, root, startedAt: this.#startedAt });
    const page = await writePage(this.#page(vitest), await toEvidenceHtml(data));
    const summary = this.#options.markdownFile ?? process.env["GITHUB_STEP_SUMMARY"];
    const link = relative(root, page);
    if (summary !== undefined && summary !== "") await appendFile(summary, runToMarkdown(data.run, link));
    createOutput(process.stdout).line(`inference-testkit: ${page}`);
  }

  #page({ config }: Vitest): string {
    return resolve(config.root, this.#options.outputFile);
  }
}

// Vitest loads the default export of a reporter that is named in its configuration.
export default InferenceReporter;
