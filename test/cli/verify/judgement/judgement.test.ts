import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { TrustStore } from "../../../../lib/cli/verify/chain/trust-store";
import { type JudgementOptions, judge } from "../../../../lib/cli/verify/judgement/judgement";
import type { Asked } from "../../../../lib/cli/verify/questions/question";
import { HandshakeError } from "../../../../lib/shared/tls/handshake-error";
import type { Outcome } from "../../../../lib/shared/tls/schedule";
import { type IssuedCertificate, issue, rsaKeys } from "../../../support/certificates";
import { type QuestionOptions, question } from "../support/questions";

const DAY_MS = 86_400_000;
const NAME = "imap.domain1.tld";
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);
const YEAR = { notBefore: inDays(-30), notAfter: inDays(335) };

let root: IssuedCertificate;
let intermediate: IssuedCertificate;
let other: IssuedCertificate;
let leaf: IssuedCertificate;
let options: JudgementOptions;

beforeAll(async () => {
  root = await issue({ subject: "CN=Root", ca: true, ...YEAR });
  intermediate = await issue({ subject: "CN=Intermediate", issuer: root, ca: true, ...YEAR });
  other = await issue({ subject: "CN=Other root", ca: true, ...YEAR });
  leaf = await leafWith();
  options = { trust: new TrustStore([x509(root)]), at: new Date() };
});

function leafWith(changes: Parameters<typeof issue>[0] = {}): Promise<IssuedCertificate> {
  return issue({
    subject: "CN=domain1.tld",
    issuer: intermediate,
    dnsNames: ["domain1.tld", NAME],
    ...YEAR,
    ...changes,
  });
}

const x509 = ({ pem }: IssuedCertificate) => new X509Certificate(pem);

function presented(first: IssuedCertificate, ...others: IssuedCertificate[]): Outcome {
  const certificates = [x509(first), ...others.map(x509)] as const;
  return { kind: "presented", presentation: { version: "TLSv1.3", certificates } };
}

/** What is found, as `severity CODE`, and all sentences. */
function found(outcome: Outcome, about: QuestionOptions = {}) {
  const findings = judge(question(about), outcome, options);
  return {
    codes: findings.map(({ severity, code }) => `${severity} ${code}`),
    text: findings.map(({ problem, remedy }) => `${problem} ${remedy}`).join("\n"),
  };
}

