import type { Command } from "commander";
import { define, type SetExitCode } from "../define.js";
import { PAGE_FLAGS, SHOW_FLAGS } from "./flags.js";

const SHOW_HELP = `
The folder is one that recordTo() or a fixture has written. The page opens at the first failed job and at the event that broke a rule. It
is one file without outside addresses, and contains everything that the bundle does: whoever gets it can read the prompts, unless they were
redacted.

Example:
  $ inference-testkit evidence show evidence/says-hello-1a2b3c4d-worker`;

const PAGE_HELP = `
For runners without a reporter of their own; under Vitest, use inference-testkit/vitest/reporter. Bundles are searched for in the folder
and below. A test finds its bundle by the property "evidence of …" in the JUnit file, as the pytest plugin writes it, else by its name. The
largest bundles are left out once the page has 32 MiB of them; the page says so.

Examples:
  $ pytest --inference-testkit-out results; inference-testkit evidence page results
  $ inference-testkit evidence page evidence --junit build/junit.xml --out report.html`;

/** The commands for evidence. */
export function addEvidenceCommands(program: Command, setExitCode: SetExitCode): void {
  const evidence = program.command("evidence").description("look at recorded evidence in a browser");
  const show = evidence
    .command("show")
    .description("write one HTML page that shows a bundle")
    .argument("<folder>", "folder of the bundle")
    .addHelpText("after", SHOW_HELP);
  define(show, {
    flags: SHOW_FLAGS,
    setExitCode,
    work: async (flags, [folder = ""]) => (await import("./run-show.js")).runShow(flags, folder),
  });
  const page = evidence
    .command("page")
    .description("write one HTML page of a test run, from JUnit XML and a folder of bundles")
    .argument("<folder>", "folder with the bundles")
    .addHelpText("after", PAGE_HELP);
  define(page, {
    flags: PAGE_FLAGS,
    setExitCode,
    work: async (flags, [folder = ""]) => (await import("./run-page.js")).runPage(flags, folder),
  });
}
