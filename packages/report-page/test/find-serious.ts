import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe finds of level serious and critical. The policy of a page forbids a script element, but not what the debugger evaluates. */
export async function findSerious(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}
