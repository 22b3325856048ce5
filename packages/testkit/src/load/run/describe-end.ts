import { plural } from "../../numbers/index.js";
import type { LoadResult } from "../result.js";
import { isOpen, type LoadProfile } from "../schedule/profile.js";
import type { ClientReport } from "./clients.js";

/** What a phase sent that was not cut short, and what it was to send. */
export interface SentRequests {
  readonly reports: readonly Pick<ClientReport, "records" | "unsentCount">[];
  readonly requestCount: number;
}

/** Why such a phase ended. */
export function describeEnd(profile: LoadProfile, { reports, requestCount }: SentRequests): LoadResult["ended"] {
  const sentCount = reports.reduce((sum, report) => sum + report.records.length, 0);
  const unsentCount = reports.reduce((sum, report) => sum + (report.unsentCount ?? 0), 0);
  const rest =
    unsentCount === 0
      ? ""
      : `; ${plural(unsentCount, "request")} of conversations ${unsentCount === 1 ? "was" : "were"} not sent, because the answer before was not ok`;
  if (isOpen(profile)) return { by: "schedule", message: `all ${sentCount} requests of the schedule were sent${rest}` };
  if (sentCount + unsentCount >= requestCount)
    return {
      by: "count",
      message: `${sentCount === 1 ? "the request was sent" : `all ${sentCount} requests were sent`}${rest}`,
    };
  const verb = sentCount === 1 ? "was" : "were";
  return { by: "time", message: `${plural(sentCount, "request")} ${verb} sent in the given time${rest}` };
}
