import { h, section } from "../../dom.js";
import { formatTime } from "../../format.js";
import { badge } from "../../sections/badge.js";
import { table } from "../../table.js";
import { formatCount, type ComparedSide } from "../../testkit.js";
import type { Context } from "../context.js";

const COLUMNS = [
  { title: "Side" },
  { title: "Run" },
  { title: "Begun" },
  { title: "Requests", isNumber: true },
  { title: "Ok", isNumber: true },
  { title: "Worker" },
  { title: "Valid" },
];

/** The runs of both sides; those that are invalid are left out of all figures. */
export function runsSection({ data }: Context): HTMLElement {
  const rows = [...describeSide("baseline", data.sides.baseline), ...describeSide("current", data.sides.current)];
  return section("runs", "Runs", table("Runs", COLUMNS, { rows, isStacked: true }));
}

function describeSide(side: string, { runs }: ComparedSide): (string | Node)[][] {
  return runs.map(({ name, startedAt, attempted, ok, invalid, workerVersion }) => [
    side,
    h("span", { class: "words" }, name),
    formatTime(startedAt),
    formatCount(attempted),
    formatCount(ok),
    workerVersion ?? "–",
    invalid.length === 0
      ? badge("pass", "valid")
      : h("span", { class: "words" }, badge("invalid"), ` ${invalid.join("; ")}`),
  ]);
}
