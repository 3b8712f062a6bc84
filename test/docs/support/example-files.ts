import "reflect-metadata";
import { createPrivateKey, generateKeyPairSync, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { combinedPem, type IssuedCertificate, issue, rsaKeys } from "../../support/certificates";
import { costlyKeyPem } from "../../support/costly-key";

const DAY = 24 * 3_600_000;
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

/** What the examples read, by path: certificates of example names, from unknown CAs. */
export async function exampleFiles(): Promise<Record<string, string>> {
  const ca = await issue({ subject: "CN=Example CA", ca: true, notAfter: inDays(365) });
  return { ...(await goodFiles(ca)), ...(await faultyFiles(ca)), ...(await caFiles(ca)) };
}

async function goodFiles(ca: IssuedCertificate): Promise<Record<string, string>> {
  const files = await Promise.all(
    [
      ["domain1.tld", "imap.domain1.tld", "pop3.domain1.tld", "smtp.domain1.tld"],
      ["domain2.tld", "imap.domain2.tld", "pop3.domain2.tld", "smtp.domain2.tld"],
      ["domain3.tld", "*.domain3.tld"],
    ].map(async (dnsNames) => {
      const leaf = await leafOf(ca, { dnsNames });
      const directory = `certificates/${dnsNames[0]}`;
      return {
        [`${directory}/privkey.pem`]: leaf.keyPem,
        [`${directory}/fullchain.pem`]: leaf.pem + ca.pem,
        [`${directory}/combined.pem`]: combinedPem(leaf, ca),
      };
    }),
  );
  return Object.assign(
    {
      // As a host says it that has blocks of its own.
      "doveconf/mx1.txt": `${DOVECONF_23}ssl_cert = </etc/ssl/mx1.pem
local_name imap.domain2.tld pop3.domain2.tld {
  ssl_cert = </etc/letsencrypt/live/domain2.tld/fullchain.pem
  ssl_key = # hidden, use -P to show it
}
local_name *.domain3.tld {
  ssl_cert = </etc/ssl/wildcard.domain3.tld.pem
  ssl_key = # hidden, use -P to show it
}
`,
      "domains.txt": "domain1.tld imap.domain1.tld pop3.domain1.tld smtp.domain1.tld\n",
      "modules/certificate/main.tf": 'output "private_key_pem" {\n  value     = ""\n  sensitive = true\n}\n',
    },
    ...files,
  );
}

/** Each file has one fault, which its name says. */
async function faultyFiles(ca: IssuedCertificate): Promise<Record<string, string>> {
  const intermediate = await issue({ subject: "CN=Example intermediate", issuer: ca, ca: true });
  const otherCa = await issue({ subject: "CN=Another CA", ca: true });
  const good = await leafOf(ca, {});
  const below = await leafOf(intermediate, {});
  const passphrase = { cipher: "aes-256-cbc", passphrase: "secret" };
  const encrypted = createPrivateKey(good.keyPem).export({ type: "pkcs8", format: "pem", ...passphrase });
  const weak = await webcrypto.subtle.generateKey(RSA_1024, true, ["sign", "verify"]);
  return {
    "faulty/expired.pem": combinedPem(await leafOf(ca, { notBefore: inDays(-2), notAfter: inDays(-1) }), ca),
    "faulty/not-yet-valid.pem": combinedPem(await leafOf(ca, { notBefore: inDays(1) }), ca),
    "faulty/client-only.pem": combinedPem(await leafOf(ca, { extendedKeyUsage: [CLIENT_AUTH] }), ca),
    "faulty/rsa-1024.pem": combinedPem(await leafOf(ca, { keys: weak }), ca),
    "faulty/sha-1.pem": combinedPem(await leafOf(ca, { digest: "SHA-1" }), ca),
    "faulty/secp256k1.pem": combinedPem(await leafOf(ca, { foreignKey: foreign("secp256k1") }), ca),
    "faulty/ed25519.pem": combinedPem(await leafOf(ca, { foreignKey: foreign("ed25519") }), ca),
    "faulty/five-days.pem": combinedPem(
      await leafOf(ca, { notBefore: inDays(-85), notAfter: inDays(5) }),
      ca,
    ),
    "faulty/ca-leaf.pem": combinedPem(await leafOf(ca, { ca: true }), ca),
    "faulty/key-usage.pem": combinedPem(
      await leafOf(ca, {
        extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyEncipherment, true)],
      }),
      ca,
    ),
    "faulty/must-staple.pem": combinedPem(
      await leafOf(ca, { extensions: [new x509.Extension(TLS_FEATURE, false, STATUS_REQUEST)] }),
      ca,
    ),
    "faulty/unknown-extension.pem": combinedPem(
      await leafOf(ca, { extensions: [new x509.Extension("1.2.3.4.5", true, NULL)] }),
      ca,
    ),
    "faulty/broken-chain.pem": combinedPem(good, otherCa),
    "faulty/chain-order.pem": combinedPem(below, ca, intermediate),
    "faulty/leaf-last.pem": good.keyPem + ca.pem + good.pem,
    "faulty/no-chain.pem": combinedPem(await leafOf(ca, { caIssuersUrl: "http://ca.example/ca.crt" })),
    "faulty/costly-key.pem": `${costlyKeyPem(20_000_000)}${good.pem}${ca.pem}`,
    "faulty/encrypted-key.pem": `${encrypted}${good.pem}${ca.pem}`,
    "faulty/doveconf-protocol.txt": `${DOVECONF_23}protocol imap {\n  ssl_cert = </etc/ssl/imap.pem\n}\n`,
    "faulty/doveconf-merged.txt": [
      DOVECONF_24,
      ...[
        ["imap.domain2.tld", "/etc/dovecot/mail-sni/domain2.tld.pem"],
        ["*.domain2.tld", "/etc/ssl/wildcard.pem"],
        ["smtp.domain2.tld", "/etc/dovecot/mail-sni/domain2.tld.pem"],
      ].map(([name, file]) => `local_name ${name} {\n  ssl_server {\n    cert_file = ${file}\n  }\n}\n`),
    ].join(""),
    "faulty/alias.txt": "domain1.tld imap.domain1.tld > one > two\n",
    "faulty/comment-in-row.txt": "domain1.tld imap.domain1.tld # a customer\n",
    "faulty/continued.txt": "domain1.tld \\\n",
    "faulty/rows.txt": "domain1.tld\n*.domain2.tld > star\nimap..domain3.tld\n",
    "faulty/unterminated.txt": "domain1.tld",
    "faulty/unterminated.txt.d/shop.txt": "domain2.tld\n",
    "faulty/comments-only.txt": "# domain1.tld\n\n",
    "faulty/wildcard-only.txt": "*.domain1.tld > wildcard\n",
    "faulty/provider/manifest.json": "{}\n",
    "faulty/home/.terraformrc": "provider_installation {\n  direct {}\n}\n",
  };
}

