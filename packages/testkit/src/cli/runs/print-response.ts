import type { LoadResponse } from "../../load/response/load-response.js";
import { describeResponseTable } from "../../report/response-table.js";

/** The steps of a load as lines of a terminal: columns of numbers, set to the right, and the knee. */
export function describeResponse(response: LoadResponse): string[] {
  const { columns, rows, note } = describeResponseTable(response);
  const table = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  const lines = table.map((cells) => {
    return cells
      .map((cell, column) => (column === columns.length - 1 ? cell : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  });
  return [...lines, note];
}
