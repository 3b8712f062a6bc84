import { execFileSync } from "node:child_process";
import { generateKeyPairSync, webcrypto } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { type Inspection, inspectCombinedPem } from "../../lib/shared/combined-pem";
import { parseHostName } from "../../lib/shared/host-name";
import { type IssuedCertificate, issue, withoutDate } from "../support/certificates";

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const names = ["domain1.tld", "imap.domain1.tld"].map(parseHostName);
const at = new Date();

let root: IssuedCertificate;
let intermediate: IssuedCertificate;
let leaf: IssuedCertificate;
let foreign: IssuedCertificate;

beforeAll(async () => {
  root = await issue({ subject: "CN=Root, O=Test", ca: true });
  intermediate = await issue({ subject: "CN=Intermediate", issuer: root, ca: true });
  const dnsNames = ["domain1.tld", "*.Domain1.tld"];
  leaf = await issue({
    subject: "CN=domain1.tld",
    issuer: intermediate,
    dnsNames,
    extendedKeyUsage: [SERVER_AUTH, CLIENT_AUTH],
  });
  foreign = await issue({ subject: "CN=Foreign", ca: true });
});

const inspect = (text: string, options: Partial<Parameters<typeof inspectCombinedPem>[1]> = {}): Inspection =>
  inspectCombinedPem(text, { names, at, ...options });

const codes = (...given: Parameters<typeof inspect>) => {
  const inspection = inspect(...given);
  return inspection.ok ? [] : inspection.problems.map(({ code }) => code);
};

