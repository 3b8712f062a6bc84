import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Change } from "../../../lib/provider/host/desired/change";
import type { Host } from "../../../lib/provider/host/host";
import { thisMachine } from "../../../lib/provider/host/record/this-machine";
import { type CertificateOptions, certificate, pathsOf, withoutCertificate } from "./support/changes";
import { STATE_DIRECTORY, TestHost } from "./support/test-host";

const [ONE, TWO] = ["1".repeat(16), "2".repeat(16)] as const;

/** Where the first state is at work; the second one is elsewhere. */
const THERE = "there";

let on: TestHost;
let host: Host;
beforeEach(() => {
  on = new TestHost();
  host = on.open();
});
afterEach(() => on.remove());

/** As a resource of that state would have it. */
function inState(
  state: string | null,
  name: string,
  options: CertificateOptions & Partial<Change> = {},
): Change {
  const { kind = "create", takesOver = new Set<string>() } = options;
  const change = certificate(name, `${state} of ${name}`, { token: `${name} in ${state}`, ...options });
  return { ...change, state, stateIsSaved: kind !== "create", takesOver };
}

const standing = (id: string) => on.ledger().state(id)?.standing;
const ask = (savedState: string, asked = on.open()) =>
  asked.observe({ paths: [pathsOf("a.test").served], texts: new Map(), savedState });

describe("the state that changes a host", () => {
  it("GIVEN creates alone THEN it is begun, with when and from where", async () => {
    const before = Date.now();
    await host.change(inState(ONE, "a.test"));
    const { wroteAt, ...state } = on.ledger().state(ONE) ?? { wroteAt: "" };
    expect(state).toEqual({ id: ONE, stack: "stack", standing: "begun", machine: thisMachine() });
    expect(Math.abs(Date.parse(wroteAt) - before)).toBeLessThan(60_000);
    expect(on.ledger().stateOf(`a.test in ${ONE}`)).toBe(ONE);
  });

  it("GIVEN many changes one after the other THEN that is noted once a minute, not once for each", async () => {
    for (const name of ["a.test", "b.test", "c.test"]) await host.change(inState(ONE, name));
    const lines = readFileSync(on.ledgerPath, "utf8").split("\n");
    expect(lines.filter((line) => line.startsWith("begun"))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith("member"))).toHaveLength(3);
  });

  it("GIVEN an update or a delete THEN it is kept: what is changed came from a state that was saved", async () => {
    await host.change(inState(ONE, "a.test"));
    await host.change(inState(ONE, "a.test", { kind: "update" }));
    expect(standing(ONE)).toBe("kept");
  });

  it("GIVEN a question from a state that was saved THEN it is kept, and that once", async () => {
    await host.change(inState(ONE, "a.test"));
    const before = on.ledger().state(ONE)?.wroteAt;
    const asked = on.open();
    await ask(ONE, asked);
    await ask(ONE, asked);
    await ask(ONE);
    expect(on.ledger().state(ONE)).toMatchObject({ standing: "kept", wroteAt: before });
    expect(readFileSync(on.ledgerPath, "utf8").match(/^kept/gm)).toHaveLength(1);
  });

  it("GIVEN a question from a state that has nothing there THEN nothing is written", async () => {
    await host.change(inState(ONE, "a.test"));
    const before = readFileSync(on.ledgerPath, "utf8");
    await ask(TWO);
    expect(readFileSync(on.ledgerPath, "utf8")).toBe(before);
  });

  it("GIVEN a host without a ledger THEN a question makes none", async () => {
    await ask(ONE);
    expect(existsSync(on.at(STATE_DIRECTORY))).toBe(false);
  });

  it("GIVEN no permission to write there THEN the question is still answered", async () => {
    await host.change(inState(ONE, "a.test"));
    const lock = on.at(`${STATE_DIRECTORY}/lock`);
    rmSync(lock);
    mkdirSync(lock);
    const { facts, warnings } = await ask(ONE);
    expect([facts.get(pathsOf("a.test").served)?.kind, warnings, standing(ONE)]).toEqual([
      "file",
      [],
      "begun",
    ]);
  });

  it("GIVEN another run holds the lock THEN the question does not wait for it", async () => {
    await host.change(inState(ONE, "a.test"));
    const holding = ["--no-fork", on.at(`${STATE_DIRECTORY}/lock`), "sh", "-c", "echo held; exec sleep 60"];
    const other = spawn("flock", holding);
    await once(other.stdout, "data");
    await ask(ONE);
    expect(standing(ONE)).toBe("begun");
    other.kill("SIGKILL");
  });

  it("WHEN the engine is done THEN the states that were begun are ended, on each host that was changed", async () => {
    await host.change(inState(ONE, "a.test"));
    const idle = on.open();
    await idle.noteEndedStates(THERE);
    expect(standing(ONE)).toBe("begun");
    await host.noteEndedStates(THERE);
    expect(standing(ONE)).toBe("ended");
    await host.change(inState(ONE, "b.test"));
    expect(standing(ONE)).toBe("ended");
    await ask(ONE);
    expect(standing(ONE)).toBe("kept");
  });
});

