import { describe, expect, it } from "vitest";
import { withoutCommands } from "../../../../lib/provider/host/desired/host-settings";
import type { Fact } from "../../../../lib/provider/host/record/facts";
import { Ledger } from "../../../../lib/provider/host/record/ledger";
import type { LedgerEntry } from "../../../../lib/provider/host/record/ledger-line";
import { Diagnostics } from "../../../../lib/provider/protocol/diagnostics";
import { observedState, questionAbout } from "../../../../lib/provider/resources/host-files/observed-state";
import type { HostFiles } from "../../../../lib/provider/resources/host-files/schema";
import { sha256 } from "../../../../lib/shared/sha256";
import { HOSTILE_WORDS, isPlain } from "../../../support/hostile-words";
import { file, hostFiles } from "./support";

const PRIOR = hostFiles({
  directories: { "/d": { mode: "0750", owner: "root", group: "mail" } },
  files: {
    "/d/pem": file({ mode: "640", owner: "root", group: "vchkpw", sha256: sha256("key") }),
    "/d/conf": file({ text: "text\n", mode: "0644", owner: null, group: null, sha256: sha256("text\n") }),
  },
  links: { "/l/link": "../d/pem" },
});
const CLAIMS: readonly LedgerEntry[] = ["/d", "/d/pem", "/d/conf", "/l/link"].map(
  (path) => ["claim", "stack", "token", path] as const,
);

const fact = (parts: Partial<Fact>): Fact => ({
  kind: "file",
  mode: "0644",
  uid: "0",
  gid: "0",
  owner: "root",
  group: "root",
  ...parts,
});
const AS_DECLARED = {
  "/d": fact({ kind: "directory", mode: "0750", group: "mail", gid: "8" }),
  "/l": fact({ kind: "directory", mode: "0755" }),
  "/d/pem": fact({ mode: "0640", group: "vchkpw", gid: "89", sha256: sha256("key") }),
  "/d/conf": fact({ sha256: sha256("text\n") }),
  "/l/link": fact({ kind: "link", mode: "0777", target: "../d/pem" }),
};

interface Host {
  readonly facts?: Readonly<Record<string, Fact | undefined>>;
  readonly entries?: readonly LedgerEntry[];
  readonly texts?: Readonly<Record<string, string>>;
  readonly applyOwnership?: boolean;
}

function look(
  prior: HostFiles,
  { facts = {}, entries = CLAIMS, texts = {}, applyOwnership = true }: Host = {},
) {
  const ledger = new Ledger();
  ledger.record(entries);
  const diagnostics = new Diagnostics();
  const there = Object.entries({ ...AS_DECLARED, ...facts }).flatMap(([path, each]) =>
    each ? [[path, each] as const] : [],
  );
  const settings = {
    name: "mx1",
    root: "/",
    stateDirectory: "/state",
    applyOwnership,
    services: new Map(["dovecot", "qmail"].map((service) => [service, withoutCommands(service)])),
  };
  const observation = { facts: new Map(there), ledger, texts: new Map(Object.entries(texts)), warnings: [] };
  const state = observedState(prior, observation, settings, diagnostics);
  return { state, messages: diagnostics.all.map(({ severity, summary }) => `${severity}: ${summary}`) };
}

/** What of the state is not as it was. */
function drift(host: Host, prior = PRIOR): unknown {
  const { state } = look(prior, host);
  if (state === null) return null;
  return Object.fromEntries(
    Object.entries(state).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(prior[name as keyof HostFiles]),
    ),
  );
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return value === null || typeof value !== "object" ? [] : Object.values(value).flatMap(stringsIn);
}

describe("what is as declared", () => {
  it("THEN the state stays as it was, in the spelling of the configuration", () => {
    expect(drift({})).toEqual({});
  });

  it("GIVEN owners by number THEN a name for the same number is no drift", () => {
    const byNumber = hostFiles({
      files: { "/d/pem": file({ mode: "0640", owner: "0", group: "89", sha256: sha256("key") }) },
    });
    expect(drift({}, byNumber)).toEqual({});
  });

  it("GIVEN the last run left an activation noted in the state, and it has been done since THEN it is gone", () => {
    expect(look({ ...PRIOR, pending: "an activation" }).state?.pending).toBeNull();
  });
});

