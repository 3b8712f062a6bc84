import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describePending, Ledger } from "../../../../lib/provider/host/record/ledger";
import { type LedgerEntry, LedgerUnreadable } from "../../../../lib/provider/host/record/ledger-line";

const path = fc.constantFrom("/a", "/b", "/c d", "/it's", "/ä");
const token = fc.constantFrom("t1", "t2", "t3");
const activation = fc.constantFrom("d1", "d2", "d3");
const [ONE, TWO] = ["1".repeat(16), "2".repeat(16)] as const;
const stateId = fc.constantFrom(ONE, TWO);
const entry: fc.Arbitrary<LedgerEntry> = fc.oneof(
  fc.tuple(fc.constant("claim" as const), fc.constantFrom("one", "two"), token, path),
  fc.tuple(fc.constant("release" as const), token, path),
  fc.tuple(fc.constantFrom("directory" as const, "removed" as const, "stage" as const), path),
  fc.tuple(fc.constant("placeholder" as const), fc.constantFrom("aa", "bb"), path),
  fc.tuple(fc.constant("host" as const), fc.constantFrom("k1", "k2")),
  fc.tuple(fc.constant("owe" as const), fc.constantFrom("qmail", "dovecot"), activation, token),
  fc.tuple(fc.constant("paid" as const), activation),
  fc.constant(["closed"] as const),
  fc.tuple(
    fc.constantFrom("begun" as const, "kept" as const),
    stateId,
    fc.constantFrom("one", "two"),
    fc.constantFrom("2026-01-31T12:00:00Z", "2026-02-01T12:00:00Z"),
    fc.constantFrom("root@a", "root@b"),
  ),
  fc.tuple(fc.constant("ended" as const), stateId, fc.constantFrom("here", "there")),
  fc.tuple(fc.constant("lost" as const), stateId),
  fc.tuple(fc.constant("member" as const), stateId, token),
);
const entries = fc.array(entry, { maxLength: 25 });

/** Everything that a ledger says. */
function meaning(ledger: Ledger) {
  const paths = ["/a", "/b", "/c d", "/it's", "/ä"];
  return {
    owners: paths.map((each) => ledger.owner(each)),
    paths: ["t1", "t2", "t3"].map((each) => [...ledger.pathsOf(each)].sort()),
    directories: paths.map((each) => ledger.madeDirectory(each)),
    placeholders: paths.map((each) => ledger.placeholder(each)),
    pending: [...ledger.pendingActivations].sort((one, other) => one.id.localeCompare(other.id)),
    unfinished: [...ledger.unfinished].sort(),
    hostKeys: [...ledger.hostKeys].sort(),
    states: states(ledger),
  };
}

/** Of resources that own nothing any more, and of states that have none, nothing has to be known. */
function states(ledger: Ledger) {
  const owning = ["t1", "t2", "t3"].filter((each) => ledger.pathsOf(each).size > 0);
  return {
    members: owning.map((each) => [each, ledger.stateOf(each)]),
    states: owning.map((each) => ledger.state(ledger.stateOf(each) ?? "")),
    kept: ["one", "two"].map((stack) =>
      ledger
        .statesInForce(stack, "here")
        .map(({ id }) => id)
        .sort(),
    ),
  };
}

function readAs(text: string, ...cuts: number[]): Ledger {
  const ledger = new Ledger();
  let from = 0;
  for (const cut of [...cuts, text.length].sort((one, other) => one - other)) {
    ledger.read(text.slice(from, cut));
    from = Math.max(from, cut);
  }
  return ledger;
}

function recorded(batches: readonly (readonly LedgerEntry[])[]) {
  const ledger = new Ledger();
  return { ledger, texts: batches.map((batch) => ledger.record(batch)) };
}

/** Where a run of a state has ended says nothing any more once the state is lost, or kept. */
const ENDED: readonly LedgerEntry[] = [
  ["begun", "2222222222222222", "one", "2026-01-31T12:00:00Z", "root@a"],
  ["member", "2222222222222222", "t2"],
  ["claim", "one", "t2", "/a"],
  ["ended", "2222222222222222", "here"],
];
const ENDED_THEN_LOST: LedgerEntry[] = [...ENDED, ["lost", "2222222222222222"]];
const ENDED_THEN_KEPT: LedgerEntry[] = [
  ...ENDED,
  ["kept", "2222222222222222", "one", "2026-01-31T12:00:00Z", "root@a"],
];