describe("another state of the stack", () => {
  const tree = () => on.tree();
  /** What is said of who has what; that no temporary files are left may be said once more. */
  const said = () => readFileSync(on.ledgerPath, "utf8").replaceAll("closed\t.\n", "");

  it("GIVEN the first was saved THEN it is refused, and nothing has changed, nor in what the ledger says", async () => {
    await host.change(inState(ONE, "a.test"));
    await host.noteEndedStates(THERE);
    const before = [tree(), said()];

    const { errors } = await on.open().change(inState(TWO, "a.test"));

    expect(errors.map(({ summary }) => summary)).toEqual([
      expect.stringMatching(/belongs to another state of the stack$/),
    ]);
    expect(errors[0]?.detail).toContain(
      `On host "mx1": this and 2 more paths belong to stack "stack" in the Terraform`,
    );
    expect([tree(), said()]).toEqual(before);
  });

  it("GIVEN the first was never saved THEN it takes over what is there, as the next run of a killed one", async () => {
    await host.change(inState(ONE, "a.test"));
    const { errors, warnings } = await on.open().change(inState(TWO, "a.test"));
    expect([errors, warnings]).toEqual([[], []]);
    expect(on.ledger().owner(pathsOf("a.test").served)?.token).toBe(`a.test in ${TWO}`);
  });

  it("GIVEN the first one's run has ended THEN only the next one in its place takes over, as after a kill at the very end", async () => {
    await host.change(inState(ONE, "a.test"));
    await host.noteEndedStates(THERE);
    expect((await on.open().change(inState(TWO, "a.test"))).errors).toHaveLength(1);
    expect((await on.open().change({ ...inState(TWO, "a.test"), place: THERE })).errors).toEqual([]);
  });

  it("GIVEN the first was saved THEN its place makes no difference", async () => {
    await host.change(inState(ONE, "a.test"));
    await host.noteEndedStates(THERE);
    await ask(ONE);
    expect((await on.open().change({ ...inState(TWO, "a.test"), place: THERE })).errors).toHaveLength(1);
  });

  it("GIVEN both want the same in one batch THEN only the one that is there may have it", async () => {
    await host.change(inState(ONE, "a.test"));
    await host.noteEndedStates(THERE);
    const results = await Promise.all([
      host.change(inState(ONE, "a.test", { kind: "update" })),
      host.change(inState(TWO, "a.test")),
      host.change(inState(TWO, "b.test")),
    ]);
    expect(results.map(({ errors }) => errors.length)).toEqual([0, 1, 0]);
    expect(on.read(pathsOf("a.test").served)).toBe(`${ONE} of a.test`);
  });

  it("GIVEN the first is said to be lost THEN it gives way, all of it; and is refused when it shows up again", async () => {
    for (const name of ["a.test", "b.test"]) await host.change(inState(ONE, name));
    await host.noteEndedStates(THERE);
    const takesOver = new Set([ONE]);

    const second = on.open();
    expect((await second.change(inState(TWO, "a.test", { takesOver }))).errors).toEqual([]);
    expect(standing(ONE)).toBe("lost");
    expect((await second.change(inState(TWO, "b.test"))).errors).toEqual([]);
    await second.noteEndedStates(THERE);

    await ask(ONE);
    const { errors } = await on.open().change(inState(ONE, "a.test", { kind: "update" }));
    expect(errors.map(({ summary }) => summary)).toEqual([
      expect.stringMatching(/belongs to another state of the stack$/),
    ]);
    expect(on.read(pathsOf("a.test").served)).toBe(`${TWO} of a.test`);
    await on.open().change({ ...withoutCertificate("a.test", { token: `a.test in ${ONE}` }), state: ONE });
    expect(on.read(pathsOf("a.test").served)).toBe(`${TWO} of a.test`);
  });

  it("GIVEN it says that it is lost itself THEN it is not", async () => {
    await host.change(inState(ONE, "a.test", { kind: "update", takesOver: new Set([ONE]) }));
    expect(standing(ONE)).toBe("kept");
  });

  it("GIVEN a take-over that fails on the way THEN the files are the first's as before, and may be taken with no more ado", async () => {
    await host.change(inState(ONE, "a.test"));
    await host.noteEndedStates(THERE);
    const before = tree();
    const failing = inState(TWO, "a.test", { takesOver: new Set([ONE]), configuration: "broken\n" });
    expect((await on.open().change(failing)).errors).not.toEqual([]);
    expect(tree()).toEqual(before);
    expect(on.ledger().owner(pathsOf("a.test").served)?.token).toBe(`a.test in ${ONE}`);
    expect(on.ledger().stateOf(`a.test in ${ONE}`)).toBe(ONE);
    expect((await on.open().change(inState(TWO, "a.test"))).errors).toEqual([]);
  });
});

describe("what says nothing of a state", () => {
  it("GIVEN claims without one THEN a resource with one takes them over, and has them from then on", async () => {
    await host.change(certificate("a.test", "old"));
    expect((await on.open().change(inState(ONE, "a.test"))).errors).toEqual([]);
    expect(on.ledger().stateOf(on.ledger().owner(pathsOf("a.test").served)?.token ?? "")).toBe(ONE);
  });

  it("GIVEN a resource without one THEN it does not get what belongs to a state", async () => {
    await host.change(inState(ONE, "a.test", { kind: "update" }));
    expect((await on.open().change(certificate("a.test", "new"))).errors).toHaveLength(1);
  });

  it("GIVEN a resource that gets another one THEN it keeps what it has, and is of that one", async () => {
    await host.change(inState(ONE, "a.test", { token: "t" }));
    await host.noteEndedStates(THERE);
    const change = { ...inState(TWO, "a.test", { token: "t", kind: "update" }), stateIsSaved: false };
    expect((await host.change(change)).errors).toEqual([]);
    expect([on.ledger().stateOf("t"), standing(TWO)]).toEqual([TWO, "begun"]);
  });
});
