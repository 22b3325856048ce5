import { button, h, note } from "../../dom.js";
import { formatCount, plural, type EvidencePageData, type PageRun } from "../../testkit.js";
import type { TestFilter } from "./test-filter.js";
import { rankOf } from "./test-status.js";
import { testView } from "./test-view.js";

/** Tests that are drawn at first; a button draws as many more. */
const PAGE_SIZE = 300;

/** The tests that the filter shows, failures first. */
export class TestList {
  readonly element: HTMLElement;
  readonly count: HTMLElement = h("span", { class: "count", "aria-live": "polite" });
  readonly #data: EvidencePageData;
  readonly #filter: TestFilter;
  readonly #ordered: readonly (readonly [number: number, test: PageRun["tests"][number]])[];
  readonly #views = new Map<number, HTMLDetailsElement>();
  readonly #box = h("div", { class: "checks" });
  readonly #nothing = note("No test matches the filter.");
  readonly #more: HTMLButtonElement;
  #limit = PAGE_SIZE;

  constructor(data: EvidencePageData, { tests }: PageRun, filter: TestFilter) {
    this.#data = data;
    this.#filter = filter;
    this.#ordered = [...tests.entries()].sort(([, one], [, other]) => rankOf(one) - rankOf(other));
    this.#more = button("", () => {
      this.#limit += PAGE_SIZE;
      this.#update();
    });
    this.element = h("div", {}, this.#box, this.#nothing, this.#more);
    filter.onChange(() => {
      this.#limit = PAGE_SIZE;
      this.#update();
    });
    this.#update();
  }

  /** Opens a test: by its number in the data, or the first one if it failed. */
  open(number: number | undefined): void {
    const [first] = this.#ordered;
    const wanted = this.#ordered.find(([each]) => each === number);
    const [chosen, test] = wanted ?? first ?? [];
    if (chosen === undefined || test === undefined || (wanted === undefined && test.status !== "failed")) return;
    const view = this.#viewOf(chosen, test);
    if (!view.isConnected && !this.#box.contains(view)) this.#box.prepend(view);
    view.open = true;
    if (wanted !== undefined) view.scrollIntoView();
  }

  #update(): void {
    const shown = this.#ordered.filter(([, test]) => this.#filter.shows(test));
    this.#box.replaceChildren(...shown.slice(0, this.#limit).map(([number, test]) => this.#viewOf(number, test)));
    this.count.textContent = `${formatCount(shown.length)} of ${plural(this.#ordered.length, "test")} shown`;
    this.#nothing.hidden = shown.length > 0;
    const left = shown.length - this.#limit;
    this.#more.hidden = left <= 0;
    this.#more.textContent = `Show ${plural(Math.min(left, PAGE_SIZE), "more test")}`;
  }

  #viewOf(number: number, test: PageRun["tests"][number]): HTMLDetailsElement {
    const known = this.#views.get(number) ?? testView({ data: this.#data, test, number });
    this.#views.set(number, known);
    return known;
  }
}