describe("inspectCombinedPem", () => {
  it("GIVEN key, leaf and chain THEN it says what is presented", () => {
    const inspection = inspect(leaf.keyPem + leaf.pem + intermediate.pem);
    expect(inspection).toMatchObject({
      ok: true,
      warnings: [],
      certificate: {
        leaf: {
          subject: "CN=domain1.tld",
          issuer: "CN=Intermediate",
          dnsNames: ["domain1.tld", "*.Domain1.tld"],
        },
        chain: [{ pem: intermediate.pem, subject: "CN=Intermediate", issuer: "CN=Root, O=Test" }],
      },
    });
    if (!inspection.ok) return;
    const facts = inspection.certificate.leaf;
    const openssl = (...args: string[]) =>
      execFileSync("openssl", ["x509", "-noout", ...args], { input: leaf.pem, encoding: "utf8" }).trim();
    expect(facts.fingerprintSha256).toBe(
      openssl("-fingerprint", "-sha256").replace(/^.*=/, "").replaceAll(":", "").toLowerCase(),
    );
    expect(facts.serial).toBe(openssl("-serial").replace("serial=", "").toLowerCase());
    const spki = execFileSync("openssl", ["pkey", "-pubin", "-outform", "DER"], {
      input: openssl("-pubkey"),
    });
    expect(facts.spkiSha256).toBe(
      execFileSync("openssl", ["dgst", "-sha256", "-r"], { input: spki, encoding: "utf8" }).slice(0, 64),
    );
    expect(facts.notAfter).toEqual(leaf.certificate.notAfter);
  });

  it("GIVEN the root at the end, or none THEN both are fine", () => {
    expect(codes(leaf.keyPem + leaf.pem + intermediate.pem + root.pem)).toEqual([]);
    expect(codes(leaf.keyPem + leaf.pem)).toEqual([]);
  });

  it("GIVEN the key behind or between the certificates THEN it is fine, as servers read it", () => {
    expect(codes(leaf.pem + intermediate.pem + leaf.keyPem)).toEqual([]);
    expect(codes(leaf.pem + leaf.keyPem + intermediate.pem)).toEqual([]);
  });

  it("GIVEN a self-signed leaf THEN it is fine alone, and not with a chain", async () => {
    const self = await issue({ dnsNames: ["domain1.tld", "imap.domain1.tld"] });
    expect(codes(self.keyPem + self.pem)).toEqual([]);
    expect(codes(self.keyPem + self.pem + root.pem)).toEqual(["CHAIN_BROKEN"]);
  });

  it("GIVEN keys in the forms that OpenSSL writes THEN they are read", () => {
    const sec1 = execFileSync("openssl", ["ec"], { input: leaf.keyPem, encoding: "utf8", stdio: "pipe" });
    const parameters = execFileSync("openssl", ["ecparam", "-name", "prime256v1"], { encoding: "utf8" });
    expect(sec1).toContain("EC PRIVATE KEY");
    expect(codes(parameters + sec1 + leaf.pem)).toEqual([]);
  });

  it("GIVEN only certificates are wanted THEN the key may and must be absent", () => {
    expect(codes(leaf.pem + intermediate.pem, { withKey: false })).toEqual([]);
    expect(codes(leaf.keyPem + leaf.pem, { withKey: false })).toEqual(["KEY_UNWANTED"]);
    expect(codes(intermediate.pem + leaf.pem, { withKey: false })).toEqual(["LEAF_NOT_FIRST"]);
  });

  it("GIVEN text without any block THEN that alone is told", () => {
    expect(codes("")).toEqual(["PEM_EMPTY"]);
    expect(codes("garbage")).toEqual(["PEM_NO_BLOCK"]);
  });

  it("GIVEN no key, or no certificate THEN it is refused", () => {
    expect(codes(leaf.pem)).toEqual(["KEY_MISSING"]);
    expect(codes(leaf.keyPem)).toEqual(["CERTIFICATE_MISSING"]);
  });

  it("GIVEN an encrypted key, in both forms THEN it is refused", () => {
    const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const secret = { cipher: "aes-256-cbc", passphrase: "S3CR3T", format: "pem" } as const;
    const pkcs8 = pair.privateKey.export({ type: "pkcs8", ...secret });
    const pkcs1 = pair.privateKey.export({ type: "pkcs1", ...secret });
    expect(codes(pkcs8 + leaf.pem)).toEqual(["KEY_ENCRYPTED"]);
    expect(codes(pkcs1 + leaf.pem)).toEqual(["KEY_ENCRYPTED"]);
  });

  it("GIVEN a damaged key or certificate THEN it is refused", () => {
    const damaged = (pem: string) => pem.replace(/\n[A-Za-z0-9+/]{20}/, `\n${"A".repeat(20)}`);
    expect(codes(damaged(leaf.keyPem) + leaf.pem)).toEqual(["KEY_UNREADABLE"]);
    expect(codes(leaf.keyPem + damaged(leaf.pem))).toEqual(["CERTIFICATE_UNREADABLE"]);
    expect(codes(leaf.keyPem + leaf.pem + damaged(root.pem))).toEqual(["CERTIFICATE_UNREADABLE"]);
  });

  it.each(["notBefore", "notAfter"] as const)("GIVEN a %s that is not a date THEN it is refused", (end) => {
    expect(codes(leaf.keyPem + withoutDate(leaf, end))).toEqual(["CERTIFICATE_UNREADABLE"]);
    expect(codes(leaf.keyPem + leaf.pem + withoutDate(intermediate, end))).toEqual([
      "CERTIFICATE_UNREADABLE",
    ]);
  });

  it("GIVEN an RSA and an ECDSA pair THEN it is refused: the second is not served as a second one", () => {
    expect(codes(leaf.keyPem + leaf.pem + foreign.keyPem + foreign.pem)).toContain("KEY_SEVERAL");
  });

  it("GIVEN the key of another certificate THEN it is refused", () => {
    expect(codes(foreign.keyPem + leaf.pem + intermediate.pem)).toEqual(["KEY_MISMATCH"]);
  });

  it("GIVEN key, chain, leaf THEN it says that the leaf is not the first one", () => {
    const inspection = inspect(leaf.keyPem + intermediate.pem + leaf.pem);
    expect(inspection).toMatchObject({ ok: false, problems: [{ code: "LEAF_NOT_FIRST" }] });
    expect(inspection.ok ? "" : inspection.problems[0]?.problem).toContain(
      "certificate 2 of 2 (CN=domain1.tld)",
    );
  });

  it("GIVEN root before intermediate THEN the order is named", () => {
    expect(codes(leaf.keyPem + leaf.pem + root.pem + intermediate.pem)).toEqual(["CHAIN_ORDER"]);
  });

  it("GIVEN a foreign or a missing link THEN the chain is broken", () => {
    expect(codes(leaf.keyPem + leaf.pem + foreign.pem)).toEqual(["CHAIN_BROKEN"]);
    expect(codes(leaf.keyPem + leaf.pem + intermediate.pem + foreign.pem)).toEqual(["CHAIN_BROKEN"]);
    expect(codes(leaf.keyPem + leaf.pem + root.pem)).toEqual(["CHAIN_BROKEN"]);
  });

  it("GIVEN an issuer of the same name with another key, or that is no CA THEN the chain is broken", async () => {
    const impostor = await issue({ subject: "CN=Intermediate", ca: true });
    expect(codes(leaf.keyPem + leaf.pem + impostor.pem)).toEqual(["CHAIN_BROKEN"]);
    const noCa = await issue({ subject: "CN=Intermediate", issuer: root, keys: intermediate.keys });
    expect(codes(leaf.keyPem + leaf.pem + noCa.pem)).toEqual(["CHAIN_BROKEN"]);
  });

  it("GIVEN fullchain.pem in the place of chain.pem THEN the repetition is named", () => {
    expect(codes(leaf.keyPem + leaf.pem + leaf.pem + intermediate.pem)).toEqual(["CHAIN_DUPLICATE"]);
  });

  it("GIVEN a leaf alone that says where its issuer can be fetched THEN that is a warning", async () => {
    const options = { issuer: intermediate, dnsNames: names, caIssuersUrl: "http://ca.tld/i.cer" };
    const alone = await issue({ subject: "CN=domain1.tld", ...options });
    expect(inspect(alone.keyPem + alone.pem)).toMatchObject({
      ok: true,
      warnings: [{ code: "CHAIN_MISSING" }],
    });
    expect(inspect(alone.keyPem + alone.pem + intermediate.pem)).toMatchObject({ ok: true, warnings: [] });
  });

  it("GIVEN a leaf or an issuer that is not valid at that time THEN it is refused, even after an earlier check accepted it", async () => {
    const short = await issue({
      subject: "CN=Short",
      issuer: root,
      ca: true,
      notAfter: new Date(+at + 60_000),
    });
    const below = await issue({ subject: "CN=b", issuer: short, dnsNames: names });
    const text = below.keyPem + below.pem + short.pem;
    expect(codes(text)).toEqual([]);
    expect(codes(text, { at: new Date(+at + 120_000) })).toEqual(["CERTIFICATE_EXPIRED"]);
    expect(codes(text, { at: new Date(+at + 86_400_000) })).toEqual([
      "CERTIFICATE_EXPIRED",
      "CERTIFICATE_EXPIRED",
    ]);
    expect(codes(text, { at: new Date(0) })).toEqual([
      "CERTIFICATE_NOT_YET_VALID",
      "CERTIFICATE_NOT_YET_VALID",
    ]);
    expect(codes(text)).toEqual([]);
  });

  it("GIVEN names that the leaf does not cover THEN exactly those are named", () => {
    const asked = [...names, parseHostName("other.tld"), parseHostName("a.b.domain1.tld")];
    const inspection = inspect(leaf.keyPem + leaf.pem, { names: asked });
    expect(inspection).toMatchObject({ ok: false, problems: [{ code: "CERTIFICATE_NAMES_MISSING" }] });
    expect(inspection.ok ? "" : inspection.problems[0]?.problem).toContain(
      "does not cover other.tld, a.b.domain1.tld; its names are domain1.tld, *.Domain1.tld.",
    );
  });

  it("GIVEN a name in the CN only THEN it is not covered", async () => {
    const old = await issue({ subject: "CN=domain1.tld" });
    expect(codes(old.keyPem + old.pem)).toEqual(["CERTIFICATE_NAMES_MISSING"]);
  });

  it("GIVEN a certificate for clients only THEN it is refused", async () => {
    const client = await issue({ dnsNames: names, extendedKeyUsage: [CLIENT_AUTH] });
    expect(codes(client.keyPem + client.pem)).toEqual(["CERTIFICATE_NOT_FOR_SERVERS"]);
  });

  it("GIVEN an RSA key that servers refuse to load THEN it is refused", () => {
    const rsa1024 = execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "rsa:1024",
        "-nodes",
        "-subj",
        "/CN=a",
        "-addext",
        "subjectAltName=DNS:domain1.tld,DNS:imap.domain1.tld",
        "-keyout",
        "-",
      ],
      { encoding: "utf8", stdio: "pipe" },
    );
    const inAnHour = new Date(+at + 3_600_000);
    expect(codes(rsa1024, { at: inAnHour })).toEqual(["KEY_WEAK"]);
  });

  it("GIVEN blocks that servers have no use for THEN they are named", async () => {
    const spki = Buffer.from(await webcrypto.subtle.exportKey("spki", leaf.keys.publicKey)).toString(
      "base64",
    );
    const publicKey = `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`;
    expect(codes(leaf.keyPem + leaf.pem + publicKey)).toEqual(["CERTIFICATE_UNEXPECTED_BLOCK"]);
  });

  it("GIVEN what is wanted in another form THEN it says how to convert it", () => {
    const said = (text: string) => {
      const inspection = inspect(text);
      return inspection.ok ? [] : inspection.problems.map(({ message }) => message);
    };
    const relabelled = (pem: string, label: string) =>
      pem.replaceAll(/(BEGIN|END) (?:PRIVATE KEY|CERTIFICATE)/g, `$1 ${label}`);
    expect(said(relabelled(leaf.keyPem, "OPENSSH PRIVATE KEY") + leaf.pem)[0]).toContain(
      "ssh-keygen -p -N ''",
    );
    expect(said(leaf.keyPem + relabelled(leaf.pem, "TRUSTED CERTIFICATE"))[0]).toContain(
      "openssl x509 -in FILE",
    );
    expect(said(leaf.keyPem + relabelled(leaf.pem, "PKCS7"))[0]).toContain("openssl pkcs7 -print_certs");
    expect(said(leaf.keyPem + relabelled(leaf.pem, "X509 CERTIFICATE"))).toEqual([]);
  });

  it("GIVEN several things wrong at once THEN all are told, without a byte of the key", async () => {
    const old = await issue({ dnsNames: ["domain2.tld"], notAfter: new Date(+at - 1000) });
    const text = (old.keyPem.trimEnd() + old.pem + root.pem).trimEnd();
    const inspection = inspect(text);
    expect(inspection.ok ? [] : inspection.problems.map(({ code }) => code)).toEqual([
      "PEM_NOT_SEPARATED",
      "PEM_NO_FINAL_NEWLINE",
      "CHAIN_BROKEN",
      "CERTIFICATE_EXPIRED",
      "CERTIFICATE_NAMES_MISSING",
    ]);
    const told = JSON.stringify(
      inspection,
      Object.getOwnPropertyNames(new Error("")).concat("problems", "remedy"),
    );
    for (const line of old.keyPem.split("\n").filter((l) => !l.startsWith("-") && l !== "")) {
      expect(told).not.toContain(line);
    }
  });
});
