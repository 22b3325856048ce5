import type { PageBundle, PageRequest } from "../../testkit.js";
import type { Address, Tab } from "../address.js";
import { modelOf, lastAt, type ExchangeModel } from "../model/exchange-model.js";
import { findOpening, findOpeningEvent } from "../model/opening.js";

/** What the reader looks at in one bundle; what depends on it is notified. */
export class ViewerState {
  readonly bundle: PageBundle;
  readonly #listeners: (() => void)[] = [];
  #model: ExchangeModel | undefined;
  #row = -1;
  #atMs = 0;
  #tab: Tab = "transcript";

  constructor(bundle: PageBundle) {
    this.bundle = bundle;
    const opening = findOpening(bundle);
    if (opening !== undefined) this.#open(opening);
  }

  /** `undefined` if the bundle has no request. */
  get model(): ExchangeModel | undefined {
    return this.#model;
  }

  /** The chosen row of the transcript; -1: none. */
  get row(): number {
    return this.#row;
  }

  /** The moment that is looked at, in ms from the start of the recording. */
  get atMs(): number {
    return this.#atMs;
  }

  get tab(): Tab {
    return this.#tab;
  }

  /** The request, event and tab, as the address has them. */
  get address(): Address {
    const exchange = this.#model?.exchange;
    const { jobId = null, request } = exchange ?? {};
    const isUnique = this.bundle.exchanges.filter((each) => each.jobId === jobId && each.isJob).length === 1;
    const isNamed = jobId !== null && exchange?.isJob === true && isUnique;
    return {
      job: isNamed ? jobId : undefined,
      request: isNamed ? undefined : request,
      event: this.#model?.rows[this.#row]?.event ?? undefined,
      tab: this.#tab === "transcript" ? undefined : this.#tab,
    };
  }

  /** Follows an address. What it does not name, or names wrongly, is as it was at the opening. */
  follow({ job, request, event, tab }: Address): void {
    const { exchanges } = this.bundle;
    const named = exchanges.find((each) => (request === undefined ? each.isJob && each.jobId === job : each.request === request)); // prettier-ignore
    const exchange = named ?? findOpening(this.bundle);
    if (exchange !== undefined && exchange !== this.#model?.exchange) this.#open(exchange);
    const row = event === undefined ? -1 : (this.#model?.rows.findIndex((each) => each.event === event) ?? -1);
    if (row >= 0) this.#chooseRow(row);
    this.#tab = tab ?? "transcript";
    this.#notify();
  }

  choose(exchange: PageRequest): void {
    this.#open(exchange);
    this.#notify();
  }

  chooseRow(row: number): void {
    this.#chooseRow(row);
    this.#notify();
  }

  /** Moves to a time; the last row until then is chosen. */
  moveTo(atMs: number): void {
    this.#atMs = atMs;
    this.#row = lastAt(this.#model?.rows ?? [], atMs);
    this.#notify();
  }

  showTab(tab: Tab): void {
    this.#tab = tab;
    this.#notify();
  }

  /** Goes to the event at which the request broke a rule. */
  goToViolation(): void {
    const row = this.#model?.rows.findIndex(({ isViolation }) => isViolation) ?? -1;
    if (row < 0) return;
    this.#tab = "transcript";
    this.chooseRow(row);
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #open(exchange: PageRequest): void {
    this.#model = modelOf(this.bundle, exchange);
    const event = findOpeningEvent(exchange);
    const row = this.#model.rows.findIndex((each) => each.event === event);
    this.#row = row;
    this.#atMs = row < 0 ? this.#model.endMs : (this.#model.rows[row]?.atMs ?? 0);
  }

  #chooseRow(row: number): void {
    this.#row = row;
    this.#atMs = this.#model?.rows[row]?.atMs ?? this.#atMs;
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
