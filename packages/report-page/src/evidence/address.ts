/** The parts of the viewer that show one thing each. */
export const TABS = ["transcript", "log", "request", "verdicts", "machine"] as const;
export type Tab = (typeof TABS)[number];

/** What the reader looks at, as the part of the address after `#` has it. */
export interface Address {
  /** Number of the bundle; absent on a page with one bundle, and for the list of tests. */
  readonly bundle?: number | undefined;
  readonly job?: string | undefined;
  /** Number of the request, where the id of the job is not enough. */
  readonly request?: number | undefined;
  /** Number of the event, from 0. */
  readonly event?: number | undefined;
  readonly tab?: Tab | undefined;
  /** Number of the test that is open in the list. */
  readonly test?: number | undefined;
}

/** Reads the part of an address after `#`. What is not valid is left out. */
export function parseAddress(hash: string): Address {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const tab = parts.get("tab");
  return {
    bundle: readNumber(parts.get("bundle")),
    job: parts.get("job") ?? undefined,
    request: readNumber(parts.get("request")),
    event: readNumber(parts.get("event")),
    tab: TABS.find((name) => name === tab),
    test: readNumber(parts.get("test")),
  };
}

/** The part of an address after and with `#`. */
export function formatAddress(address: Address): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(address) as [string, string | number | undefined][]) {
    if (value !== undefined) parts.set(name, String(value));
  }
  return `#${parts.toString()}`;
}

function readNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
