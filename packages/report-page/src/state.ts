import type { RequestRecord } from "./testkit.js";

/** Part of the run, in ms from the start of the phase. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The orders in which requests can be listed. */
export const ORDERS = ["errors", "send", "ttft", "e2e", "stall"] as const;
export type Order = (typeof ORDERS)[number];

/** What has changed: which requests are shown and how, or which of them is chosen. */
export type Change = "view" | "selection";

/** The part of the view that has an address. */
export interface ViewChoice {
  readonly hidden: readonly RequestRecord["status"][];
  readonly query: string;
  readonly order: Order;
  readonly selected: RequestRecord | undefined;
}

/** What the reader has chosen; everything that depends on it is notified. */
export class ViewState {
  readonly #listeners: ((change: Change) => void)[] = [];
  readonly #hidden = new Set<RequestRecord["status"]>();
  #range: TimeRange | undefined;
  #query = "";
  #order: Order = "errors";
  #selected: RequestRecord | undefined;

  /** `undefined`: all of the run. */
  get range(): TimeRange | undefined {
    return this.#range;
  }

  /** Part of a job id. */
  get query(): string {
    return this.#query;
  }

  get order(): Order {
    return this.#order;
  }

  /** The request whose figures are shown. */
  get selected(): RequestRecord | undefined {
    return this.#selected;
  }

  get hidden(): readonly RequestRecord["status"][] {
    return [...this.#hidden];
  }

  shows(status: RequestRecord["status"]): boolean {
    return !this.#hidden.has(status);
  }

  /** Whether a request passes the filter by status and the search. */
  matches({ status, jobId, index }: RequestRecord): boolean {
    if (this.#hidden.has(status)) return false;
    return this.#query === "" || (jobId ?? `request ${index}`).toLowerCase().includes(this.#query.toLowerCase());
  }

  zoom(range: TimeRange | undefined): void {
    this.#range = range;
    this.#notify("view");
  }

  setShown(status: RequestRecord["status"], isShown: boolean): void {
    if (isShown) this.#hidden.delete(status);
    else this.#hidden.add(status);
    this.#notify("view");
  }

  search(query: string): void {
    this.#query = query;
    this.#notify("view");
  }

  sort(order: Order): void {
    this.#order = order;
    this.#notify("view");
  }

  select(record: RequestRecord | undefined): void {
    this.#selected = record;
    this.#notify("selection");
  }

  /** Everything that has an address, at once. */
  choose({ hidden, query, order, selected }: ViewChoice): void {
    this.#hidden.clear();
    for (const status of hidden) this.#hidden.add(status);
    this.#query = query;
    this.#order = order;
    this.#selected = selected;
    this.#notify("view");
    this.#notify("selection");
  }

  /** Selects a request that a filter or the zoom may hide: it is then shown. */
  reveal(record: RequestRecord): void {
    const isInRange = this.#range === undefined || isWithin(record, this.#range);
    if (!isInRange) this.#range = undefined;
    if (!this.matches(record) || !isInRange) {
      this.#hidden.delete(record.status);
      if (!this.matches(record)) this.#query = "";
      this.#notify("view");
    }
    this.select(record);
  }

  onChange(listener: (change: Change) => void): void {
    this.#listeners.push(listener);
  }

  #notify(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** Whether a request was waiting or running in a part of the run. */
export function isWithin({ schedMs, closeMs }: RequestRecord, { fromMs, toMs }: TimeRange): boolean {
  return schedMs <= toMs && closeMs >= fromMs;
}
