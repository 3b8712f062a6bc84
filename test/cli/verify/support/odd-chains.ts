import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import * as fc from "fast-check";
import { derEncoded } from "../../../../lib/shared/der";
import { type IssuedCertificate, issue } from "../../../support/certificates";

/** A certificate of a chain, with extensions that CAs write rarely, or never. */
export interface OddCertificate {
  /** Whether it has the subject of its issuer. */
  readonly isSelfIssued: boolean;
  readonly basicConstraints: "none" | "ca" | "not-ca";
  readonly pathLength: number | null;
  /** Bits (RFC 5280 §4.2.1.3); null for no extension. */
  readonly keyUsage: readonly number[] | null;
  readonly purposes: readonly string[] | null;
  readonly permitted: readonly Buffer[];
  readonly excluded: readonly Buffer[];
  readonly names: readonly Buffer[];
  /** The attributes of its subject, but for its common name. */
  readonly subject: string;
  readonly others: readonly x509.Extension[];
}

export const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
export const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const ANY_PURPOSE = "2.5.29.37.0";

const ascii = (text: string) => Buffer.from(text, "latin1");
/** Names, and bases of subtrees, as GeneralName (RFC 5280 §4.2.1.6). */
export const mailbox = (text: string) => derEncoded(0x81, ascii(text));
export const dnsName = (text: string) => derEncoded(0x82, ascii(text));
export const uri = (text: string) => derEncoded(0x86, ascii(text));
export const address = (...bytes: number[]) => derEncoded(0x87, Buffer.from(bytes));
export const directory = (name: string) =>
  derEncoded(0xa4, Buffer.from(new Uint8Array(new x509.Name(name).toArrayBuffer())));
const registeredId = derEncoded(0x88, Buffer.of(0x2a, 3));
const otherName = derEncoded(
  0xa0,
  derEncoded(0x06, Buffer.of(0x2a, 3)),
  derEncoded(0xa0, derEncoded(0x0c, ascii("x"))),
);

/** A subtree with its base, and without distances. */
export const subtree = (base: Buffer, ...distances: readonly Buffer[]) =>
  derEncoded(0x30, base, ...distances);

const BASES = [
  ...["", "test", "a.test", ".a.test", "A.Test", "b.test"].map(dnsName),
  ...["a.test", ".a.test", "user@a.test", "@a.test"].map(mailbox),
  ...["a.test", ".a.test", "A.test"].map(uri),
  address(10, 0, 0, 0, 255, 0, 0, 0),
  address(10, 1, 2, 3, 255, 255, 255, 255),
  address(10, 0, 0, 0, 255),
  address(...Array<number>(32).fill(0)),
  ...["C=DE", "C=DE, O=ACME  corp", "C=FR", "O=Acme Corp"].map(directory),
  registeredId,
  otherName,
];
const NAMES = [
  ...["a.test", "x.a.test", "*.a.test", "xa.test", "b.test", "A.TEST", "test"].map(dnsName),
  ...["user@a.test", "USER@A.TEST", "user@x.a.test", "nobody"].map(mailbox),
  ...["https://a.test/", "https://x.a.test:8/", "mailto:x", "https:///", "https://A.test"].map(uri),
  address(10, 1, 2, 3),
  address(192, 0, 2, 1),
  address(10, 1, 2),
  address(...Array<number>(16).fill(1)),
  ...["C=DE, O=Acme Corp, CN=x", "C=FR"].map(directory),
  registeredId,
  otherName,
];
const OTHERS = [
  new x509.Extension("1.2.3.4", true, Buffer.of(5, 0)),
  new x509.Extension("1.2.3.4", false, Buffer.of(5, 0)),
  new x509.Extension("2.5.29.54", true, Buffer.of(2, 1, 0)),
  new x509.Extension("2.5.29.36", true, Buffer.of(0x30, 3, 0x80, 1, 0)),
  // A critical identifier of another key; no key usage at all; a purpose that is none; a negative path length; half a subtree.
  new x509.Extension("2.5.29.14", true, Buffer.of(4, 1, 0)),
  new x509.Extension("2.5.29.15", true, Buffer.of(3, 1, 0)),
  new x509.Extension("2.5.29.37", false, Buffer.of(0x30, 2, 4, 0)),
  new x509.Extension("2.5.29.19", true, Buffer.of(0x30, 6, 1, 1, 255, 2, 1, 255)),
  new x509.Extension("2.5.29.30", true, Buffer.of(0x30, 3, 0xa0, 1, 0x30)),
];

const usual = <T>(common: T, ...rare: readonly T[]) =>
  fc.oneof({ arbitrary: fc.constant(common), weight: 6 }, { arbitrary: fc.constantFrom(...rare), weight: 1 });
const seldom = <T>(values: readonly T[], maxLength: number) =>
  fc.oneof(
    { arbitrary: fc.constant<T[]>([]), weight: 3 },
    { arbitrary: fc.array(fc.constantFrom(...values), { maxLength, minLength: 1 }), weight: 1 },
  );
const subtrees = seldom(
  [
    ...BASES.map((base) => subtree(base)),
    subtree(dnsName("a.test"), derEncoded(0x80, Buffer.of(1))),
    subtree(dnsName("a.test"), derEncoded(0x81, Buffer.of(9))),
  ],
  3,
);

