import { h, note } from "../../dom.js";
import { formatMs, plural, type EvidencePageData, type PageTest, type PageWorker } from "../../testkit.js";
import { formatAddress } from "../address.js";
import { codeBlock } from "../code-block.js";
import { copyable } from "../copy-button.js";
import { factCard } from "../viewer/facts.js";
import { faultTable, stopFacts } from "../viewer/verdicts.js";

/** A test in full: its evidence, its errors, its workers with their faults, and the command that runs it again. */
export function testDetails(data: EvidencePageData, test: PageTest): HTMLElement {
  const { errors, workers, again } = test;
  return h(
    "div",
    { class: "check-body stack" },
    ...workers.flatMap((worker) => evidenceOf(data, worker)),
    ...errors.map(({ message, stack }, index) => h("div", {}, h("h4", {}, errors.length > 1 ? `Error ${index + 1}` : "Error"), codeBlock(joinError(message, stack), { name: "Error" }))), // prettier-ignore
    ...workers.flatMap(workerParts),
    workers.length === 0 ? note("No worker of a fixture belongs to this test.") : undefined,
    again === null ? undefined : copyable("Run this test again", again),
  );
}

function joinError(message: string, stack: string | null): string {
  if (stack === null) return message;
  return stack.includes(message) ? stack : `${message}\n${stack}`;
}

function evidenceOf({ bundles }: EvidencePageData, { bundle, leftOut, kind }: PageWorker): HTMLElement[] {
  const shown = bundle === null ? undefined : bundles[bundle];
  if (bundle === null || shown === undefined) return leftOut === null ? [] : [note(leftOut)];
  const jobs = shown.exchanges.filter(({ isJob }) => isJob).length;
  return [
    h(
      "p",
      { class: "evidence-link" },
      h("a", { href: formatAddress({ bundle }), class: "button" }, `Open the evidence of ${kind}`),
      h("span", {}, ` ${plural(jobs, "job")}`),
    ),
  ];
}

function workerParts({ kind, id, readyAfterMs, stop, faults }: PageWorker): HTMLElement[] {
  const facts = [
    ["id", id],
    ["ready after", readyAfterMs === null ? undefined : formatMs(readyAfterMs)],
    ...(stop === null ? [["stop", "not known"] as const] : stopFacts(stop)),
  ] as const;
  return [factCard(`Worker: ${kind}`, facts), ...(faults.length === 0 ? [] : [faultTable(faults)])];
}
