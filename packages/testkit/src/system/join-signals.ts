/** A signal that fires with the first of these. */
export function joinSignals(...given: readonly (AbortSignal | undefined)[]): AbortSignal {
  const signals = given.filter((signal) => signal !== undefined);
  const [first] = signals;
  return first !== undefined && signals.length === 1 ? first : AbortSignal.any(signals);
}
