import { h, section } from "../../dom.js";
import { factList } from "../../facts.js";
import { formatTime } from "../../format.js";
import type { Context } from "../context.js";

/** The server, and what is needed to repeat the run. */
export function factsSection({ report }: Context): HTMLElement {
  const { server, level, seed, createdAt, generator, coverage } = report;
  return section(
    "facts",
    "Server and run",
    h(
      "div",
      { class: "grid" },
      factList("Server", [
        ["address", server.url],
        ["dialect", server.dialect],
        ["known by", server.recognizedBy],
        ["model", server.model],
        ["command", server.command],
      ]),
      factList("Run", [
        ["level", level],
        ["checks", coverage.selected],
        ["seed", seed],
        ["made at", formatTime(createdAt)],
        ["made by", `${generator.name} ${generator.version}`],
      ]),
    ),
  );
}
