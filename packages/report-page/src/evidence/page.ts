import { h } from "../dom.js";
import { formatTime } from "../format.js";
import { pageHeader } from "../page-header.js";
import { formatMs, type EvidencePageData, type PageBundle, type PageRun } from "../testkit.js";
import { formatAddress, parseAddress } from "./address.js";
import { runView, summarize, type RunView } from "./run/run-view.js";
import { bundleFacts, viewer } from "./viewer/viewer.js";
import { ViewerState } from "./viewer/viewer-state.js";

/** Browsers refuse addresses that change too often. */
const ADDRESS_AFTER_MS = 250;
const COMPLETE = { status: "complete" } as const;

/** Shows what the address names: the list of tests, or a bundle at a job and an event. */
export function evidencePage(): void {
  const data = JSON.parse(document.getElementById("data")?.textContent ?? "null") as EvidencePageData;
  const main = document.getElementById("report");
  if (main === null) return;
  main.classList.add("wide");
  const page = new Page(data, main);
  addEventListener("hashchange", () => page.show(location.hash));
  addEventListener("keydown", (event) => page.onKey(event));
  page.show(location.hash);
}

class Page {
  readonly #data: EvidencePageData;
  readonly #main: HTMLElement;
  readonly #views = new Map<number, { readonly state: ViewerState; readonly view: HTMLElement }>();
  #run: { readonly page: HTMLElement; readonly view: RunView } | undefined;
  #shown: ViewerState | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(data: EvidencePageData, main: HTMLElement) {
    this.#data = data;
    this.#main = main;
  }

  show(hash: string): void {
    const address = parseAddress(hash);
    const { run, bundles } = this.#data;
    const number = run === null ? 0 : address.bundle;
    const bundle = number === undefined ? undefined : bundles[number];
    clearTimeout(this.#timer);
    if (number === undefined || bundle === undefined) {
      this.#showRun(address.test);
      return;
    }
    const known = this.#views.get(number) ?? this.#createView(number, bundle);
    const isNew = this.#shown !== known.state;
    this.#shown = known.state;
    if (isNew) this.#replace(known.view);
    known.state.follow(address);
  }

  /** `v` leads to the event that broke a rule. */
  onKey(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement && event.target.type === "search";
    if (event.key === "v" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey)
      this.#shown?.goToViolation();
  }

  #createView(number: number, bundle: PageBundle) {
    const state = new ViewerState(bundle);
    const { testName, worker } = bundle.metadata;
    const header = pageHeader({
      title: testName ?? `worker ${worker.id}`,
      facts: bundleFacts(bundle),
      completeness: COMPLETE,
    });
    const back = this.#data.run === null ? undefined : h("a", { href: "#", class: "back" }, "← All tests");
    const view = h("div", {}, back, header, viewer(state));
    state.onChange(() => this.#saveAddress(number, state));
    const made = { state, view };
    this.#views.set(number, made);
    return made;
  }

  #showRun(test: number | undefined): void {
    const { run } = this.#data;
    if (run === null) return;
    this.#shown = undefined;
    const isFirst = this.#run === undefined;
    this.#run ??= this.#createRun(run);
    this.#replace(this.#run.page);
    if (isFirst || test !== undefined) this.#run.view.open(test);
  }

  #createRun(run: PageRun): { readonly page: HTMLElement; readonly view: RunView } {
    const { title } = this.#data;
    const header = pageHeader({
      title,
      facts: [
        run.startedAt === null ? null : formatTime(run.startedAt),
        run.durationMs === null ? null : formatMs(run.durationMs),
        run.runner,
        summarize(run),
      ],
      completeness: COMPLETE,
    });
    const view = runView(this.#data, run);
    return { page: h("div", {}, header, view.element), view };
  }

  #replace(view: HTMLElement): void {
    this.#main.replaceChildren(view);
    scrollTo(0, 0);
  }

  /** The address follows what is shown, without an entry in the history for each step. */
  #saveAddress(number: number, state: ViewerState): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#shown !== state) return;
      const bundle = this.#data.run === null ? undefined : number;
      history.replaceState(null, "", formatAddress({ bundle, ...state.address }));
    }, ADDRESS_AFTER_MS);
  }
}
