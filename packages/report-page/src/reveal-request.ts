import type { Context } from "./context.js";
import type { RequestRecord } from "./testkit.js";

/** Opens a request from another section: its figures come into view, whatever the filter. */
export function showRequest({ state }: Context, record: RequestRecord): void {
  state.reveal(record);
  document.getElementById("request-details")?.scrollIntoView({ block: "center" });
}
