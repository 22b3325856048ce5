import { h } from "./dom.js";
import { METRIC_DEFINITIONS, type MetricDefinition, type MetricKey } from "./testkit.js";

/** The definitions of the report, with this release's where it has none. Every figure links to its definition. */
export class Definitions {
  readonly #definitions: Readonly<Record<string, MetricDefinition>>;

  constructor(definitions: Readonly<Record<string, MetricDefinition>>) {
    this.#definitions = { ...METRIC_DEFINITIONS, ...definitions };
  }

  title(metric: MetricKey): string {
    return this.#definitions[metric]?.title ?? metric;
  }

  text(metric: MetricKey): string {
    return this.#definitions[metric]?.definition ?? "";
  }

  unit(metric: MetricKey): string {
    return this.#definitions[metric]?.unit ?? "";
  }

  isHigherBetter(metric: MetricKey): boolean {
    return this.#definitions[metric]?.better === "higher";
  }

  /** A name that leads to its definition, and shows it on hover. */
  link(metric: MetricKey, label = this.title(metric)): HTMLElement {
    return h("a", { class: "definition", href: `#def-${metric}`, title: this.text(metric) }, label);
  }

  /** All of them. */
  list(): HTMLElement {
    const items = Object.entries(this.#definitions).flatMap(([key, { title, unit, definition }]) => [
      h("dt", { id: `def-${key}`, tabindex: -1 }, title, " ", h("span", { class: "unit" }, unit)),
      h("dd", {}, definition),
    ]);
    return h("dl", { class: "definitions" }, ...items);
  }
}
