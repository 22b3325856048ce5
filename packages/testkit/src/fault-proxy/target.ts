import { checkOption } from "../options/index.js";

/** What a proxy forwards to: a harness, anything else with a `baseUrl`, or an address. */
export type ProxyTarget = string | { readonly baseUrl: string };

/** Where to connect to. */
export interface TargetAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * The address of a target.
 *
 * @throws {INVALID_OPTION} not an address, or not plain HTTP: faults cannot be injected into TLS.
 */
export function resolveTarget(target: ProxyTarget): TargetAddress {
  const given: unknown = typeof target === "string" ? target : (target as { baseUrl?: unknown } | null)?.baseUrl;
  const url = typeof given === "string" && URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol !== "http:" || !/^\/(v1\/?)?$/.test(url.pathname) || url.search !== "") {
    const wanted = "a harness or an address like http://127.0.0.1:8080";
    checkOption(false, "worker", { wanted, value: given ?? target });
  }
  return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: url.port === "" ? 80 : Number(url.port) };
}
