import "reflect-metadata";
import { X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { beforeAll, describe, expect, it } from "vitest";
import { TrustStore } from "../../../../lib/cli/verify/chain/trust-store";
import { certificateFindings } from "../../../../lib/cli/verify/judgement/certificate-findings";
import { derEncoded } from "../../../../lib/shared/der";
import { asVersion1, type IssuedCertificate, type IssueOptions, issue } from "../../../support/certificates";
import { dnsName, subtree } from "../support/odd-chains";

const DAY_MS = 86_400_000;
const YEAR = { notBefore: new Date(Date.now() - 30 * DAY_MS), notAfter: new Date(Date.now() + 335 * DAY_MS) };

let root: IssuedCertificate;

beforeAll(async () => {
  root = await ca("Root", {});
});

const ca = (name: string, options: IssueOptions) =>
  issue({ subject: `CN=${name}`, ca: true, ...YEAR, ...options });
const leafOf = (issuer: IssuedCertificate | undefined, options: IssueOptions = {}) =>
  issue({
    subject: "CN=domain1.tld",
    dnsNames: ["domain1.tld"],
    ...(issuer !== undefined && { issuer }),
    ...YEAR,
    ...options,
  });

function found(trusted: string, ...sent: [string, ...string[]]): string[] {
  const trust = new TrustStore([new X509Certificate(trusted)]);
  const [leaf, ...others] = sent.map((pem) => new X509Certificate(pem)) as [X509Certificate];
  return certificateFindings([leaf, ...others], { trust, at: new Date() }).map(
    ({ severity, code, problem }) => `${severity} ${code} ${problem}`,
  );
}

const only = (list: string[]) => {
  expect(list).toHaveLength(1);
  return list[0];
};

const nameConstraints = (tag: 0xa0 | 0xa1, ...bases: string[]) =>
  new x509.Extension(
    "2.5.29.30",
    true,
    derEncoded(0x30, derEncoded(tag, ...bases.map((base) => subtree(dnsName(base))))),
  );
const limit = (pathLength: number) => new x509.BasicConstraintsExtension(true, pathLength, true);

describe("a chain that leads to a trusted root, and that clients refuse", () => {
  it("GIVEN a CA that may not issue for the name THEN the name and the CA are told", async () => {
    const limited = await ca("Limited", { issuer: root, extensions: [nameConstraints(0xa0, "example.org")] });
    const leaf = await leafOf(limited);
    expect(only(found(root.pem, leaf.pem, limited.pem))).toBe(
      "error VERIFY_NAME_NOT_PERMITTED Clients refuse the chain: CN=domain1.tld is for domain1.tld, which is not in the permitted names (name constraints) of CN=Limited.",
    );
  });

  it("GIVEN a name that a CA excludes THEN that is told, also where that CA is the root and was not sent", async () => {
    const limited = await ca("Limited root", { extensions: [nameConstraints(0xa1, "tld")] });
    expect(only(found(limited.pem, (await leafOf(limited)).pem))).toContain(
      "is for domain1.tld, which is in the excluded names (name constraints) of CN=Limited root",
    );
  });

  it("GIVEN a name that a CA permits THEN nothing is wrong", async () => {
    const limited = await ca("Limited", { issuer: root, extensions: [nameConstraints(0xa0, "domain1.tld")] });
    const names = { dnsNames: ["domain1.tld", "imap.domain1.tld", "*.domain1.tld"] };
    expect(found(root.pem, (await leafOf(limited, names)).pem, limited.pem)).toEqual([]);
  });

  it("GIVEN more CAs than one allows below it THEN both numbers are told", async () => {
    const short = await issue({ subject: "CN=Short", issuer: root, extensions: [limit(0)], ...YEAR });
    const below = await ca("Below", { issuer: short });
    expect(only(found(root.pem, (await leafOf(below)).pem, below.pem, short.pem))).toContain(
      "VERIFY_PATH_TOO_LONG Clients refuse the chain: CN=Short allows no CA below it (pathLenConstraint), and there is 1",
    );
    expect(found(root.pem, (await leafOf(short)).pem, short.pem)).toEqual([]);
  });

  it("GIVEN a CA that renewed its own certificate THEN that counts for no further CA", async () => {
    const short = await issue({ subject: "CN=Short", issuer: root, extensions: [limit(0)], ...YEAR });
    const renewed = await ca("Short", { issuer: short });
    expect(found(root.pem, (await leafOf(renewed)).pem, renewed.pem, short.pem)).toEqual([]);
  });

  it("GIVEN a critical extension that clients do not know THEN it is told", async () => {
    const extensions = [new x509.Extension("1.2.3.4", true, Buffer.of(5, 0))];
    expect(only(found(root.pem, (await leafOf(root, { extensions })).pem))).toContain(
      "VERIFY_EXTENSION_UNKNOWN Clients refuse the chain: CN=domain1.tld has the critical extension 1.2.3.4",
    );
  });

  it("GIVEN an extension that cannot be parsed, or that occurs twice THEN it is told", async () => {
    const text = [new x509.Extension("2.5.29.37", false, Buffer.from("text"))];
    const twice = [1, 2].map((value) => new x509.Extension("1.2.3.4", false, Buffer.of(2, 1, value)));
    expect(only(found(root.pem, (await leafOf(root, { extensions: text })).pem))).toContain(
      "VERIFY_EXTENSION_UNREADABLE Clients refuse the chain: the extension 2.5.29.37 of CN=domain1.tld",
    );
    expect(only(found(root.pem, (await leafOf(root, { extensions: twice })).pem))).toContain(
      "the extension 1.2.3.4 of CN=domain1.tld cannot be parsed, or occurs twice",
    );
  });

  it("GIVEN an issuer that is no CA THEN it is not called missing", async () => {
    const server = await leafOf(root, { subject: "CN=server.tld" });
    expect(only(found(root.pem, (await leafOf(server)).pem, server.pem))).toContain(
      "VERIFY_ISSUER_NOT_A_CA Clients refuse the chain: CN=server.tld has issued CN=domain1.tld, but is not a CA",
    );
  });

  it("GIVEN a CA whose key may not sign certificates THEN that is told", async () => {
    const usage = [new x509.KeyUsagesExtension(x509.KeyUsageFlags.cRLSign, true)];
    const silent = await ca("Silent", { issuer: root, extensions: usage });
    expect(only(found(root.pem, (await leafOf(silent)).pem, silent.pem))).toContain(
      "CN=Silent has issued CN=domain1.tld, but its key usage lacks keyCertSign",
    );
  });

  it("GIVEN a certificate that names another key of its issuer THEN that is told", async () => {
    const identifier = await x509.SubjectKeyIdentifierExtension.create(root.keys.publicKey);
    const named = await ca("Named", { extensions: [identifier] });
    const other = await x509.AuthorityKeyIdentifierExtension.create(named.keys.publicKey);
    expect(only(found(named.pem, (await leafOf(named, { extensions: [other] })).pem))).toContain(
      "VERIFY_ISSUER_MISMATCH Clients refuse the chain: CN=domain1.tld names another key of its issuer than CN=Named has",
    );
  });

  it("GIVEN a CA for client certificates alone THEN it is told, and the leaf is not blamed", async () => {
    const clients = await ca("Clients", { issuer: root, extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"] });
    expect(only(found(root.pem, (await leafOf(clients)).pem, clients.pem))).toContain(
      "VERIFY_NOT_FOR_SERVERS Clients refuse the chain: CN=Clients is not for TLS servers, nor is what it issues",
    );
  });

  it.each([
    ["nothing that TLS servers do", x509.KeyUsageFlags.dataEncipherment, "error VERIFY_NOT_FOR_SERVERS"],
    ["no signatures", x509.KeyUsageFlags.keyEncipherment, "warning VERIFY_NOT_FOR_SERVERS"],
  ])("GIVEN a leaf whose key usage allows %s THEN that is told once", async (_, usage, expected) => {
    const extensions = [new x509.KeyUsagesExtension(usage, true)];
    expect(only(found(root.pem, (await leafOf(root, { extensions })).pem))).toContain(expected);
  });
});

describe("a chain that clients accept", () => {
  it("GIVEN a root of X.509 version 1, as `openssl x509 -req -signkey` makes one, THEN nothing is wrong", async () => {
    const old = asVersion1(root);
    expect(found(old, (await leafOf(root)).pem)).toEqual([]);
    expect(found(old, (await leafOf(root)).pem, old)).toEqual([]);
  });

  it("GIVEN two certificates of one CA, of which one has expired or is limited, THEN the other one counts", async () => {
    const keys = (await ca("Twice", { issuer: root })).keys;
    const good = await ca("Twice", { issuer: root, keys });
    const expired = await ca("Twice", { issuer: root, keys, notAfter: new Date(Date.now() - DAY_MS) });
    const limited = await ca("Twice", { issuer: root, keys, extensions: [nameConstraints(0xa1, "tld")] });
    const leaf = await leafOf(good);
    for (const other of [expired, limited]) {
      expect(
        found(root.pem, leaf.pem, other.pem, good.pem).filter((line) => line.startsWith("error")),
      ).toEqual([]);
      expect(found(root.pem, leaf.pem, other.pem)).toHaveLength(1);
    }
  });
});

describe("what a hostile server sends", () => {
  it("GIVEN CAs that have issued each other in every way THEN the chain is judged", async () => {
    const issuer = await ca("Ring", {});
    const ring = await Promise.all(
      Array.from({ length: 40 }, () => ca("Ring", { keys: issuer.keys, issuer })),
    );
    const leaf = await leafOf(issuer);
    expect(found(root.pem, leaf.pem, ...ring.map(({ pem }) => pem))).toContainEqual(
      expect.stringContaining("VERIFY_UNTRUSTED"),
    );
  });

  it("GIVEN thousands of names and of subtrees THEN they are not all compared", async () => {
    const bases = Array.from({ length: 2000 }, (_, index) => `d${index}.tld`);
    const limited = await ca("Limited", { issuer: root, extensions: [nameConstraints(0xa0, ...bases)] });
    const leaf = await leafOf(limited, { dnsNames: bases });
    expect(only(found(root.pem, leaf.pem, limited.pem))).toContain(
      "CN=domain1.tld has more names than can be compared with the name constraints of CN=Limited",
    );
  });
});
