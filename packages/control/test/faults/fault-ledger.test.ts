import { describe, expect, test } from "vitest";
import { FaultLedger, parseFaults, type FaultMatch, type FaultOpportunity, type FaultSpec } from "../../src/index.js";

const IDS = ["hang", "slow"] as const;

function ledgerOf(
  specs: readonly FaultSpec<(typeof IDS)[number]>[],
  { seed = 0, ...trigger }: { seed?: number; match?: FaultMatch } = {},
): FaultLedger {
  const ledger = new FaultLedger(seed);
  ledger.arm(parseFaults(specs, "stub").map((fault) => ({ ...fault, ...trigger })));
  return ledger;
}

/** For each opportunity, whether the fault was chosen; each one that is chosen fires. */
function choices(ledger: FaultLedger, opportunities: readonly FaultOpportunity[]): boolean[] {
  return opportunities.map((opportunity) => {
    const hits = ledger.choose(IDS, opportunity);
    for (const hit of hits) hit.fire();
    return hits.length > 0;
  });
}

const jobs = (count: number): FaultOpportunity[] => Array.from({ length: count }, (_, at) => ({ jobId: `job-${at}` }));

describe("when", () => {
  test.each([
    [{ nth: 2 }, [false, true, false, false, false, false]],
    [{ first: 2 }, [true, true, false, false, false, false]],
    [{ every: 3 }, [false, false, true, false, false, true]],
    ["always", [true, true, true, true, true, true]],
    [{ p: 0 }, [false, false, false, false, false, false]],
    [{ p: 1 }, [true, true, true, true, true, true]],
  ] as const)("%j", (when, expected) => {
    expect(choices(ledgerOf([{ id: "hang", when }]), jobs(6))).toEqual(expected);
  });

  test("a probability is met on average, and a different seed selects different jobs", () => {
    const one = choices(ledgerOf([{ id: "hang", when: { p: 0.3 } }], { seed: 1 }), jobs(2_000));
    const two = choices(ledgerOf([{ id: "hang", when: { p: 0.3 } }], { seed: 2 }), jobs(2_000));
    // Six standard deviations of a binomial distribution around 600.
    expect(one.filter(Boolean).length).toBeGreaterThan(477);
    expect(one.filter(Boolean).length).toBeLessThan(723);
    expect(two).not.toEqual(one);
  });

  test("a probability depends only on the job, not on the order or other faults", () => {
    const alone = choices(ledgerOf([{ id: "hang", when: { p: 0.5 } }]), jobs(50));
    const reversed = choices(ledgerOf([{ id: "hang", when: { p: 0.5 } }]), jobs(50).reverse()).reverse();
    const beside = ledgerOf([
      { id: "slow", when: { p: 0.5 } },
      { id: "hang", when: { p: 0.5 } },
    ]);
    const among = jobs(50).map((job) => beside.choose(["hang"], job).length > 0);
    expect(reversed).toEqual(alone);
    expect(among).toEqual(alone);
  });

  test("without a job id, every opportunity has its own draw", () => {
    const chosen = choices(
      ledgerOf([{ id: "hang", when: { p: 0.5 } }]),
      Array.from({ length: 50 }, () => ({})),
    );
    expect(new Set(chosen).size).toBe(2);
  });
});

describe("match", () => {
  test.each([
    ["job-1", "job-1", true],
    ["job-1", "job-10", false],
    ["job-*", "job-10", true],
    ["*-1*", "job-10", true],
    ["job.1", "job-1", false],
    ["*", "", true],
  ])("jobId %s and job %s: %s", (pattern, jobId, expected) => {
    expect(choices(ledgerOf([{ id: "hang", match: { jobId: pattern } }]), [{ jobId }])).toEqual([expected]);
  });

  test("a job id never matches a request without one", () => {
    expect(choices(ledgerOf([{ id: "hang", match: { jobId: "*" } }]), [{}])).toEqual([false]);
  });

  test("without `path`, only requests to /execute match", () => {
    const paths = [{ path: "/execute", isJob: true }, { path: "/health" }];
    expect(choices(ledgerOf([{ id: "hang" }]), paths)).toEqual([true, false]);
    expect(choices(ledgerOf([{ id: "hang" }], { match: { path: "/health" } }), paths)).toEqual([false, true]);
    expect(choices(ledgerOf([{ id: "hang" }], { match: { path: "/*" } }), paths)).toEqual([true, true]);
  });

  test("counts include only the matching requests", () => {
    const ledger = ledgerOf([{ id: "hang", match: { jobId: "b*" }, when: { nth: 2 } }]);
    expect(
      choices(
        ledger,
        ["a1", "b1", "a2", "b2"].map((jobId) => ({ jobId })),
      ),
    ).toEqual([false, false, false, true]);
  });
});

