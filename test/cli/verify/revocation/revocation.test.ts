import "reflect-metadata";
import { X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { beforeAll, describe, expect, it } from "vitest";
import { TrustStore } from "../../../../lib/cli/verify/chain/trust-store";
import { Revocation } from "../../../../lib/cli/verify/revocation/revocation";
import { UnusableList } from "../../../../lib/cli/verify/revocation/revocation-list";
import { type IssuedCertificate, issue } from "../../../support/certificates";
import {
  issuingDistributionPoint,
  type ListOptions,
  publishedAt,
  revocationList,
} from "../support/revocation-lists";

const URL = "http://crl.test/1.crl";
const NOW = new Date();

describe("Revocation", () => {
  let root: IssuedCertificate;
  let leaf: IssuedCertificate;

  beforeAll(async () => {
    root = await issue({ subject: "CN=Root", ca: true });
    leaf = await issueLeaf();
  });

  const issueLeaf = (...urls: string[]) =>
    issue({
      subject: "CN=leaf",
      issuer: root,
      dnsNames: ["imap.test"],
      extensions: [publishedAt(...(urls.length > 0 ? urls : [URL]))],
    });

  /** What is published where; and what was fetched. */
  function asked(lists: Readonly<Record<string, Buffer | UnusableList>>, trusted = [root]) {
    const fetched: string[] = [];
    const download = async (url: string) => {
      fetched.push(url);
      const list = lists[url] ?? new UnusableList("cannot be fetched: the server answers with status 404");
      if (list instanceof UnusableList) throw list;
      return list;
    };
    const trust = new TrustStore(trusted.map(parsed));
    const revocation = new Revocation({ download, trust, at: NOW });
    const findings = (certificate: IssuedCertificate, ...chain: IssuedCertificate[]) =>
      revocation.findings([parsed(certificate), ...chain.map(parsed)]);
    return { findings, fetched };
  }

  const findingsWith = async (options: Partial<ListOptions>) =>
    asked({ [URL]: await revocationList({ issuer: root, ...options }) }).findings(leaf);

  it("GIVEN a list that has it THEN it is revoked, with date and reason", async () => {
    const other = await issueLeaf();
    expect(await findingsWith({ revoked: [other, leaf] })).toEqual([
      expect.objectContaining({
        code: "VERIFY_REVOKED",
        severity: "error",
        problem: "The certificate CN=leaf was revoked by its CA on 2026-01-02 (key compromise).",
      }),
    ]);
  });

  it("GIVEN a list that has others alone, or none THEN there is nothing to say", async () => {
    expect(await findingsWith({ revoked: [await issueLeaf()] })).toEqual([]);
    expect(await findingsWith({})).toEqual([]);
  });

  it("GIVEN an intermediate certificate that was revoked THEN that is said", async () => {
    const intermediate = await issue({
      subject: "CN=Intermediate",
      ca: true,
      issuer: root,
      extensions: [publishedAt("http://crl.test/root.crl")],
    });
    const below = await issue({ issuer: intermediate, extensions: [publishedAt(URL)], subject: "CN=below" });
    const { findings } = asked({
      [URL]: await revocationList({ issuer: intermediate }),
      "http://crl.test/root.crl": await revocationList({ issuer: root, revoked: [intermediate] }),
    });
    const found = await findings(below, intermediate);
    expect(found.map(({ code }) => code)).toEqual(["VERIFY_REVOKED"]);
    expect(found[0]?.problem).toContain("CN=Intermediate");
  });

  it("GIVEN a certificate that the holder of another one has signed THEN nothing is fetched from where it says", async () => {
    const forged = await issue({
      issuer: leaf,
      dnsNames: ["imap.test"],
      extensions: [publishedAt("http://inside.test/")],
    });
    const { findings, fetched } = asked({});
    expect(await findings(forged, leaf)).toEqual([]);
    expect(fetched).toEqual([]);
  });

  it.each<[why: string, options: () => Promise<Partial<ListOptions>>, reason: string]>([
    [
      "that another CA has signed",
      async () => ({ signer: await issue({ subject: "CN=Root", ca: true }) }),
      "is not signed by the certificate's issuer",
    ],
    [
      "that another CA with the same key has issued",
      async () => ({ issuer: await issue({ subject: "CN=Other", ca: true, keys: root.keys }) }),
      "is not signed by the certificate's issuer",
    ],
    ["of yesterday", async () => ({ nextUpdate: new Date(+NOW - 1000) }), "is out of date since"],
    ["without an end", async () => ({ nextUpdate: null }), "does not say until when it is valid"],
    [
      "in place of another shard",
      async () => ({ extensions: [issuingDistributionPoint({ url: "http://crl.test/2.crl" })] }),
      "is for other certificates",
    ],
    [
      "for CAs alone",
      async () => ({ extensions: [issuingDistributionPoint({ tag: 0x82 })] }),
      "is for other certificates",
    ],
    [
      "for some reasons",
      async () => ({ extensions: [issuingDistributionPoint({ tag: 0x83 })] }),
      "is for other certificates",
    ],
    [
      "of other issuers",
      async () => ({ extensions: [issuingDistributionPoint({ tag: 0x84 })] }),
      "is for other certificates",
    ],
    [
      "that has changes alone",
      async () => ({ extensions: [new x509.Extension("2.5.29.27", true, Buffer.of(2, 1, 1))] }),
      "has the critical extension 2.5.29.27, which is not known",
    ],
  ])("GIVEN a list %s THEN it is not used, and that is a warning", async (_, options, reason) => {
    const found = await findingsWith(await options());
    expect(found).toEqual([
      expect.objectContaining({ code: "VERIFY_REVOCATION_UNKNOWN", severity: "warning" }),
    ]);
    expect(found[0]?.problem).toContain(`The list at ${URL} ${reason}`);
  });

  it("GIVEN the list of its shard, for leaves alone THEN it is used", async () => {
    expect(
      await findingsWith({ extensions: [issuingDistributionPoint({ url: URL })], revoked: [leaf] }),
    ).toMatchObject([{ code: "VERIFY_REVOKED" }]);
    expect(await findingsWith({ extensions: [issuingDistributionPoint({ tag: 0x81 })] })).toEqual([]);
  });

  it("GIVEN what is no list THEN that is a warning", async () => {
    const { findings } = asked({ [URL]: Buffer.from("<html>") });
    expect((await findings(leaf))[0]?.problem).toContain("is no certificate revocation list");
  });

  it("GIVEN a second place THEN it is asked where the first has nothing", async () => {
    const second = "http://second.test/1.crl";
    const twice = await issueLeaf(URL, second);
    const { findings } = asked({ [second]: await revocationList({ issuer: root, revoked: [twice] }) });
    expect(await findings(twice)).toMatchObject([{ code: "VERIFY_REVOKED" }]);
  });

  it("GIVEN a certificate that names no list, or none over HTTP THEN that is a note", async () => {
    const bare = await issue({ issuer: root, subject: "CN=bare" });
    const ldap = await issueLeaf("ldap://crl.test/cn=x", "file:///etc/passwd");
    const { findings, fetched } = asked({});
    for (const certificate of [bare, ldap]) {
      expect(await findings(certificate)).toMatchObject([
        { code: "VERIFY_REVOCATION_UNKNOWN", severity: "note" },
      ]);
    }
    expect(fetched).toEqual([]);
  });

  it("GIVEN a chain that is not trusted THEN nothing is fetched", async () => {
    const { findings, fetched } = asked({}, []);
    expect(await findings(leaf, root)).toEqual([]);
    expect(fetched).toEqual([]);
  });

  it("GIVEN several certificates in one list THEN it is fetched once", async () => {
    const others = [await issueLeaf(), await issueLeaf()];
    const { findings, fetched } = asked({ [URL]: await revocationList({ issuer: root }) });
    for (const certificate of [leaf, ...others, leaf]) expect(await findings(certificate)).toEqual([]);
    expect(fetched).toEqual([URL]);
  });

  it("GIVEN a server that fails twice THEN it is not asked a third time", async () => {
    const { findings, fetched } = asked({});
    for (let shard = 1; shard <= 4; shard++) {
      await findings(await issueLeaf(`http://crl.test/${shard}.crl`));
    }
    expect(fetched).toEqual(["http://crl.test/1.crl", "http://crl.test/2.crl"]);
  });
});

function parsed({ pem }: IssuedCertificate): X509Certificate {
  return new X509Certificate(pem);
}