describe("a ledger", () => {
  it("GIVEN any entries THEN what is read back says what was recorded, in however many pieces it comes", () => {
    fc.assert(
      fc.property(fc.array(entries, { maxLength: 5 }), fc.array(fc.nat(2000)), (batches, cuts) => {
        const { ledger, texts } = recorded(batches);
        const text = texts.join("");
        expect(meaning(readAs(text, ...cuts.map((cut) => cut % (text.length + 1))))).toEqual(meaning(ledger));
      }),
    );
  });

  it("GIVEN any prefix of its bytes THEN it says what it said after some entry, never anything else", () => {
    fc.assert(
      fc.property(entries, fc.nat(), (all, cut) => {
        const states = all.map((_, count) => meaning(recorded([all.slice(0, count)]).ledger));
        states.push(meaning(recorded([all]).ledger));
        const text = recorded([all]).texts.join("");
        expect(states).toContainEqual(meaning(readAs(text.slice(0, cut % (text.length + 1)))));
      }),
    );
  });

  it("GIVEN a line that a crash has cut off THEN the next run's entries are read, and that line is not", () => {
    fc.assert(
      fc.property(entries, entries, fc.nat(), (before, after, cut) => {
        const text = recorded([before]).texts.join("");
        const left = text.slice(0, cut % (text.length + 1));
        const next = readAs(left);
        const appended = next.record(after);
        expect(meaning(readAs(left + appended))).toEqual(meaning(next));
        const sinceThen = recorded([after]).ledger;
        for (const each of ["/a", "/b"]) {
          const claimed = after.some(([verb, , , claim]) => verb === "claim" && claim === each);
          const released = after.some(([verb, , given]) => verb === "release" && given === each);
          if (claimed && !released) expect(next.owner(each)).toEqual(sinceThen.owner(each));
        }
      }),
    );
  });

  it("WHEN it is compacted THEN it says the same in no more lines than there are facts", () => {
    fc.assert(
      fc.property(entries, (all) => {
        const { ledger } = recorded([...Array.from({ length: 300 }, () => all), all]);
        const compacted = ledger.compacted();
        if (compacted === undefined) return;
        expect(meaning(readAs(compacted))).toEqual(meaning(ledger));
        expect(compacted.split("\n").length).toBeLessThan(40);
      }),
      { numRuns: 50, examples: [[ENDED_THEN_LOST], [ENDED_THEN_KEPT]] },
    );
  });

  it("GIVEN few lines, or many facts, THEN a rewrite is not worth it", () => {
    const many = Array.from({ length: 2000 }, (_, index) => ["claim", "s", "t", `/${index}`] as const);
    expect(recorded([many.slice(0, 10)]).ledger.compacted()).toBeUndefined();
    expect(recorded([many]).ledger.compacted()).toBeUndefined();
  });

  it("GIVEN a path that changes hands THEN only the new owner has it, and only that one can release it", () => {
    const { ledger } = recorded([
      [
        ["claim", "s", "old", "/a"],
        ["claim", "s", "new", "/a"],
        ["release", "old", "/a"],
      ],
    ]);
    expect(ledger.owner("/a")).toEqual({ stack: "s", token: "new" });
    expect([...ledger.pathsOf("old")]).toEqual([]);
    ledger.record([["release", "new", "/a"]]);
    expect(ledger.owner("/a")).toBeUndefined();
  });

  it.each([
    ["of the same state", "one", [ONE, ONE], "t2"],
    ["of the same stack, whose states are not known", "one", [undefined, undefined], "t2"],
    ["of another stack", "two", [ONE, ONE], undefined],
    ["of another state", "one", [ONE, TWO], undefined],
    ["whose state is not known", "one", [ONE, undefined], undefined],
  ] as const)(
    "GIVEN the path of a resource %s THEN its sibling is known only within one state",
    (...given) => {
      const [, stack, [own, other], expected] = given;
      const ledger = new Ledger();
      ledger.record([
        ["claim", "one", "t1", "/own"],
        ["claim", stack, "t2", "/other"],
        ...(own ? [["member", own, "t1"] as const] : []),
        ...(other ? [["member", other, "t2"] as const] : []),
      ]);
      expect(ledger.siblingOwner("/other", "/own")?.token).toBe(expected);
      expect(ledger.siblingOwner("/own", "/own")).toBeUndefined();
      expect(ledger.siblingOwner("/nobody's", "/own")).toBeUndefined();
    },
  );

  it("GIVEN what a later version may write THEN unknown lines are passed over, and another format is refused", () => {
    const ledger = readAs("mail-sni-ledger\t1\t.\nfuture\tx\t.\nclaim\ts\tt\t/a\t.\n");
    expect(ledger.owner("/a")).toEqual({ stack: "s", token: "t" });
    expect(() => readAs("mail-sni-ledger\t2\t.\n")).toThrow(LedgerUnreadable);
  });
});