describe("accounts", () => {
  test("count what was matched, fired, bypassed with the reason, and skipped", () => {
    const ledger = ledgerOf([{ id: "hang", when: { first: 3 } }]);
    const [first, second, third] = jobs(5).flatMap((job) => ledger.choose(IDS, job));
    first?.fire();
    second?.bypass("the job ended before");
    expect(third?.key).toBe("hang#1");
    expect(ledger.accounts()).toEqual([
      {
        key: "hang#1",
        id: "hang",
        optional: false,
        matched: 3,
        fired: 1,
        bypassed: { "the job ended before": 1 },
        skipped: 2,
      },
    ]);
  });

  test("a hit counts once, regardless of later calls", () => {
    const ledger = ledgerOf([{ id: "hang" }]);
    const [hit] = ledger.choose(IDS, {});
    hit?.fire();
    hit?.fire();
    hit?.bypass("no");
    expect(ledger.accounts()[0]).toMatchObject({ fired: 1, bypassed: {} });
  });

  test("`times` counts pending hits, and releases the bypassed ones", () => {
    const ledger = ledgerOf([{ id: "hang", times: 1 }]);
    const [hit] = ledger.choose(IDS, {});
    expect(ledger.choose(IDS, {})).toHaveLength(0);
    hit?.bypass("too short");
    expect(choices(ledger, [{}, {}])).toEqual([true, false]);
  });

  test("two faults with the same id have different keys, and the listener gets the key of the one that fired", () => {
    const heard: unknown[] = [];
    const ledger = new FaultLedger(0, (key, { jobId }) => heard.push([key, jobId]));
    const keys = ledger.arm(parseFaults([{ id: "hang", match: { jobId: "a" } }, { id: "hang" }], "stub"));
    for (const hit of ledger.choose(IDS, { jobId: "b" })) hit.fire();
    expect(keys).toEqual(["hang#1", "hang#2"]);
    expect(heard).toEqual([["hang#2", "b"]]);
  });

  test("a disarmed fault is no longer chosen; its pending hit and its record are kept", () => {
    const ledger = ledgerOf([{ id: "hang" }, { id: "slow" }]);
    const [hit] = ledger.choose(["hang"], {});
    ledger.disarm(["hang#1"]);
    expect(ledger.choose(IDS, {}).map(({ fault }) => fault.id)).toEqual(["slow"]);
    hit?.fire();
    expect(ledger.accounts()[0]).toMatchObject({ key: "hang#1", fired: 1 });
    ledger.disarm();
    expect(ledger.choose(IDS, {})).toEqual([]);
  });

  test("only faults with the given ids are chosen", () => {
    expect(ledgerOf([{ id: "slow" }]).choose(["hang"], {})).toEqual([]);
  });
});

describe("faults that happen in another process", () => {
  const account = {
    id: "hang",
    optional: false,
    matched: 3,
    fired: 1,
    bypassed: { "too short": 2 },
    skipped: 4,
  } as const;
  const remote = () => {
    const heard: string[] = [];
    const ledger = new FaultLedger(0, (key) => heard.push(key));
    ledger.arm(parseFaults([{ id: "hang" }, { id: "slow", optional: true }], "stub"));
    return { ledger, heard };
  };

  test("a report replaces the counts, and adds faults that were armed elsewhere", () => {
    const { ledger } = remote();
    const hang = { key: "hang#1", ...account };
    const exit = { ...account, key: "exit#1", id: "exit" } as const;

    ledger.report([hang, exit]);

    expect(ledger.accounts()).toMatchObject([hang, { key: "slow#1", optional: true, fired: 0 }, exit]);
  });

  test("an announced fault has fired, even if a later report does not include it yet", () => {
    const { ledger, heard } = remote();

    ledger.announce("hang#1");
    ledger.report([{ key: "hang#1", ...account, matched: 0, fired: 0 }]);

    expect(ledger.accounts()[0]).toMatchObject({ matched: 1, fired: 1 });
    expect(heard).toEqual(["hang#1"]);
  });

  test("a fault that is announced before its key is known keeps its count when it is armed with that key", () => {
    const { ledger } = remote();

    ledger.announce("hang#2");
    const keys = ledger.arm(parseFaults([{ id: "hang", optional: true }, { id: "hang" }], "stub"), ["hang#2"]);

    expect(keys).toEqual(["hang#2", "hang#3"]);
    expect(ledger.accounts()).toMatchObject([
      { key: "hang#1" },
      { key: "slow#1" },
      { key: "hang#2", optional: true, fired: 1 },
      { key: "hang#3", fired: 0 },
    ]);
  });

  test.each(["no-such-fault#1", "#1", "", "__proto__#1"])("%j, which is not a key, is not counted", (key) => {
    const { ledger, heard } = remote();

    ledger.announce(key);
    ledger.report([{ key, ...account, id: "no-such-fault" as "hang" }]);

    expect(ledger.accounts()).toHaveLength(2);
    expect(heard).toEqual([]);
  });

  test("the announcements of a program that writes arbitrary text are bounded", () => {
    const { ledger } = remote();

    for (let number = 1; number <= 20_000; number += 1) ledger.announce(`slow#${number}`);

    expect(ledger.accounts().length).toBeLessThanOrEqual(1_002);
    expect(ledger.accounts()[1]).toMatchObject({ key: "slow#1", fired: 1 });
  });

  test("a retired fault keeps its record under another key and is disarmed, and its number is reused", () => {
    const { ledger } = remote();
    ledger.arm(parseFaults([{ id: "kill" }], "harness"));
    ledger.announce("hang#1");

    expect(ledger.retire("stub", "@1")).toEqual(["hang#1", "slow#1"]);
    expect(ledger.retire("stub", "@2")).toEqual([]);

    expect(ledger.choose(["hang", "kill"], {}).map(({ key }) => key)).toEqual(["kill#1"]);
    expect(ledger.arm(parseFaults([{ id: "hang" }], "stub"))).toEqual(["hang#1"]);
    expect(ledger.accounts().map(({ key, fired }) => [key, fired])).toEqual([
      ["hang#1@1", 1],
      ["slow#1@1", 0],
      ["kill#1", 0],
      ["hang#1", 0],
    ]);
  });
});
