import { appendFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Change } from "../../../../lib/provider/host/desired/change";
import { Ledger } from "../../../../lib/provider/host/record/ledger";
import { HEADING, written } from "../../../../lib/provider/host/record/ledger-line";
import { certificate, change, pathsOf, removal, text } from "../support/changes";
import { TestHost } from "../support/test-host";

const PROGRAM = "/etc/program";

let on: TestHost;
beforeEach(() => {
  on = new TestHost();
});
afterEach(() => on.remove());

const declared = (contents: string, parts: Partial<Change> = {}): Change =>
  change({ token: "program", claimsOnHost: "remove", files: [text(PROGRAM, contents)], ...parts });
const deleted = (parts: Partial<Change> = {}): Change =>
  change({
    kind: "delete",
    token: "program",
    claimsOnHost: "remove",
    removals: [removal(PROGRAM)],
    ...parts,
  });

/** What the program does on the host: a name that `served` presents, and a PEM for `filed`. */
function installs(name: string, { use = "remove" }: { use?: "keep" | "remove" | "unsaid" } = {}): void {
  const { served, snippet, filed } = pathsOf(name);
  on.write(served, `PEM of ${name}`);
  on.write(filed, `PEM of ${name}`);
  on.write(snippet, `serve ${name} ${served}\n`);
  const parts = [
    [served, "served", "pem"],
    [filed, "filed", "pem"],
    [snippet, "served", "text"],
  ] as const;
  for (const [path, service, part] of parts) {
    appendFileSync(on.ledgerPath, written([["claim", "stack", "program", path]]));
    if (use !== "unsaid") appendFileSync(on.ledgerPath, written([["used", service, part, use, name, path]]));
  }
}

/** The program on the host, with two certificates that `served` has loaded. */
async function installed() {
  const host = on.open();
  expect((await host.change(declared("1"))).errors).toEqual([]);
  installs("a.test");
  installs("b.test");
  await host.change(certificate("other.test", "other"));
  expect(on.loaded("a.test")).toBe("PEM of a.test");
  on.calls();
  return host;
}

