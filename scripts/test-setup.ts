import { afterAll, afterEach, beforeAll } from "vitest";

/** What a test file must not leave open; timers and Vitest's own channels are not among them. */
const WATCHED_RESOURCES = new Set(["TCPSocketWrap", "TCPServerWrap", "ProcessWrap", "FSEventWrap", "PipeWrap"]);
/** Closing a socket takes a turn or two of the event loop; a leaked one stays. */
const SETTLE_TIMEOUT_MS = 5_000;
const SETTLE_POLL_MS = 10;

const complaints: string[] = [];

for (const method of ["log", "info", "warn", "error", "debug", "trace"] as const) {
  console[method] = (...values: unknown[]) => {
    complaints.push(`console.${method}(${values.map(String).join(" ")})`);
  };
}
const onWarning = (warning: Error) => complaints.push(`${warning.name}: ${warning.message}`);
process.on("warning", onWarning);

afterEach(() => {
  const found = complaints.splice(0);
  if (found.length > 0) throw new Error(`A test must not print or cause warnings:\n${found.join("\n")}`);
});

let before: Map<string, number>;

beforeAll(() => {
  before = countResources();
});

afterAll(async () => {
  process.off("warning", onWarning); // the next file may run in this process
  const deadline = performance.now() + SETTLE_TIMEOUT_MS;
  let left = findLeft();
  while (left.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
    left = findLeft();
  }
  if (left.length > 0) throw new Error(`The test file leaves something open: ${left.join(", ")}`);
});

function findLeft(): string[] {
  const grown = [...countResources()].filter(([name, count]) => count > (before.get(name) ?? 0));
  return grown.map(([name, count]) => `${count - (before.get(name) ?? 0)} × ${name}`);
}

function countResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    if (WATCHED_RESOURCES.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
