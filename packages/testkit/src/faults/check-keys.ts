import { InvalidOptionError } from "../errors/index.js";
import { checkOption } from "../options/index.js";

/**
 * Checks the keys of faults to disarm. Ignoring an unknown key would leave a fault armed.
 *
 * @throws {INVALID_OPTION} not a list, or an unknown key.
 */
export function checkKeys(keys: unknown, known: readonly string[]): asserts keys is readonly string[] {
  checkOption(Array.isArray(keys), "keys", {
    wanted: "a list of keys that `arm()` returned (`clear()` disarms all)",
    value: keys,
  });
  const wanted = known.length === 0 ? "empty, because no fault was armed" : `keys among ${known.join(", ")}`;
  checkOption(
    keys.every((key) => known.includes(key as string)),
    "keys",
    { wanted, value: keys },
  );
}

/** The error for arming faults after the check that each of them fired. */
export function createStopped(what: string): InvalidOptionError {
  return new InvalidOptionError({
    message: `Expected ${what} that was not stopped for \`faults.arm()\`, got a stopped one`,
    hint: "Arm faults before `stop()`, which checks that each of them has fired.",
  });
}
