import { connect } from "node:net";

const MOST_BYTES = 256 * 1024;

/** What came back for bytes that are not a proper request. */
export interface RawReply {
  /** As latin1, up to 256 KiB. */
  readonly text: string;
  /** Statuses of the responses, in order. */
  readonly statuses: readonly number[];
  /** Whether the server closed or reset the connection. */
  readonly isClosed: boolean;
}

export interface RawSending {
  readonly signal: AbortSignal;
  /** Closes the connection this long after the last byte, in ms. @default 2000 */
  readonly leaveAfterMs?: number | undefined;
}

/** Where to connect to. A URL has brackets around an address of IPv6. */
export function addressOf({ hostname, port }: URL): { readonly host: string; readonly port: number } {
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** Sends bytes on a connection of their own, and reads until the server closes it or the time is up. Not recorded. */
export function sendRaw(
  url: URL,
  bytes: string | Uint8Array,
  { signal, leaveAfterMs = 2_000 }: RawSending,
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(addressOf(url));
    const end = (isClosed: boolean): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      socket.destroy();
      resolve({ text, statuses: findStatuses(text), isClosed });
    };
    const abort = (): void => {
      socket.destroy();
      reject(signal.reason as Error);
    };
    let timer = setTimeout(() => end(false), 10_000);
    signal.addEventListener("abort", abort, { once: true });
    socket.on("data", (chunk) => {
      text = (text + chunk.toString("latin1")).slice(0, MOST_BYTES);
    });
    socket.on("error", () => end(true)).on("end", () => end(true));
    socket.on("connect", () => {
      socket.write(bytes, () => {
        clearTimeout(timer);
        timer = setTimeout(() => end(false), leaveAfterMs);
      });
    });
  });
}

function findStatuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map(([, status]) => Number(status));
}
