import type { PageBundle, PageRequest } from "../../testkit.js";
import { findMoments, type Moment } from "./moments.js";
import { readEvent, type PageEvent } from "./page-event.js";
import { endOf, findPhases, findStalls, type Phase } from "./phases.js";
import { listRows, type Row } from "./rows.js";

/** A request with everything that is derived from it. */
export interface ExchangeModel {
  readonly exchange: PageRequest;
  readonly events: readonly PageEvent[];
  readonly phases: readonly Phase[];
  readonly stalls: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly moments: readonly Moment[];
  readonly rows: readonly Row[];
  readonly endMs: number;
}

const models = new WeakMap<PageRequest, ExchangeModel>();

/** Derives it once. */
export function modelOf(bundle: PageBundle, exchange: PageRequest): ExchangeModel {
  const known = models.get(exchange);
  if (known !== undefined) return known;
  const events = exchange.events.map(readEvent);
  const endMs = endOf(exchange, events);
  const moments = findMoments(bundle, exchange, endMs);
  const model = {
    exchange,
    events,
    phases: findPhases(exchange, events),
    stalls: findStalls(events),
    moments,
    rows: listRows(exchange, events, moments),
    endMs,
  };
  models.set(exchange, model);
  return model;
}

/** The last of some rows, events or lines at a time; -1 if all are later. They must be in order of time. */
export function lastAt(items: readonly { readonly atMs: number }[], atMs: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.atMs ?? Infinity) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