const ca: fc.Arbitrary<OddCertificate> = fc.record({
  isSelfIssued: usual(false, true),
  basicConstraints: usual<OddCertificate["basicConstraints"]>("ca", "not-ca", "none"),
  pathLength: usual<number | null>(null, 0, 1, 2),
  keyUsage: usual<number[] | null>([5, 6], null, [0], [5]),
  purposes: usual<string[] | null>(null, [SERVER_AUTH, CLIENT_AUTH], [CLIENT_AUTH], [ANY_PURPOSE]),
  permitted: subtrees,
  excluded: subtrees,
  names: seldom(NAMES, 2),
  subject: fc.constant(""),
  others: fc.oneof(
    { arbitrary: fc.constant([]), weight: 12 },
    fc.constantFrom(...OTHERS).map((one) => [one]),
  ),
});

const leaf: fc.Arbitrary<OddCertificate> = fc.record({
  isSelfIssued: fc.constant(false),
  basicConstraints: usual<OddCertificate["basicConstraints"]>("none", "not-ca", "ca"),
  pathLength: fc.constant(null),
  keyUsage: usual<number[] | null>([0], null, [0, 2], [2], [5], [4]),
  purposes: usual<string[] | null>(
    [SERVER_AUTH],
    null,
    [CLIENT_AUTH],
    [ANY_PURPOSE],
    [CLIENT_AUTH, SERVER_AUTH],
  ),
  permitted: fc.constant([]),
  excluded: fc.constant([]),
  names: fc.array(fc.constantFrom(...NAMES), { maxLength: 3 }).map((more) => [dnsName("a.test"), ...more]),
  subject: fc.constantFrom("", "", "C=DE, O=Acme Corp, ", "C=DE, ", "C=FR, O=Acme Corp, "),
  others: fc.oneof(
    { arbitrary: fc.constant([]), weight: 12 },
    fc.constantFrom(...OTHERS).map((one) => [one]),
  ),
});

/** Chains from the root down to the leaf. */
export const oddChain: fc.Arbitrary<readonly OddCertificate[]> = fc
  .tuple(fc.array(ca, { minLength: 1, maxLength: 4 }), leaf)
  .map(([cas, end]) => [...cas, end]);

/** Issues a chain from the root down to the leaf. */
export async function issueOdd(chain: readonly OddCertificate[]): Promise<IssuedCertificate[]> {
  const issued: IssuedCertificate[] = [];
  for (const [index, odd] of chain.entries()) {
    const issuer = issued.at(-1);
    const keys = await keysAt(index);
    const own = `${odd.subject}CN=certificate ${index}`;
    const extensions = await extensionsOf(odd, keys, issuer);
    issued.push(
      await issue({
        subject: odd.isSelfIssued && issuer !== undefined ? issuer.certificate.subject : own,
        ...(issuer !== undefined && { issuer }),
        keys,
        extensions,
      }),
    );
  }
  return issued;
}

const keyPairs: Promise<webcrypto.CryptoKeyPair>[] = [];

function keysAt(index: number): Promise<webcrypto.CryptoKeyPair> {
  keyPairs[index] ??= webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  return keyPairs[index];
}

async function extensionsOf(
  odd: OddCertificate,
  keys: webcrypto.CryptoKeyPair,
  issuer: IssuedCertificate | undefined,
): Promise<x509.Extension[]> {
  const { basicConstraints, pathLength, keyUsage, purposes, permitted, excluded, names } = odd;
  const replaced = new Set(odd.others.map(({ type }) => type));
  const extensions = [
    // OpenSSL finds an issuer by its key identifier.
    ...(replaced.has("2.5.29.14") ? [] : [await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)]),
    ...(issuer === undefined
      ? []
      : [await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey)]),
    ...odd.others,
  ];
  const add = (id: string, critical: boolean, value: Buffer) => {
    if (!replaced.has(id)) extensions.push(new x509.Extension(id, critical, value));
  };
  if (basicConstraints !== "none") {
    const isCa = basicConstraints === "ca" ? [derEncoded(1, Buffer.of(255))] : [];
    const length = pathLength === null ? [] : [derEncoded(2, Buffer.of(pathLength))];
    add("2.5.29.19", true, derEncoded(0x30, ...isCa, ...length));
  }
  if (keyUsage !== null) {
    const bits = keyUsage.reduce((byte, bit) => byte | (0x80 >> bit), 0);
    add("2.5.29.15", true, derEncoded(3, Buffer.of(0, bits)));
  }
  if (purposes !== null)
    extensions.push(
      ...(replaced.has("2.5.29.37") ? [] : [new x509.ExtendedKeyUsageExtension([...purposes])]),
    );
  if (names.length > 0) add("2.5.29.17", false, derEncoded(0x30, ...names));
  const lists = [
    ...(permitted.length > 0 ? [derEncoded(0xa0, ...permitted)] : []),
    ...(excluded.length > 0 ? [derEncoded(0xa1, ...excluded)] : []),
  ];
  if (lists.length > 0) add("2.5.29.30", true, derEncoded(0x30, ...lists));
  return extensions;
}
