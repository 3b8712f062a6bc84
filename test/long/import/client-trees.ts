import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import type { OrderedPair } from "./ordered-elsewhere";

/** Where a tree is written: a host, or a directory that stands for one. */
export interface TreeFiles {
  write(path: string, contents: string, mode?: number): void;
  directory(path: string, mode: number): void;
  link(path: string, target: string): void;
}

/** What a client knows of its CA and of the host. */
export interface ClientSetting {
  readonly directoryUrl: string;
  readonly accountKey: string;
  /** Its web server's directory. */
  readonly webroot: string;
}

/** The files that a client of a CA leaves on a host, in the shape that it gives them. */
export interface ClientTree {
  readonly name: string;
  /** Of the type that the client itself makes: PEM. */
  accountKey(): string;
  /** What is there once. */
  begin(files: TreeFiles, setting: ClientSetting): void;
  /** What is there for each certificate; of several versions, the last one is the current one. */
  add(files: TreeFiles, certificate: TreeCertificate, setting: ClientSetting): void;
  /** The file that the client has the key of the first version in. */
  keyOf(title: string): string;
  /** Directories that other users cannot enter, besides those above the key. */
  readonly closed: readonly string[];
  /** The files of a certificate that a mail server is configured with. */
  pairOf(title: string): { readonly certificate: string; readonly key: string };
}

export interface TreeCertificate {
  /** The name under which the client keeps it. */
  readonly title: string;
  readonly names: readonly string[];
  readonly versions: readonly OrderedPair[];
  /** How many the client had before it. */
  readonly number: number;
}

const CERTBOT = "/etc/letsencrypt";
const CERTBOT_ACCOUNT = "16b3572d8bca4b8aad759014a384b514";

