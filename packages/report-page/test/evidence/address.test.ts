import { expect, test } from "vitest";
import { formatAddress, parseAddress } from "../../src/evidence/address.js";

test("an address is read as it was written, whatever the id of the job is", () => {
  for (const job of ["job-1", "a&b=c#d", "ü\u202e %zz", ""]) {
    const address = { bundle: 2, job, request: undefined, event: 0, tab: "log", test: undefined } as const;
    expect(parseAddress(formatAddress(address))).toEqual(address);
  }
});

test("what is not valid is left out", () => {
  expect(parseAddress("#event=-1&bundle=1e9&request=x&tab=none&test=99999999999&job")).toEqual({ job: "" });
  expect(parseAddress("#tests-title")).toEqual({});
});
