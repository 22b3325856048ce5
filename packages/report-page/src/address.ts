import { ORDERS, type Order, type ViewState } from "./state.js";
import type { RequestRecord } from "./testkit.js";

/** Browsers refuse more than about 100 changes in 30 s: an arrow key that is held down makes more. */
const SETTLED_MS = 350;
/** A longer job id is not for an address; the index is as good. */
const LONGEST_NAME = 200;

/** The page of a run that is under way is drawn again, each time with a state of its own that begins as the address says. */
let bound = new AbortController();

/** What an address can say about requests. */
interface RequestList {
  readonly records: readonly RequestRecord[];
  readonly state: ViewState;
}

/**
 * Keeps the filter, the search, the order and the chosen request in the address, so that a link opens what its sender saw:
 * `#request=job-17&status=http-error&order=ttft&search=job`. An address without `=` is that of a section.
 */
export function bindAddress(list: RequestList): void {
  const { state } = list;
  bound.abort();
  bound = new AbortController();
  const { signal } = bound;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = (): void => {
    if (isState(location.hash)) applyAddress(list, location.hash);
  };
  read();
  state.onChange(() => {
    clearTimeout(timer);
    timer = setTimeout(() => replaceHash(writeAddress(list)), SETTLED_MS);
  });
  const follow = (): void => {
    clearTimeout(timer); // what was chosen before does not overwrite a link that was followed
    read();
  };
  addEventListener("hashchange", follow, { signal });
}

function replaceHash(wanted: string): void {
  if (wanted === location.hash || (wanted === "" && !isState(location.hash))) return;
  history.replaceState(null, "", wanted === "" ? location.pathname + location.search : wanted);
}

/** The address of what is shown; empty if it is what the page shows at first. */
export function writeAddress({ records, state }: RequestList): string {
  const { selected, hidden, order, query } = state;
  const parts: [string, string][] = [];
  if (selected !== undefined) parts.push(["request", nameOf(records, selected)]);
  if (hidden.length > 0) {
    const shown = [...new Set(records.map(({ status }) => status))].filter((status) => state.shows(status));
    parts.push(["status", shown.join(",")]);
  }
  if (order !== "errors") parts.push(["order", order]);
  if (query !== "") parts.push(["search", query]);
  return parts.length === 0 ? "" : `#${new URLSearchParams(parts).toString()}`;
}

/** What is not understood is ignored: an address may come from anywhere. */
export function applyAddress({ records, state }: RequestList, hash: string): void {
  const given = new URLSearchParams(hash.slice(1));
  const statuses = [...new Set(records.map(({ status }) => status))];
  const shown = given.get("status")?.split(",");
  const order = ORDERS.find((one) => one === given.get("order")) ?? ("errors" satisfies Order);
  const name = given.get("request");
  state.choose({
    hidden: shown === undefined ? [] : statuses.filter((status) => !shown.includes(status)),
    query: given.get("search") ?? "",
    order,
    selected: name === null ? undefined : findRecord(records, name),
  });
}

function isState(hash: string): boolean {
  return hash.includes("=");
}

/** Its job id; its index where another request has the same id, or it has none. */
function nameOf(records: readonly RequestRecord[], record: RequestRecord): string {
  const { jobId } = record;
  const isUnique =
    jobId !== null && jobId.length <= LONGEST_NAME && records.find((one) => one.jobId === jobId) === record;
  return isUnique ? jobId : `@${record.index}`;
}

function findRecord(records: readonly RequestRecord[], name: string): RequestRecord | undefined {
  return (
    records.find(({ jobId }) => jobId === name) ??
    records.find(({ index }) => name === `@${index}` || name === String(index))
  );
}
