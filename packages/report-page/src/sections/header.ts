import type { Context } from "../context.js";
import { formatTime } from "../format.js";
import { headlineBanner } from "../headline-banner.js";
import { pageHeader } from "../page-header.js";

/** What was decided, the title, where and when. */
export function header({ data }: Context): HTMLElement {
  const { title, createdAt, completeness, worker, machine, generator } = data.report;
  const startedAt = formatTime(data.load?.startedAt ?? createdAt);
  const program = `${generator.name} ${generator.version}`;
  const made = pageHeader({
    title,
    facts: [startedAt, machine?.model, machine?.gpu, worker?.baseUrl, program],
    completeness,
  });
  made.prepend(headlineBanner(data.headline));
  return made;
}
