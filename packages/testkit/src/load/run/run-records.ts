import type { RequestRecord } from "../metrics/request-record.js";
import { shiftRecord } from "./join-phases.js";
import type { LoadObserver } from "./progress.js";

/** Passes the records of all phases on as those of one run, with times from its start. */
export class RunRecords {
  readonly #given: LoadObserver;
  readonly #isSweep: boolean;
  #stage: number | undefined;
  #offsetMs = 0;
  #endMs = 0;
  #count = 0;
  #phaseCount = 0;

  constructor(given: LoadObserver, isSweep: boolean) {
    this.#given = given;
    this.#isSweep = isSweep;
  }

  /** A measured phase begins. */
  begin(step: number): void {
    this.#stage = this.#isSweep ? step : undefined;
    this.#offsetMs = this.#endMs;
    this.#phaseCount += 1;
  }

  get observer(): LoadObserver {
    return { report: this.#given.report, record: this.#pass };
  }

  /** The number of a request is known only at the end of the run: until then, those of later phases are numbered as they end. */
  readonly #pass = (record: RequestRecord): void => {
    const shifted = shiftRecord(record, this.#offsetMs, this.#stage);
    this.#endMs = Math.max(this.#endMs, shifted.closeMs);
    const isAlone = this.#phaseCount === 1 && record.turn === undefined;
    this.#given.record(isAlone ? shifted : { ...shifted, index: this.#count });
    this.#count += 1;
  };
}