describe("claims that a program on the host has made with a resource's token", () => {
  it("WHEN the resource is updated THEN they stay, and the files as they are", async () => {
    const host = await installed();
    expect((await host.change(declared("2", { kind: "update" }))).errors).toEqual([]);
    for (const path of [...Object.values(pathsOf("a.test")), PROGRAM]) {
      expect(on.ledger().owner(path)?.token).toBe("program");
      expect(on.has(path)).toBe(true);
    }
    expect(on.ledger().use(pathsOf("a.test").snippet)).toEqual({
      row: "a.test",
      service: "served",
      part: "text",
      fate: "remove",
    });
  });

  it("WHEN another resource fails to take paths over THEN they are the program's again, and what they are is known", async () => {
    const host = await installed();
    const { served } = pathsOf("a.test");
    const before = on.ledger().use(served);
    on.tell("chokes-on", "serve a.test");
    const { errors } = await host.change(certificate("a.test", "of another"));
    expect(errors).toHaveLength(1);
    expect([on.ledger().owner(served)?.token, on.ledger().use(served)]).toEqual(["program", before]);
    expect(on.ledger().passedBy(served)).toBeUndefined();
    on.untell("chokes-on");
    expect((await host.change(certificate("a.test", "of another"))).errors).toEqual([]);
    expect([on.ledger().use(served), on.ledger().passedBy(served)]).toEqual([undefined, "program"]);
  });

  it("WHEN a declared path is given up THEN that claim goes, and only that one", async () => {
    const host = await installed();
    const second = text("/etc/second", "x");
    await host.change(declared("2", { kind: "update", files: [text(PROGRAM, "2"), second] }));
    await host.change(declared("2", { kind: "update", removals: [removal(second.path)] }));
    expect(on.ledger().owner(second.path)).toBeUndefined();
    expect(on.has(second.path)).toBe(false);
    expect(on.ledger().owner(pathsOf("b.test").served)?.token).toBe("program");
  });

  it("WHEN the resource is destroyed THEN what they are about is removed, with one reload, and nothing is owned", async () => {
    const host = await installed();
    const { errors, warnings } = await host.change(deleted());
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
    for (const path of [...Object.values(pathsOf("a.test")), ...Object.values(pathsOf("b.test")), PROGRAM]) {
      expect(on.has(path)).toBe(false);
      expect(on.ledger().owner(path)).toBeUndefined();
      expect(on.ledger().use(path)).toBeUndefined();
    }
    expect(on.loaded("a.test")).toBeUndefined();
    expect(on.loaded("other.test")).toBe("other");
    expect(on.calls().filter((verb) => verb === "activate")).toHaveLength(1);
    expect(on.ledger().pendingActivations).toEqual([]);
    expect(on.leftovers()).toEqual([]);
  });

  it("GIVEN paths to be kept, and paths of which the program has not said what they are THEN they stay, without an owner", async () => {
    const host = await installed();
    installs("kept.test", { use: "keep" });
    installs("unsaid.test", { use: "unsaid" });
    expect((await host.change(deleted())).errors).toEqual([]);
    for (const path of [...Object.values(pathsOf("kept.test")), ...Object.values(pathsOf("unsaid.test"))]) {
      expect(on.has(path)).toBe(true);
      expect(on.ledger().owner(path)).toBeUndefined();
    }
    expect(on.loaded("kept.test")).toBe("PEM of kept.test");
  });

  it("GIVEN `release` THEN all stay without an owner, and nothing is reloaded", async () => {
    const host = await installed();
    expect((await host.change(deleted({ claimsOnHost: "release" }))).errors).toEqual([]);
    expect(on.has(PROGRAM)).toBe(false);
    for (const path of Object.values(pathsOf("a.test"))) {
      expect(on.has(path)).toBe(true);
      expect(on.ledger().owner(path)).toBeUndefined();
    }
    expect(on.calls()).toEqual([]);
  });

  it("GIVEN a path that another resource has claimed meanwhile THEN it is left to that one", async () => {
    const host = await installed();
    await host.change(certificate("a.test", "of another resource"));
    await host.change(deleted());
    expect(on.loaded("a.test")).toBe("of another resource");
    expect(on.ledger().owner(pathsOf("a.test").served)?.token).toBe("a.test");
    expect(on.loaded("b.test")).toBeUndefined();
  });

  it("GIVEN an activation that the program did not get to THEN it is pending, and an update settles it", async () => {
    const host = await installed();
    installs("c.test");
    appendFileSync(on.ledgerPath, written([["owe", "served", "left-by-a-kill", "program"]]));
    expect(on.loaded("c.test")).toBeUndefined();
    const { pending, errors } = await host.change(declared("1", { kind: "update" }));
    expect({ pending, errors }).toEqual({ pending: null, errors: [] });
    expect(on.loaded("c.test")).toBe("PEM of c.test");
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("GIVEN a ledger that is compacted THEN it still knows what the paths are", () => {
    const ledger = new Ledger();
    const claim = ["claim", "stack", "program", "/a"] as const;
    const used = ["used", "served", "text", "remove", "a.test", "/a"] as const;
    ledger.read(written([HEADING, ...Array(2000).fill(claim), used]));
    const again = new Ledger();
    again.read(ledger.compacted() ?? "");
    expect(again.use("/a")).toEqual({ service: "served", part: "text", fate: "remove", row: "a.test" });
    again.read(written([["claim", "stack", "another", "/a"]]));
    expect(again.use("/a")).toBeUndefined();
    again.read(written([["used", "served", "text", "remove", "a.test", "/unclaimed"]]));
    expect(again.use("/unclaimed")).toBeUndefined();
  });
});
