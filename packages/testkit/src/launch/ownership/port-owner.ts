/** Who listens on the port of a worker. */
export type PortOwner =
  /** One of the worker's own processes. */
  | { readonly status: "worker" }
  /** A process that is not the worker's. */
  | { readonly status: "other"; readonly pid: number; readonly command: string }
  /** It could not be determined; another process may be answering. */
  | { readonly status: "unverified"; readonly reason: string };

/** A port and the worker that should listen on it. */
export interface OwnerQuestion {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  readonly worker: { readonly pid: number; readonly token: string };
}