describe("drift", () => {
  it("of a text THEN the text that is there is shown", () => {
    const facts = { "/d/conf": fact({ sha256: sha256("edited\n") }) };
    expect(drift({ facts, texts: { "/d/conf": "edited\n" } })).toMatchObject({
      files: { "/d/conf": { text: "edited\n", sha256: sha256("edited\n") } },
    });
  });

  it("of a PEM THEN its hash is shown, and never its contents", () => {
    const facts = { "/d/pem": fact({ mode: "0640", group: "vchkpw", sha256: sha256("other") }) };
    expect(drift({ facts })).toMatchObject({ files: { "/d/pem": { text: null, sha256: sha256("other") } } });
    expect(questionAbout(PRIOR).texts).toEqual(new Map([["/d/conf", sha256("text\n")]]));
  });

  it.each<[string, Partial<Fact>, object]>([
    ["a mode", { mode: "0600" }, { mode: "0600" }],
    ["an owner", { owner: "eve", uid: "1" }, { owner: "eve" }],
    ["a group", { group: "mail", gid: "8" }, { group: "mail" }],
  ])("of %s THEN it is shown", (_, parts, expected) => {
    const facts = { "/d/pem": { ...AS_DECLARED["/d/pem"], ...parts } };
    expect(drift({ facts })).toMatchObject({ files: { "/d/pem": expected } });
  });

  it("of owners that are not applied THEN it is not literal", () => {
    const facts = { "/d/pem": { ...AS_DECLARED["/d/pem"], owner: "eve", uid: "1" } };
    expect(drift({ facts, applyOwnership: false })).toEqual({});
  });

  it("of a link's target, and of a directory THEN they are shown", () => {
    const facts = {
      "/l/link": fact({ kind: "link", target: "elsewhere" }),
      "/d": fact({ kind: "directory", mode: "0777" }),
    };
    expect(drift({ facts })).toEqual({
      links: { "/l/link": "elsewhere" },
      directories: { "/d": { mode: "0777", owner: "root", group: "root" } },
    });
  });

  it("GIVEN hostile text on the host THEN the plan has control characters as escapes", () => {
    const facts = {
      "/d/conf": fact({ sha256: sha256(HOSTILE_WORDS), owner: HOSTILE_WORDS, uid: "1", group: "x\u001b[2J" }),
      "/d": fact({ kind: "directory", mode: "0750", owner: `eve\n${HOSTILE_WORDS}`, uid: "1", gid: "8" }),
      "/l/link": fact({ kind: "link", target: `a\n${HOSTILE_WORDS}` }),
    };
    // Whatever has control characters of ASCII is not a ledger.
    const entries: readonly LedgerEntry[] = [["claim", "x\u202e\u009b2J", "other", "/d/conf"]];
    const owned = hostFiles({
      ...PRIOR,
      files: { "/d/conf": { ...PRIOR.files?.["/d/conf"], owner: "root", group: "root" } as never },
    });
    const { state } = look(owned, { facts, entries, texts: { "/d/conf": `line\n${HOSTILE_WORDS}` } });

    expect(state?.files?.["/d/conf"]?.text).toContain("line\n\\u001b[2J");
    for (const text of stringsIn(state)) expect(isPlain(text), text).toBe(true);
  });

  it("by deletion THEN what is missing is named, and the state goes on saying what was deployed", () => {
    const facts = { "/d": undefined, "/d/pem": undefined, "/l/link": undefined };
    expect(drift({ facts })).toEqual({ missing: ["/d/pem", "/l/link", "/d"] });
    const lost = { ...PRIOR, missing: ["/d/pem", "/l/link", "/d"] };
    expect(drift({ facts }, lost)).toEqual({});
    expect(drift({}, lost)).toEqual({ missing: null });
  });

  it("by another kind THEN it is left out, which is said", () => {
    const { state, messages } = look(PRIOR, { facts: { "/d/pem": fact({ kind: "link", target: "x" }) } });
    expect(Object.keys(state?.files ?? {})).toEqual(["/d/conf"]);
    expect(state?.missing).toBeNull();
    expect(messages).toEqual(["warning: /d/pem is no longer a file"]);
  });

  it("that cannot be told THEN that is an error, never a deletion", () => {
    const { messages } = look(PRIOR, {
      facts: { "/d/pem": fact({ kind: "unavailable", problem: "Permission denied" }) },
    });
    expect(messages).toEqual(["error: /d/pem cannot be checked"]);
  });
});

