// What every benchmark needs: alternating runs, medians, one line of result.

/** Median of an array of numbers. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Milliseconds that `run` takes. */
export async function time(run) {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

/**
 * Runs the cases in turn, so that a busy moment of the machine hits all of them, and returns the samples of each. The first
 * round is a warm-up and does not count.
 */
export async function alternate(rounds, cases) {
  const samples = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(cases)) {
      const value = await run();
      if (round > 0) samples[name].push(value);
    }
  }
  return samples;
}

/** Median of the ratios of each round: steadier than the ratio of the medians, because both halves saw the same machine. */
export function pairedRatio(above, below) {
  return median(above.map((value, round) => value / below[round]));
}

/** Prints one result: what was measured, the ratio or figure, the goal if there is one, and whether it was reached. */
export function report({ what, value, unit = "×", goal, detail }) {
  if (goal === undefined) return console.log(`measured ${what}: ${value.toFixed(2)} ${unit}; ${detail}`);
  const [, sign, limit] = /^([≤≥]) ([\d.]+)/.exec(goal);
  const reached = sign === "≤" ? value <= Number(limit) : value >= Number(limit);
  console.log(
    `${reached ? "reached" : "MISSED "}  ${what}: ${value.toFixed(2)} ${unit} (goal ${goal} ${unit}); ${detail}`,
  );
}
