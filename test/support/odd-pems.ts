import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The arguments of `openssl genpkey` for a key. */
const KEYS = {
  p256: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
  p192: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime192v1"],
  p224: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp224r1"],
  secp256k1: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
  brainpool: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"],
  rsa1024: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
  rsa2048: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
  pss2048: ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"],
  ed25519: ["-algorithm", "ED25519"],
  ed448: ["-algorithm", "ED448"],
} as const;

export type OddKey = keyof typeof KEYS;

interface OddOptions {
  /** @default "p256" */
  readonly key?: OddKey;
  /** What it is signed with. @default "sha256" */
  readonly digest?: string;
  /** @default self-signed */
  readonly issuer?: OddCertificate;
  /** @default false */
  readonly ca?: boolean;
  /** Lines of an extension section of OpenSSL's configuration. @default none */
  readonly extensions?: readonly string[];
  /** Further arguments of the program that signs. @default none */
  readonly signing?: readonly string[];
}

export interface OddCertificate {
  readonly pem: string;
  readonly keyPem: string;
  readonly file: { readonly certificate: string; readonly key: string };
}

/** Certificates that only OpenSSL's own programs still make: weak ones, and such as no CA would issue. */
export class OddPems {
  readonly #directory = mkdtempSync(join(tmpdir(), "mail-sni-odd-"));

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** @param name its common name, and a DNS name of its own below `.test` */
  issue(name: string, options: OddOptions = {}): OddCertificate {
    const { key = "p256", digest = "sha256", issuer, signing = [] } = options;
    const at = (ending: string) => join(this.#directory, `${name}.${ending}`);
    openssl(["genpkey", ...KEYS[key], "-out", at("key")]);
    writeFileSync(at("cnf"), configuration(name, options));
    const edwards = key === "ed25519" || key === "ed448";
    const request = ["req", "-new", "-key", at("key"), "-config", at("cnf")];
    if (issuer === undefined) {
      openssl([
        ...request,
        ...["-x509", "-days", "30", "-extensions", "v3", ...(edwards ? [] : [`-${digest}`])],
        ...["-out", at("pem")],
      ]);
    } else {
      openssl([...request, "-out", at("csr")]);
      openssl([
        ...["x509", "-req", "-in", at("csr"), "-CA", issuer.file.certificate, "-CAkey", issuer.file.key],
        ...["-CAcreateserial", `-${digest}`, "-days", "30", "-extfile", at("cnf"), "-extensions", "v3"],
        ...[...signing, "-out", at("pem")],
      ]);
    }
    return {
      pem: readFileSync(at("pem"), "utf8"),
      keyPem: readFileSync(at("key"), "utf8"),
      file: { certificate: at("pem"), key: at("key") },
    };
  }
}

/** Key, leaf and chain in one text. */
export function pemOf(leaf: OddCertificate, ...chain: readonly OddCertificate[]): string {
  return [leaf.keyPem, leaf.pem, ...chain.map(({ pem }) => pem)].join("");
}

function configuration(name: string, { ca = false, extensions = [] }: OddOptions): string {
  return [
    ...["[req]", "distinguished_name = dn", "prompt = no", "[dn]", `CN = ${name}`, "[v3]"],
    ...(ca ? ["basicConstraints = critical,CA:TRUE"] : [`subjectAltName = DNS:${name}.test`]),
    ...extensions,
    "",
  ].join("\n");
}

function openssl(args: readonly string[]): void {
  execFileSync("openssl", args, { stdio: "pipe" });
}

/**
 * PEMs by a name that they cover below `.test`, and what is odd about each: what OpenSSL refuses to load, what no client
 * can shake hands with, and what is served in spite of looking like that.
 */
export function oddPems(odd: OddPems): Readonly<Record<string, string>> {
  const root = odd.issue("root", { ca: true });
  const rsaRoot = odd.issue("rsa-root", { ca: true, key: "rsa2048" });
  const sha1Root = odd.issue("sha1-root", { ca: true, digest: "sha1" });
  const smallRoot = odd.issue("small-root", { ca: true, key: "rsa1024" });
  const curveRoot = odd.issue("curve-root", { ca: true, key: "p192" });
  const sha1Intermediate = odd.issue("sha1-intermediate", { ca: true, issuer: root, digest: "sha1" });
  const smallIntermediate = odd.issue("small-intermediate", { ca: true, issuer: root, key: "rsa1024" });
  const leaf = (name: string, options: OddOptions = {}, ...chain: readonly OddCertificate[]) => ({
    [name]: pemOf(odd.issue(name, { issuer: chain[0] ?? root, ...options }), ...chain),
  });
  return {
    ...leaf("good", {}, root),
    ...leaf("sha1-leaf", { digest: "sha1" }, root),
    ...leaf("md5-leaf", { digest: "md5" }, rsaRoot),
    ...leaf("pss-sha1-leaf", { digest: "sha1", signing: ["-sigopt", "rsa_padding_mode:pss"] }, rsaRoot),
    ...leaf("sha224-leaf", { digest: "sha224" }, root),
    ...leaf("rsa1024-leaf", { key: "rsa1024" }, root),
    ...leaf("p192-leaf", { key: "p192" }, root),
    ...leaf("p224-leaf", { key: "p224" }, root),
    ...leaf("secp256k1-leaf", { key: "secp256k1" }, root),
    ...leaf("brainpool-leaf", { key: "brainpool" }, root),
    ...leaf("pss2048-leaf", { key: "pss2048" }, root),
    ...leaf("ed25519-leaf", { key: "ed25519" }, root),
    ...leaf("ed448-leaf", { key: "ed448" }, root),
    ...leaf("below-sha1-intermediate", {}, sha1Intermediate, root),
    ...leaf("below-small-intermediate", {}, smallIntermediate, root),
    ...leaf("below-sha1-root", {}, sha1Root),
    ...leaf("below-small-root", {}, smallRoot),
    ...leaf("below-curve-root", {}, curveRoot),
    ...leaf("small-root-left-out", { issuer: smallRoot }),
    "sha1-self-signed": pemOf(odd.issue("sha1-self-signed", { digest: "sha1" })),
    ...leaf("ca-leaf", { extensions: ["basicConstraints = critical,CA:TRUE"] }, root),
    ...leaf("no-signature", { extensions: ["keyUsage = critical,keyEncipherment"], key: "rsa2048" }, root),
    ...leaf("must-staple", { extensions: ["tlsfeature = status_request"] }, root),
    ...leaf("unknown-critical", { extensions: ["1.2.3.4.5 = critical,ASN1:UTF8String:hello"] }, root),
  };
}