/** How the output of `doveconf -n` begins. */
const DOVECONF_23 = "# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf\n";
const DOVECONF_24 = "# 2.4.1-4 (7d8c0e5759): /etc/dovecot/dovecot.conf\n";

/** RFC 7633, in DER. */
const TLS_FEATURE = "1.3.6.1.5.5.7.1.24";
const STATUS_REQUEST = Buffer.from([0x30, 0x03, 0x02, 0x01, 0x05]);
const NULL = Buffer.from([0x05, 0x00]);

function foreign(key: "secp256k1" | "ed25519") {
  return key === "ed25519"
    ? generateKeyPairSync(key).privateKey
    : generateKeyPairSync("ec", { namedCurve: key }).privateKey;
}

const RSA_1024 = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 1024,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};

/** CAs for `mailsni_private_certificate`. All have the key `ca/key.pem`, unless they are named otherwise. */
async function caFiles(ca: IssuedCertificate): Promise<Record<string, string>> {
  const { keys } = ca;
  const other = await issue({ subject: "CN=Another CA", ca: true, keys: await rsaKeys() });
  const edwards = await webcrypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const unusable = await issue({
    subject: "CN=Ed25519 CA",
    ca: true,
    keys: edwards as webcrypto.CryptoKeyPair,
  });
  const expired = { ca: true, keys, notBefore: inDays(-2), notAfter: inDays(-1) };
  return {
    "ca/certificate.pem": ca.pem,
    "ca/key.pem": ca.keyPem,
    "ca/another-key.pem": other.keyPem,
    "ca/ed25519-certificate.pem": unusable.pem,
    "ca/ed25519-key.pem": unusable.keyPem,
    "ca/leaf.pem": (await leafOf(ca, { keys })).pem,
    "ca/bundle.pem": ca.pem + other.pem,
    "ca/expired.pem": (await issue({ subject: "CN=Old CA", ...expired })).pem,
  };
}

function leafOf(
  issuer: IssuedCertificate,
  { dnsNames = ["domain2.tld"], ...options }: Parameters<typeof issue>[0] & object,
): Promise<IssuedCertificate> {
  const subject = `CN=${dnsNames[0]}`;
  return issue({
    subject,
    issuer,
    dnsNames,
    notAfter: inDays(90),
    extendedKeyUsage: [SERVER_AUTH],
    ...options,
  });
}

function inDays(days: number): Date {
  return new Date(Date.now() + days * DAY);
}