/** Of certbot 2.1, Debian 12. */
export const certbotTree: ClientTree = {
  name: "certbot",
  accountKey: rsaKey,
  begin(files, { directoryUrl, accountKey }) {
    for (const name of ["accounts", "archive", "keys", "live"]) files.directory(`${CERTBOT}/${name}`, 0o700);
    for (const name of ["csr", "renewal", "renewal-hooks"]) files.directory(`${CERTBOT}/${name}`, 0o755);
    for (const name of ["deploy", "post", "pre"]) files.directory(`${CERTBOT}/renewal-hooks/${name}`, 0o755);
    const parts = [...directoryUrl.replace(/^https:\/\//, "").split("/"), CERTBOT_ACCOUNT];
    for (const [index] of parts.entries())
      files.directory(`${CERTBOT}/accounts/${parts.slice(0, index + 1).join("/")}`, 0o700);
    const account = `${CERTBOT}/accounts/${parts.join("/")}`;
    files.write(
      `${account}/meta.json`,
      '{"creation_dt": "2026-01-01T00:00:00Z", "creation_host": "mx1.domain1.tld"}',
    );
    const jwk = JSON.stringify(createPrivateKey(accountKey).export({ format: "jwk" }));
    files.write(`${account}/private_key.json`, jwk, 0o400);
    files.write(`${account}/regr.json`, `{"body": {}, "uri": "${new URL("/my-account/1", directoryUrl)}"}`);
    files.write(`${CERTBOT}/live/README`, "This directory contains your keys and certificates.\n");
    files.write(
      "/etc/cron.d/certbot",
      "0 */12 * * * root test -x /usr/bin/certbot -a \\! -d /run/systemd/system && perl -e 'sleep int(rand(43200))' && certbot -q renew --no-random-sleep-on-renew\n",
    );
  },
  add(files, { title, names, versions, number }, { directoryUrl, webroot }) {
    for (const place of ["archive", "live"]) files.directory(`${CERTBOT}/${place}/${title}`, 0o755);
    for (const [index, pair] of versions.entries())
      for (const [name, text] of Object.entries(partsOf(pair)))
        files.write(
          `${CERTBOT}/archive/${title}/${name}${index + 1}.pem`,
          text,
          name === "privkey" ? 0o600 : 0o644,
        );
    for (const name of ["cert", "chain", "fullchain", "privkey"])
      files.link(
        `${CERTBOT}/live/${title}/${name}.pem`,
        `../../archive/${title}/${name}${versions.length}.pem`,
      );
    files.write(`${CERTBOT}/live/${title}/README`, "This directory contains your keys and certificates.\n");
    files.write(`${CERTBOT}/renewal/${title}.conf`, renewalConf(title, names, { directoryUrl, webroot }));
    const count = String(number).padStart(4, "0");
    files.write(`${CERTBOT}/csr/${count}_csr-certbot.pem`, "-----BEGIN CERTIFICATE REQUEST-----\n");
    files.write(`${CERTBOT}/keys/${count}_key-certbot.pem`, versions.at(-1)?.key ?? "", 0o600);
  },
  keyOf: (title) => `${CERTBOT}/archive/${title}/privkey1.pem`,
  closed: [`${CERTBOT}/live`],
  pairOf: (title) => ({
    certificate: `${CERTBOT}/live/${title}/fullchain.pem`,
    key: `${CERTBOT}/live/${title}/privkey.pem`,
  }),
};

function renewalConf(
  title: string,
  names: readonly string[],
  { directoryUrl, webroot }: Pick<ClientSetting, "directoryUrl" | "webroot">,
): string {
  const live = `${CERTBOT}/live/${title}`;
  return `# renew_before_expiry = 30 days
version = 2.1.0
archive_dir = ${CERTBOT}/archive/${title}
cert = ${live}/cert.pem
privkey = ${live}/privkey.pem
chain = ${live}/chain.pem
fullchain = ${live}/fullchain.pem

# Options used in the renewal process
[renewalparams]
account = ${CERTBOT_ACCOUNT}
config_dir = ${CERTBOT}
work_dir = /var/lib/letsencrypt
logs_dir = /var/log/letsencrypt
server = ${directoryUrl}
authenticator = webroot
webroot_path = ${webroot},
key_type = ecdsa
[[webroot_map]]
${names.map((name) => `${name} = ${webroot}\n`).join("")}`;
}

const LEGO = "/root/.lego";
const LEGO_EMAIL = "hostmaster@domain1.tld";

/** Of lego 4.9, Debian 12. */
export const legoTree: ClientTree = {
  name: "lego",
  accountKey: ecKey,
  begin(files, { directoryUrl, accountKey, webroot }) {
    const account = `${LEGO}/accounts/${new URL(directoryUrl).host.replace(":", "_")}/${LEGO_EMAIL}`;
    const above = [LEGO, `${LEGO}/accounts`, account.slice(0, account.lastIndexOf("/")), account];
    for (const path of [...above, `${account}/keys`, `${LEGO}/certificates`]) files.directory(path, 0o700);
    const origin = new URL(directoryUrl).origin;
    files.write(
      `${account}/account.json`,
      `{\n\t"email": "${LEGO_EMAIL}",\n\t"registration": {\n\t\t"body": {\n\t\t\t"status": "valid",\n\t\t\t"contact": [\n\t\t\t\t"mailto:${LEGO_EMAIL}"\n\t\t\t],\n\t\t\t"orders": "${origin}/list-orderz/1"\n\t\t},\n\t\t"uri": "${origin}/my-account/1"\n\t}\n}`,
      0o600,
    );
    files.write(`${account}/keys/${LEGO_EMAIL}.key`, sec1(accountKey));
    files.write(
      "/var/spool/cron/crontabs/root",
      `30 4 * * * /usr/bin/lego --server ${directoryUrl} --email ${LEGO_EMAIL} --http --http.webroot ${webroot} --domains domain1.tld renew --renew-hook /usr/local/bin/deploy-mail\n`,
      0o600,
    );
    files.write("/usr/local/bin/deploy-mail", "#!/bin/sh\ndoveadm reload\n", 0o755);
  },
  add(files, { title, versions }, { directoryUrl }) {
    const base = `${LEGO}/certificates/${title}`;
    const pair = versions.at(-1) as OrderedPair;
    const url = new URL(`/certZ/${title.length}`, directoryUrl);
    files.write(`${base}.crt`, pair.fullChain, 0o600);
    files.write(`${base}.issuer.crt`, partsOf(pair).chain, 0o600);
    files.write(
      `${base}.json`,
      `{\n\t"domain": "${title}",\n\t"certUrl": "${url}",\n\t"certStableUrl": "${url}"\n}`,
      0o600,
    );
    files.write(`${base}.key`, legacyKey(pair.key), 0o600);
  },
  keyOf: (title) => `${LEGO}/certificates/${title}.key`,
  closed: [],
  pairOf: (title) => ({
    certificate: `${LEGO}/certificates/${title}.crt`,
    key: `${LEGO}/certificates/${title}.key`,
  }),
};

const ACME_SH = "/root/.acme.sh";

/** Of acme.sh 3, from its source: it is not in Debian. Servers have the copies of `--install-cert`. */
const acmeShTree: ClientTree = {
  name: "acme.sh",
  accountKey: rsaKey,
  begin(files, { directoryUrl, accountKey }) {
    files.directory(ACME_SH, 0o700);
    const { hostname, pathname } = new URL(directoryUrl);
    const ca = `${ACME_SH}/ca/${hostname}${pathname}`;
    files.write(`${ca}/account.key`, pkcs1(accountKey), 0o600);
    files.write(`${ca}/account.json`, '{"status": "valid"}\n');
    files.write(`${ca}/ca.conf`, `ACCOUNT_URL='${new URL("/my-account/1", directoryUrl)}'\n`);
    files.write(`${ACME_SH}/account.conf`, "ACCOUNT_EMAIL='hostmaster@domain1.tld'\nUPGRADE_HASH='0'\n");
    files.write(
      "/var/spool/cron/crontabs/root",
      '7 0 * * * "/root/.acme.sh"/acme.sh --cron --home "/root/.acme.sh" > /dev/null\n',
      0o600,
    );
  },
  add(files, { title, names, versions }, { directoryUrl, webroot }) {
    const pair = versions.at(-1) as OrderedPair;
    const directory = `${ACME_SH}/${title}_ecc`;
    const { cert, chain } = partsOf(pair);
    files.write(`${directory}/${title}.cer`, cert);
    files.write(`${directory}/ca.cer`, chain);
    files.write(`${directory}/fullchain.cer`, pair.fullChain);
    files.write(`${directory}/${title}.key`, legacyKey(pair.key), 0o600);
    files.write(`${directory}/${title}.csr`, "-----BEGIN CERTIFICATE REQUEST-----\n");
    files.write(`${directory}/${title}.csr.conf`, "[ req_distinguished_name ]\n");
    const { certificate, key } = acmeShTree.pairOf(title);
    files.write(`${directory}/${title}.conf`, domainConf(names, { directoryUrl, webroot, certificate, key }));
    // Copied at the first renewal, and at each: what a version before has left is what a failed copy leaves.
    const installed = versions[0] as OrderedPair;
    files.write(certificate, installed.fullChain);
    files.write(key, legacyKey(installed.key), 0o600);
  },
  keyOf: (title) => `${ACME_SH}/${title}_ecc/${title}.key`,
  closed: [],
  pairOf: (title) => ({
    certificate: `/etc/dovecot/ssl/${title}.pem`,
    key: `/etc/dovecot/ssl/${title}.key`,
  }),
};

function domainConf(
  [name = "", ...others]: readonly string[],
  values: {
    readonly directoryUrl: string;
    readonly webroot: string;
    readonly certificate: string;
    readonly key: string;
  },
): string {
  const reload = Buffer.from("doveadm reload").toString("base64");
  return `Le_Domain='${name}'
Le_Alt='${others.join(",") || "no"}'
Le_Webroot='${values.webroot}'
Le_PreHook=''
Le_PostHook=''
Le_RenewHook=''
Le_API='${values.directoryUrl}'
Le_Keylength='ec-256'
Le_OrderFinalize='${new URL("/finalize-order/1", values.directoryUrl)}'
Le_LinkOrder='${new URL("/my-order/1", values.directoryUrl)}'
Le_LinkCert='${new URL("/certZ/1", values.directoryUrl)}'
Le_CertCreateTime='1790000000'
Le_CertCreateTimeStr='2026-09-21T14:13:20Z'
Le_NextRenewTimeStr='2026-11-19T14:13:20Z'
Le_NextRenewTime='1795097600'
Le_RealCertPath=''
Le_RealCACertPath=''
Le_RealKeyPath='${values.key}'
Le_ReloadCmd='__ACME_BASE64__START_${reload}__ACME_BASE64__END_'
Le_RealFullChainPath='${values.certificate}'
`;
}

export const CLIENT_TREES: readonly ClientTree[] = [certbotTree, legoTree, acmeShTree];

function partsOf({ fullChain, key }: OrderedPair) {
  const [cert = "", ...chain] = fullChain.split(/(?<=-----END CERTIFICATE-----\n)/);
  return { cert, chain: chain.join(""), fullchain: fullChain, privkey: key };
}

function rsaKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

function ecKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

const sec1 = (key: string) => createPrivateKey(key).export({ format: "pem", type: "sec1" }).toString();
const pkcs1 = (key: string) => createPrivateKey(key).export({ format: "pem", type: "pkcs1" }).toString();

/** `BEGIN EC PRIVATE KEY` or `BEGIN RSA PRIVATE KEY`. */
function legacyKey(key: string): string {
  return createPrivateKey(key).asymmetricKeyType === "ec" ? sec1(key) : pkcs1(key);
}