describe("the states of a ledger", () => {
  const [EARLY, LATE] = ["2026-01-31T12:00:00Z", "2026-02-01T12:00:00Z"] as const;

  it("GIVEN a state that is kept WHEN it changes something again THEN it stays so, and the last change is known", () => {
    const { ledger } = recorded([
      [
        ["begun", ONE, "s", EARLY, "root@a"],
        ["kept", ONE, "s", EARLY, "root@a"],
        ["begun", ONE, "s", LATE, "root@b"],
      ],
    ]);
    expect(ledger.state(ONE)).toEqual({
      id: ONE,
      stack: "s",
      standing: "kept",
      wroteAt: LATE,
      machine: "root@b",
    });
  });

  it("GIVEN one that was taken over THEN it counts no more, until it shows up again", () => {
    const { ledger } = recorded([
      [
        ["kept", ONE, "s", EARLY, "root@a"],
        ["member", ONE, "t1"],
        ["claim", "s", "t1", "/a"],
      ],
    ]);
    expect(ledger.statesInForce("s", "here").map(({ id }) => id)).toEqual([ONE]);
    ledger.record([["lost", ONE]]);
    expect(ledger.statesInForce("s", "here")).toEqual([]);
    ledger.record([["kept", ONE, "s", LATE, "root@a"]]);
    expect(ledger.statesInForce("s", "here").map(({ id }) => id)).toEqual([ONE]);
  });

  it("GIVEN a state whose run has ended THEN it counts, except for a run without it in the same place", () => {
    const { ledger } = recorded([
      [
        ["begun", ONE, "s", EARLY, "root@a"],
        ["member", ONE, "t1"],
        ["claim", "s", "t1", "/a"],
        ["ended", ONE, "there"],
      ],
    ]);
    const counts = (place: string) => ledger.statesInForce("s", place).length;
    expect([counts("here"), counts("there")]).toEqual([1, 0]);
    ledger.record([["begun", ONE, "s", LATE, "root@a"]]);
    expect([counts("here"), counts("there")]).toEqual([1, 0]);
    ledger.record([["kept", ONE, "s", LATE, "root@a"]]);
    expect([counts("here"), counts("there")]).toEqual([1, 1]);
    ledger.record([["ended", ONE, "there"]]);
    expect([counts("here"), counts("there")]).toEqual([1, 1]);
  });

  it("GIVEN states that are begun, of another stack, or without any path THEN they are none of the kept ones", () => {
    const { ledger } = recorded([
      [
        ["begun", ONE, "s", EARLY, "root@a"],
        ["member", ONE, "t1"],
        ["claim", "s", "t1", "/a"],
        ["kept", TWO, "s", EARLY, "root@a"],
        ["member", TWO, "t2"],
        ["lost", "3".repeat(16)],
        ["member", "3".repeat(16), "t3"],
        ["claim", "s", "t3", "/b"],
      ],
    ]);
    expect(ledger.statesInForce("s", "here")).toEqual([]);
    ledger.record([["claim", "s", "t2", "/c"]]);
    expect([
      ledger.statesInForce("s", "here").map(({ id }) => id),
      ledger.statesInForce("other", "here"),
    ]).toEqual([[TWO], []]);
  });
});

describe("describePending", () => {
  it("GIVEN pending activations of several resources THEN each resource gets those of its own services, once", () => {
    const { ledger } = recorded([
      [
        ["owe", "qmail", "1", "mine"],
        ["owe", "dovecot", "2", "mine"],
        ["owe", "dovecot", "3", "mine"],
        ["owe", "postfix", "4", "other"],
      ],
    ]);
    expect(describePending(ledger, "mine")).toBe(
      "dovecot and qmail: files have changed and are not served yet",
    );
    expect(describePending(ledger, "nobody")).toBeNull();
  });
});
