import { describe, expect, it } from "vitest";
import { Ledger } from "../../../../lib/provider/host/record/ledger";
import { type ServiceStatement, Statements } from "../../../../lib/provider/host/services/enquiry";
import { NameBlocks } from "../../../../lib/provider/host/services/name-blocks";
import type { HostFiles } from "../../../../lib/provider/resources/host-files/schema";
import { notServed, servedBy } from "../../../../lib/provider/resources/host-files/served-state";
import { sha256 } from "../../../../lib/shared/sha256";
import { file, hostFiles } from "./support";

const PEM = "/etc/dovecot/a.pem";
const SNIPPET = "/etc/dovecot/a.conf";

function state(parts: Partial<HostFiles> = {}): HostFiles {
  return {
    ...hostFiles({
      files: {
        "/var/qmail/a.pem": file({ service: "qmail" }),
        [PEM]: file({ service: "dovecot" }),
        [SNIPPET]: file({ service: "dovecot", text: "snippet" }),
      },
    }),
    names: ["a.test", "imap.a.test"],
    ...parts,
  };
}

function said(
  statement: Partial<ServiceStatement>,
  choices: Readonly<Record<string, string>> = {},
  text = "snippet",
) {
  const statements = new Statements();
  statements.note("dovecot", { isInstalled: true, ...statement }, new NameBlocks([], "first"));
  for (const [name, path] of Object.entries(choices)) {
    statements.noteChoice({ service: "dovecot", name, rival: name }, { file: path, place: "/x.conf:3" });
  }
  const fact = { kind: "file", mode: "0644", uid: "0", gid: "0", owner: "root", group: "root" } as const;
  const facts = new Map([[SNIPPET, { ...fact, sha256: sha256(text) }]]);
  return { facts, ledger: new Ledger(), texts: new Map(), warnings: [], statements };
}

describe("what services are asked to present", () => {
  it("THEN it is that of services with a configuration here; of base and default no names", () => {
    expect(servedBy(state())).toEqual([
      { service: "dovecot", certificate: PEM, names: ["a.test", "imap.a.test"] },
    ]);
    expect(servedBy(state({ role: "default" }))).toEqual([
      { service: "dovecot", certificate: PEM, names: [] },
    ]);
    expect(servedBy(state({ files: {} }))).toEqual([]);
  });
});

describe("what is not served", () => {
  it.each([
    ["nothing was asked", {}, undefined, null],
    ["all is well", {}, said({ defaultCertificate: "/other.pem" }, { "a.test": PEM }), null],
    [
      "a name is taken",
      {},
      said({}, { "a.test": PEM, "imap.a.test": "/other.pem" }),
      `clients that request imap.a.test get the certificate in /other.pem instead of that in ${PEM} (/x.conf:3)`,
    ],
    [
      "a name is taken, and the snippet is not as it should be",
      {},
      said({}, { "a.test": "/o" }, "edited"),
      null,
    ],
    [
      "there is another default",
      { role: "default" },
      said({ defaultCertificate: "/other.pem" }),
      `clients without SNI get the certificate in /other.pem instead of that in ${PEM}`,
    ],
    [
      "there is no default",
      { role: "default" },
      said({ defaultCertificate: "" }),
      `clients without SNI get no certificate instead of that in ${PEM}`,
    ],
    ["nobody can say which is the default", { role: "default" }, said({}), null],
    ["it is not read", { role: "base" }, said({ reads: false }), `dovecot does not read ${SNIPPET}`],
    ["it is read", { role: "base" }, said({ reads: true }), null],
    ["it is not installed", { role: "base" }, said({ isInstalled: false }), "dovecot is not installed"],
    [
      "it is another version",
      { role: "base" },
      said({ otherVersion: "2.4", reads: false }),
      "dovecot is version 2.4, but another version is declared",
    ],
    ["a certificate's host is not as it was declared", {}, said({ otherVersion: "2.4", reads: false }), null],
  ] as const)("GIVEN %s THEN that is said, or nothing", (_, parts, observation, expected) => {
    const nothing = { ...said({}), statements: undefined };
    expect(notServed(state(parts), observation ?? nothing)).toBe(expected);
  });
});

describe("a name that another resource of the same state has", () => {
  const moving = (place?: string) => {
    const { statements, ledger, ...more } = said({});
    statements.noteChoice(
      { service: "dovecot", name: "imap.a.test", rival: "imap.a.test" },
      { file: "/etc/dovecot/b.pem", place },
    );
    ledger.record([
      ["claim", "mail", "a", PEM],
      ["claim", "mail", "b", "/etc/dovecot/b.pem"],
    ]);
    return { ...more, statements, ledger };
  };

  it("THEN the text says that it moves", () => {
    expect(notServed(state(), moving())).toBe(
      'clients that request imap.a.test get the certificate in /etc/dovecot/b.pem until another resource of stack "mail" ' +
        "gives that name up: apply that change, too",
    );
  });

  it("GIVEN that the block has no owner THEN the text has its place", () => {
    expect(notServed(state(), moving("/x.conf:3"))).toBe(
      `clients that request imap.a.test get the certificate in /etc/dovecot/b.pem instead of that in ${PEM} (/x.conf:3)`,
    );
  });
});
