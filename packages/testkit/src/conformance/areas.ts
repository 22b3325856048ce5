/** The areas of the catalogue, in the order of the report. */
export const AREAS = {
  ready: "Ready",
  identity: "Identity",
  lifecycle: "Lifecycle",
  stream: "Stream",
  text: "Text",
  length: "Length",
  stop: "Stop sequences",
  sampling: "Sampling",
  determinism: "Determinism",
  validation: "Validation",
  cancel: "Cancelling",
  disconnect: "Disconnects",
  concurrency: "Concurrency",
  metrics: "Metrics",
  memory: "Memory",
  security: "Security",
  errors: "Errors",
} as const;

/** The part of a server's behavior that a check is about; the first word of its id. */
export type Area = keyof typeof AREAS;

/** How thorough a run is; each level includes the ones before it. */
export const LEVELS = ["smoke", "standard", "full"] as const;

export type Level = (typeof LEVELS)[number];
