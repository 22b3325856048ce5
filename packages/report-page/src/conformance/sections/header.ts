import { formatTime } from "../../format.js";
import { pageHeader } from "../../page-header.js";
import type { Context } from "../context.js";

/** What was checked, and when. */
export function header({ report }: Context): HTMLElement {
  const { server, level, createdAt, generator, completeness } = report;
  const program = `${generator.name} ${generator.version}`;
  const facts = [formatTime(createdAt), server.dialect, server.model, `level ${level}`, program];
  return pageHeader({ title: `Conformance of ${server.url}`, facts, completeness });
}
