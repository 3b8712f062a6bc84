import { type IssuedCertificate, type IssueOptions, issue } from "../../../support/certificates";
import { HostTree } from "./host-tree";

const DAY = 86_400_000;

/** A CA as of a host's certificates. */
export interface TestCa {
  readonly root: IssuedCertificate;
  leaf(names: readonly string[], options?: IssueOptions): Promise<IssuedCertificate>;
}

export async function testCa(): Promise<TestCa> {
  const root = await issue({ subject: "CN=Test CA", ca: true, notAfter: new Date(Date.now() + 1000 * DAY) });
  return {
    root,
    leaf: (names, options = {}) =>
      issue({
        subject: `CN=${names[0]}`,
        issuer: root,
        dnsNames: names,
        notBefore: new Date(Date.now() - 10 * DAY),
        notAfter: new Date(Date.now() + 80 * DAY),
        ...options,
      }),
  };
}

export function namesOf(domain: string): string[] {
  return [domain, `imap.${domain}`, `pop3.${domain}`, `smtp.${domain}`];
}

/** A host as the article "Server Name Indication (SNI) for qmail and dovecot" has it: dehydrated, its hook, qmail, Dovecot. */
export class ArticleHost extends HostTree {
  readonly rows: string[] = [];
  readonly blocks: string[] = [];
  #first = true;

  constructor(
    readonly ca: TestCa,
    readonly version: "2.3" | "2.4" = "2.4",
  ) {
    super();
  }

  /** A row, its files as dehydrated writes them, and what the hook makes of it. */
  async add(names: readonly string[], options?: IssueOptions): Promise<IssuedCertificate> {
    const leaf = await this.ca.leaf(names, options);
    const domain = names[0] as string;
    this.rows.push(names.join(" "));
    this.certificate(domain, leaf);
    const pem = leaf.keyPem + leaf.pem + this.ca.root.pem;
    if (this.#first) this.write("/var/qmail/control/servercert.pem", pem, 0o640);
    else this.qmail(domain, pem);
    this.#first = false;
    return leaf;
  }

  /** The files of dehydrated. */
  certificate(directory: string, leaf: IssuedCertificate): void {
    const base = `/etc/dehydrated/certs/${directory}`;
    const version = "1760000000";
    for (const [name, contents, mode] of [
      ["cert", leaf.pem, 0o600],
      ["chain", this.ca.root.pem, 0o600],
      ["fullchain", leaf.pem + this.ca.root.pem, 0o600],
      ["privkey", leaf.keyPem, 0o600],
    ] as const) {
      this.write(`${base}/${name}-${version}.pem`, contents, mode);
      this.link(`${base}/${name}.pem`, `${name}-${version}.pem`);
    }
  }

  qmail(name: string, pem: string, mode = 0o640): void {
    this.write(`/var/qmail/control/servercerts/${name}/servercert.pem`, pem, mode);
  }

  block(names: string, directory: string): void {
    const base = `/etc/dehydrated/certs/${directory}`;
    const settings =
      this.version === "2.4"
        ? [`ssl_server_cert_file = ${base}/fullchain.pem`, `ssl_server_key_file = ${base}/privkey.pem`]
        : [`ssl_cert = <${base}/fullchain.pem`, `ssl_key = <${base}/privkey.pem`];
    this.blocks.push(`local_name ${names} {\n${settings.map((line) => `  ${line}\n`).join("")}}\n`);
  }

  /** Writes what depends on all of the rows. */
  finish(defaultDirectory: string, more: { readonly hook?: boolean } = {}): this {
    const base = `/etc/dehydrated/certs/${defaultDirectory}`;
    this.write("/etc/dehydrated/domains.txt", `${this.rows.join("\n")}\n`);
    this.write(
      "/etc/dehydrated/config",
      [
        'WELLKNOWN="/var/www/acme/.well-known/acme-challenge"',
        ...(more.hook ? ["HOOK=${BASEDIR}/hook.sh"] : []),
        'CONTACT_EMAIL="postmaster@domain1.tld"',
        "",
      ].join("\n"),
    );
    if (more.hook) {
      this.write("/etc/dehydrated/hook.sh", HOOK, 0o755);
      this.write(
        "/etc/cron.d/dehydrated",
        "# renew\n17 3 * * * root SECRET_TOKEN=a-secret /usr/bin/dehydrated -c\n",
      );
    }
    const head =
      this.version === "2.4"
        ? `dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\nssl_server_cert_file = ${base}/fullchain.pem\nssl_server_key_file = ${base}/privkey.pem\n`
        : `ssl_cert = <${base}/fullchain.pem\nssl_key = <${base}/privkey.pem\nssl_key_password = a-secret\n`;
    this.write(
      "/etc/dovecot/dovecot.conf",
      `protocols = imap\n${head}!include conf.d/*.conf\n`.replace(
        /^(protocols.*\n)((?:dovecot_.*\n)+)/,
        "$2$1",
      ),
    );
    this.write("/etc/dovecot/conf.d/20-sni.conf", this.blocks.join(""));
    return this;
  }
}

/** What the article's hook does, in short. */
const HOOK = `#!/bin/sh
deploy_cert() {
  cat "$KEYFILE" "$FULLCHAINFILE" > /var/qmail/control/servercerts/$DOMAIN/servercert.pem
  echo "local_name $DOMAIN {" >> /etc/dovecot/conf.d/20-sni.conf
  doveadm reload
}
`;

/** A host without a fault: each name has an entry everywhere. */
export async function healthyHost(ca: TestCa, version: "2.3" | "2.4", count: number): Promise<ArticleHost> {
  const host = new ArticleHost(ca, version);
  for (let index = 1; index <= count; index++) {
    const names = namesOf(`domain${index}.tld`);
    const leaf = await host.add(names);
    for (const name of names) {
      host.block(name, names[0] as string);
      if (index > 1 && name !== names[0])
        host.link(`/var/qmail/control/servercerts/${name}`, names[0] as string);
    }
    void leaf;
  }
  return host.finish("domain1.tld");
}