describe("what is presented", () => {
  it("GIVEN a leaf and its chain to a trusted root THEN nothing is wrong, with or without the root", () => {
    expect(found(presented(leaf, intermediate)).codes).toEqual([]);
    expect(found(presented(leaf, intermediate, root)).codes).toEqual([]);
  });

  it.each<[what: string, made: () => Promise<Outcome>, codes: string[], text: string]>([
    [
      "a certificate that has expired",
      async () => presented(await leafWith({ notAfter: inDays(-3.5) }), intermediate),
      ["error VERIFY_EXPIRED"],
      "expired 3 days ago, at 20",
    ],
    [
      "an intermediate that has expired",
      async () => {
        const old = await issue({ subject: "CN=Old", issuer: root, ca: true, notAfter: inDays(-1.5) });
        return presented(await leafWith({ issuer: old }), old);
      },
      ["error VERIFY_EXPIRED"],
      "The certificate CN=Old expired 1 day ago",
    ],
    [
      "a certificate that is not valid yet",
      async () => presented(await leafWith({ notBefore: inDays(2) }), intermediate),
      ["error VERIFY_NOT_YET_VALID"],
      "is valid from 20",
    ],
    [
      "a certificate that expires soon",
      async () => presented(await leafWith({ notBefore: inDays(-80), notAfter: inDays(5) }), intermediate),
      ["warning VERIFY_EXPIRES_SOON"],
      "expires at 20",
    ],
    [
      "a self-signed certificate",
      async () => presented(await leafWith({ issuer: undefined })),
      ["error VERIFY_UNTRUSTED"],
      "CN=domain1.tld is self-signed",
    ],
    [
      "a chain to another root",
      async () => presented(await leafWith({ issuer: other }), other),
      ["error VERIFY_UNTRUSTED"],
      "The chain ends at CN=Other root, which is not trusted here.",
    ],
    [
      "a leaf alone",
      async () => presented(leaf),
      ["error VERIFY_CHAIN_INCOMPLETE"],
      "The issuer of CN=domain1.tld, CN=Intermediate, was not sent",
    ],
    [
      "the root in front of the intermediate",
      async () => presented(leaf, root, intermediate),
      ["warning VERIFY_CHAIN_ORDER"],
      "CN=domain1.tld is not followed by its issuer",
    ],
    [
      "a certificate that does not belong to it",
      async () => presented(leaf, other, intermediate),
      ["warning VERIFY_CHAIN_SURPLUS"],
      "do not belong to the chain: CN=Other root.",
    ],
    [
      "a certificate twice",
      async () => presented(leaf, intermediate, intermediate),
      ["warning VERIFY_CHAIN_SURPLUS"],
      "do not belong to the chain: CN=Intermediate.",
    ],
    [
      "a leaf with a SHA-1 signature",
      async () => presented(await leafWith({ digest: "SHA-1" }), intermediate),
      ["error VERIFY_WEAK_SIGNATURE"],
      "The signature of CN=domain1.tld uses SHA-1",
    ],
    [
      "a leaf for clients",
      async () => presented(await leafWith({ extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"] }), intermediate),
      ["error VERIFY_NOT_FOR_SERVERS"],
      "has no serverAuth",
    ],
    [
      "a leaf for other names",
      async () => presented(await leafWith({ dnsNames: ["a.tld", "b.tld", "c.tld", "d.tld"] }), intermediate),
      ["error VERIFY_NAME_NOT_COVERED"],
      "the certificate for a.tld, b.tld, c.tld and 1 more (SHA-256 ",
    ],
    [
      "a leaf without names",
      async () => presented(await leafWith({ dnsNames: undefined }), intermediate),
      ["error VERIFY_NAME_NOT_COVERED"],
      "of CN=domain1.tld, which has no names,",
    ],
    [
      "an old version of TLS",
      async () => {
        const outcome = presented(leaf, intermediate);
        if (outcome.kind !== "presented") return outcome;
        return { ...outcome, presentation: { ...outcome.presentation, version: "TLSv1" } };
      },
      ["error VERIFY_TLS_VERSION"],
      "is TLSv1;",
    ],
  ])("GIVEN %s THEN it is said, and nothing else", async (_, made, codes, text) => {
    const seen = found(await made());
    expect(seen.codes).toEqual(codes);
    expect(seen.text).toContain(text);
  });

  it("GIVEN an RSA key of 1024 bits THEN it is said", async () => {
    const keys = await rsaKeys(1024);
    expect(found(presented(await leafWith({ keys }), intermediate))).toEqual({
      codes: ["error VERIFY_WEAK_KEY"],
      text: expect.stringContaining("(RSA, 1024 bits)"),
    });
  });

  it("GIVEN what a terminal would obey THEN it is shown as text", async () => {
    const hostile = await leafWith({ subject: "CN=\u001b[2J\u202eevil", notAfter: inDays(-1) });
    const [text] = found(presented(hostile, intermediate)).text.split("\n");
    expect(text).toContain("\\u202eevil");
    expect(text).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });

  it("GIVEN many certificates of one name that have issued nothing THEN it is known soon", async () => {
    const decoys = await Promise.all(
      Array.from({ length: 60 }, () => issue({ subject: "CN=Intermediate", issuer: root, ca: true })),
    );
    expect(found(presented(leaf, ...decoys, intermediate)).codes).toContain("warning VERIFY_CHAIN_SURPLUS");
  });
});

describe("what is declared", () => {
  const declared = { domain: "domain1.tld", domainNames: ["domain1.tld", NAME] };

  it("GIVEN the certificate that is declared THEN nothing is wrong", () => {
    const expected = { ...declared, fingerprint: leaf.fingerprint };
    expect(found(presented(leaf, intermediate), { expected }).codes).toEqual([]);
  });

  it("GIVEN an earlier certificate of the domain THEN both fingerprints are told", async () => {
    const earlier = await leafWith();
    const seen = found(presented(earlier, intermediate), {
      expected: { ...declared, fingerprint: leaf.fingerprint },
    });
    expect(seen.codes).toEqual(["error VERIFY_WRONG_CERTIFICATE"]);
    expect(seen.text).toContain(
      `SHA-256 ${earlier.fingerprint.slice(0, 16)}…); declared is that of domain1.tld`,
    );
    expect(seen.text).toContain(`(SHA-256 ${leaf.fingerprint.slice(0, 16)}…)`);
  });

  it("GIVEN a newer certificate of the domain than the outputs have THEN that is a warning", async () => {
    const expected = { ...declared, fingerprint: "ab".repeat(32), notAfter: inDays(300) };
    expect(found(presented(leaf, intermediate), { expected }).codes).toEqual([
      "warning VERIFY_WRONG_CERTIFICATE",
    ]);
    const older = { ...expected, notAfter: inDays(340) };
    expect(found(presented(leaf, intermediate), { expected: older }).codes).toEqual([
      "error VERIFY_WRONG_CERTIFICATE",
    ]);
    const others = await leafWith({ dnsNames: ["domain1.tld"] });
    expect(found(presented(others, intermediate), { expected }).codes).toEqual([
      "error VERIFY_WRONG_CERTIFICATE",
    ]);
  });

  it("GIVEN no fingerprint WHEN it is for none of the domain's names THEN it is another's", async () => {
    const others = await leafWith({ dnsNames: ["domain2.tld"] });
    expect(found(presented(others, intermediate), { expected: declared }).codes).toEqual([
      "error VERIFY_WRONG_CERTIFICATE",
    ]);
    const before = await leafWith({ dnsNames: ["domain1.tld"] });
    expect(found(presented(before, intermediate), { expected: declared }).codes).toEqual([
      "error VERIFY_NAME_NOT_COVERED",
    ]);
  });

  it("GIVEN an optional name that it is not for THEN that is a note", async () => {
    const without = await leafWith({ dnsNames: ["domain1.tld"] });
    expect(
      found(presented(without, intermediate), { expected: { ...declared, covers: "optional" } }).codes,
    ).toEqual(["note VERIFY_NAME_NOT_COVERED"]);
  });

  it.each<Asked>([{ kind: "no-name" }, { kind: "unlisted", serverName: "mail-sni-check.invalid" }])(
    "GIVEN the default certificate for $kind THEN it need not be for the name",
    (asked) => {
      const expected = { ...declared, covers: "not-needed" } as const;
      expect(found(presented(leaf, intermediate), { asked, expected }).codes).toEqual([]);
    },
  );

  it("GIVEN a name in capital letters THEN another certificate is a note, and the same is nothing", async () => {
    const asked = { kind: "upper-case", name: NAME, serverName: NAME.toUpperCase() } as const;
    const others = await leafWith({ dnsNames: ["domain2.tld"] });
    const expected = { ...declared, fingerprint: leaf.fingerprint };
    expect(found(presented(others, intermediate), { asked, expected }).codes).toEqual(["note VERIFY_CASE"]);
    expect(found(presented(others, intermediate), { asked, expected: declared }).codes).toEqual([
      "note VERIFY_CASE",
    ]);
    expect(found(presented(leaf, intermediate), { asked, expected }).codes).toEqual([]);
  });

  it("GIVEN a name that is to be refused THEN an alert is right, and a certificate is not", () => {
    const expected = { isRefused: true, covers: "not-needed" } as const;
    const alert: Outcome = { kind: "failed", error: HandshakeError.alert(112, null) };
    expect(found(alert, { expected }).codes).toEqual([]);
    expect(found(presented(leaf, intermediate), { expected }).codes).toEqual(["warning VERIFY_NOT_REFUSED"]);
  });
});

describe("what fails", () => {
  const failed = (error: HandshakeError): Outcome => ({ kind: "failed", error });
  const cause = new Error("x");

  it.each<[error: HandshakeError, code: string]>([
    [HandshakeError.ofConnection("refused", cause), "error VERIFY_NO_ANSWER"],
    [HandshakeError.ofConnection("unreachable", cause), "error VERIFY_NO_ANSWER"],
    [HandshakeError.ofConnection("forbidden", cause), "error VERIFY_NO_ANSWER"],
    [HandshakeError.timeout("connect", 10_000), "error VERIFY_NO_ANSWER"],
    [HandshakeError.timeout("greeting", 10_000), "error VERIFY_NO_ANSWER"],
    [HandshakeError.closed("handshake"), "error VERIFY_NO_ANSWER"],
    [HandshakeError.startTlsNotOffered("STLS"), "error VERIFY_NO_STARTTLS"],
    [HandshakeError.alert(112, null), "error VERIFY_ALERT"],
    [HandshakeError.unexpectedLine("greeting", "HTTP/1.1 400"), "error VERIFY_PROTOCOL"],
    [
      HandshakeError.protocol(
        "handshake",
        "no",
        Object.assign(cause, { code: "ERR_SSL_WRONG_VERSION_NUMBER" }),
      ),
      "error VERIFY_NOT_TLS",
    ],
  ])("%s THEN it is one finding", (error, code) => {
    const seen = found(failed(error));
    expect(seen.codes).toEqual([code]);
    expect(seen.text.toLowerCase()).toContain(error.message.toLowerCase());
  });

  it("GIVEN a closed port that was not given explicitly THEN the finding is a note", () => {
    const refused = HandshakeError.ofConnection("refused", cause);
    expect(found(failed(refused), { expected: { answer: "not-needed" } }).codes).toEqual([
      "note VERIFY_NO_ANSWER",
    ]);
  });

  it("GIVEN a version of TLS that is not spoken THEN that is a note", () => {
    const asked = { kind: "version", name: NAME, serverName: NAME, version: "TLSv1.3" } as const;
    expect(found(failed(HandshakeError.alert(70, null)), { asked })).toEqual({
      codes: ["note VERIFY_TLS_VERSION"],
      text: expect.stringContaining("does not speak TLS 1.3"),
    });
    expect(found(failed(HandshakeError.timeout("connect", 1000)), { asked }).codes).toEqual([
      "error VERIFY_NO_ANSWER",
    ]);
  });

  it("GIVEN a name that DNS does not have THEN it is said", () => {
    expect(found({ kind: "no-address" })).toEqual({
      codes: ["error VERIFY_NO_ADDRESS"],
      text: expect.stringContaining(`No address of ${NAME} was found in DNS.`),
    });
  });

  it("GIVEN one that was not asked THEN the reason is the earlier failure", () => {
    const error = HandshakeError.ofConnection("refused", cause);
    expect(found({ kind: "not-asked", error }).text).toContain(
      "Not asked, since earlier connections there failed: the connection was refused.",
    );
  });
});
