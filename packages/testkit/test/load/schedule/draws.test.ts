import { combine, hashSeed, hashText, toUnit } from "worker-orcd-control";
import { expect, test } from "vitest";
import { createRandom, draw } from "../../../src/load/schedule/draws.js";

const names = ["a", "b"];

test("a draw depends on seed, name and index, and is never 0 or 1", () => {
  const draws = [0n, 1n].flatMap((seed) => names.flatMap((name) => [0, 1, 2].map((index) => draw(seed, name, index))));

  expect(new Set(draws).size).toBe(12);
  expect(draw(1n, "a", 2)).toBe(draws[8]);
  const many = Array.from({ length: 10_000 }, (_, index) => draw(5n, "ends", index));
  expect(many.every((value) => value > 0 && value < 1)).toBe(true);
});

test("a draw lies in the middle of its step of 2^-32", () => {
  const start = toUnit(combine(combine(hashSeed(1n), hashText("a")), 0));

  expect(draw(1n, "a", 0) - start).toBe(2 ** -33);
});

test("random numbers are consecutive draws", () => {
  const random = createRandom(3n, "request-7");

  expect([random(), random(), random()]).toEqual([0, 1, 2].map((index) => draw(3n, "request-7", index)));
});
