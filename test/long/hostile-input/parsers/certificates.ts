import { X509Certificate } from "node:crypto";
import { readCaCertificate, readCaKey } from "../../../../lib/provider/x509/issuing-ca";
import { certificateStructure, keyUsageBits, pssDigest } from "../../../../lib/shared/certificate-structure";
import { inspectCombinedPem } from "../../../../lib/shared/combined-pem";
import { derValues, objectIdentifier } from "../../../../lib/shared/der";
import { expiryOf } from "../../../../lib/shared/expiry";
import { parseHostName } from "../../../../lib/shared/host-name";
import { canonicalPem, parsePem } from "../../../../lib/shared/pem";
import { combinedPem, issue } from "../../../support/certificates";
import { bounded } from "./bounded";
import type { Parser } from "./parser";
import { never, only } from "./refusals";

export const NAMES = ["mail.example.org", "*.example.org"];

export interface CertificateSeeds {
  readonly combined: readonly string[];
  readonly chains: readonly string[];
  readonly der: readonly Buffer[];
  readonly ca: readonly string[];
}

export async function certificateSeeds(): Promise<CertificateSeeds> {
  const ca = await issue({ subject: "CN=Test CA", ca: true });
  const leaf = await issue({
    issuer: ca,
    subject: "CN=mail.example.org, O=Exa\\, mple",
    dnsNames: NAMES,
    extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"],
    caIssuersUrl: "http://ca.test/ca.der",
  });
  const alone = await issue({ dnsNames: ["a.test"] });
  const combined = combinedPem(leaf, ca);
  return {
    combined: [
      combined,
      combinedPem(alone),
      combined.replaceAll("\n", "\\n"),
      combined.replaceAll("\n", " "),
      combined.replaceAll("\n", "\r\n"),
      Buffer.from(combined).toString("base64"),
    ],
    chains: [leaf.pem + ca.pem, leaf.pem, alone.pem],
    der: [leaf, ca, alone].map(({ pem }) => new X509Certificate(pem).raw),
    ca: [ca.pem, ca.keyPem],
  };
}

export const PEM_REPEATS = [
  "-----END A-----",
  "-----END A----- ",
  "-----BEGIN A----- a",
  "-----BEGIN A-----\\n",
  "-----BEGIN A-----\n-----END A-----\n",
  "----- ",
  "QUFB\n",
  "QUFB=",
  "\r\n",
  "  \n",
];

export function certificateParsers({ combined, der, ca }: CertificateSeeds): Parser[] {
  const at = new Date();
  const inspect = (text: string) => {
    const inspection = inspectCombinedPem(text, { names: [parseHostName("mail.example.org")], at });
    if (!inspection.ok) return inspection.problems.map(({ message }) => message);
    const { leaf, chain } = inspection.certificate;
    const times = [leaf, ...chain].flatMap(({ notBefore, notAfter }) => [notBefore, notAfter]);
    return [...times, expiryOf(inspection.certificate).notAfter].map((time) => time.toISOString());
  };
  return [
    {
      name: "PEM",
      seeds: combined,
      throws: never,
      read: (input) => {
        const text = input.toString();
        const { blocks, problems } = parsePem(text);
        return [blocks, problems.map(({ message }) => bounded(message)), canonicalPem(text)];
      },
      repeats: PEM_REPEATS,
      // A block has its label in front of it, behind it and beside it.
      growth: 20,
    },
    {
      name: "a combined PEM",
      seeds: combined,
      throws: never,
      read: (input) => inspect(input.toString()),
      repeats: PEM_REPEATS,
    },
    {
      name: "a certificate's DER, in a PEM",
      seeds: der,
      throws: never,
      read: (input) => {
        const [key] = (combined[0] as string).split("-----BEGIN CERTIFICATE", 1) as [string];
        const certificate = pemOf("CERTIFICATE", input);
        return [
          inspect(key + certificate),
          inspectCombinedPem(certificate, { names: [], at, withKey: false }).ok,
        ];
      },
    },
    {
      name: "the structure of a certificate",
      seeds: der,
      throws: never,
      read: (input) => {
        const found = certificateStructure(input);
        const bits = found?.extensions.map(({ value }) => keyUsageBits(value));
        return [found, bits, keyUsageBits(input), pssDigest(found?.signature.parameters ?? input)];
      },
      // A bit is a number.
      growth: 40,
    },
    {
      name: "values of DER",
      seeds: [...der, Buffer.from("06092a864886f70d01010b", "hex"), Buffer.from("0603550403", "hex")],
      throws: only(RangeError),
      read: (input) =>
        derValues(input).map(({ tag, contents }) => (tag === 6 ? objectIdentifier(contents) : contents)),
      growth: 20,
    },
    {
      name: "a private CA",
      seeds: ca,
      throws: never,
      read: (input) => {
        const text = input.toString();
        const { value, problem } = readCaCertificate(text);
        return [problem?.message ?? value?.x509.subject, readCaKey(text, value).problem?.message];
      },
      repeats: PEM_REPEATS,
    },
  ];
}

export function pemOf(label: string, der: Buffer): string {
  const lines = der.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