describe("what is pending", () => {
  const pending = (host: Host, prior = PRIOR) => look(prior, host).state?.pending;

  it("GIVEN a pending activation of its own THEN it says so; GIVEN one of another THEN only base does", () => {
    const own: LedgerEntry = ["owe", "dovecot", "1", "token"];
    const others: LedgerEntry = ["owe", "qmail", "2", "unknown"];
    expect(pending({ entries: [...CLAIMS, own, others] })).toBe(
      "dovecot: files have changed and are not served yet",
    );
    expect(pending({ entries: [...CLAIMS, others] })).toBeNull();
    expect(pending({ entries: [...CLAIMS, others] }, { ...PRIOR, role: "base" })).toBe(
      "qmail: a run was interrupted before its files were served",
    );
  });

  it("GIVEN a pending activation of an undeclared service THEN it is not reported, since no apply of this stack can complete it", () => {
    const others: LedgerEntry = ["owe", "postfix", "1", "unknown"];
    expect(pending({ entries: [...CLAIMS, others] }, { ...PRIOR, role: "base" })).toBeNull();
  });

  it("GIVEN claims that are lost, or another's by now, THEN the first is named", () => {
    expect(pending({ entries: [] })).toBe("/d/pem is not in the host's ledger, and 2 more");
    const taken: LedgerEntry = ["claim", "stack", "other", "/d/conf"];
    expect(pending({ entries: [...CLAIMS, taken] })).toBe(
      '/d/conf belongs to another resource of stack "stack"',
    );
    const theirs: LedgerEntry[] = [taken, ["member", "2".repeat(16), "other"]];
    const inState = { ...PRIOR, state_id: "1".repeat(16) };
    expect(pending({ entries: [...CLAIMS, ...theirs] }, inState)).toBe(
      '/d/conf belongs to another state of stack "stack"',
    );
    expect(pending({ entries: [...CLAIMS, taken, ["member", "1".repeat(16), "other"]] }, inState)).toBe(
      '/d/conf belongs to another resource of stack "stack"',
    );
  });

  it("GIVEN a directory with a stricter mode THEN it is pending if the provider created it, otherwise not", () => {
    const facts = { "/l": fact({ kind: "directory", mode: "0700" }) };
    expect(pending({ facts, entries: [...CLAIMS, ["directory", "/l"]] })).toBe(
      "/l has mode 0700 instead of 0755",
    );
    expect(pending({ facts })).toBeNull();
  });
});

describe("a resource of which nothing is there", () => {
  const facts = Object.fromEntries(Object.keys(AS_DECLARED).map((path) => [path, undefined]));

  it("GIVEN the host knows neither claim nor pending activation of it THEN it is gone", () => {
    expect(look(PRIOR, { facts, entries: [] }).state).toBeNull();
  });

  it.each<[string, LedgerEntry]>([
    ["a claim", ["claim", "stack", "token", "/d/pem"]],
    ["a pending activation", ["owe", "dovecot", "1", "token"]],
  ])("GIVEN the host knows %s of it THEN it is there still, for a delete to end", (_, entry) => {
    expect(look(PRIOR, { facts, entries: [entry] }).state).not.toBeNull();
  });

  it("GIVEN something of another kind instead THEN it is gone", () => {
    const other = { ...facts, "/d/pem": fact({ kind: "link", target: "x" }) };
    expect(look(PRIOR, { facts: other, entries: [] }).state).toBeNull();
  });

  it("GIVEN one remaining file, of any owner, THEN the resource still exists", () => {
    expect(
      look(PRIOR, { facts: { ...facts, "/d/pem": AS_DECLARED["/d/pem"] }, entries: [] }).state,
    ).not.toBeNull();
  });

  it("GIVEN it never declared anything THEN it is not gone", () => {
    expect(look(hostFiles({ files: {} }), { facts, entries: [] }).state).not.toBeNull();
  });
});
