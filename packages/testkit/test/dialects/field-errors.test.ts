import { expect, test } from "vitest";
import { orcd } from "../../src/dialects/index.js";

test("the field errors of this project's protocol have the message of the first one", () => {
  const errors = [
    { field: "top_p", constraint: "range(0..=1)", message: "top_p must be from 0 to 1" },
    { message: "b" },
  ];
  expect(orcd.decodeError?.({ status: 400, body: { errors } })).toMatchObject({ message: "top_p must be from 0 to 1" });
  expect(orcd.decodeError?.({ status: 400, body: { errors: [] } }).message).toBeUndefined();
  expect(orcd.decodeError?.({ status: 400, body: { errors: "x" } }).message).toBeUndefined();
});
