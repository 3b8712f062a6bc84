import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { typeErrors } from "../../docs/support/type-check";
import { type TestCa, testCa } from "./support/article";
import { HostTree } from "./support/host-tree";
import { codesOf, imported, programOf } from "./support/imported";

/** Fixtures: what the sources of the panels write. */
let ca: TestCa;
let host: HostTree;
beforeAll(async () => {
  ca = await testCa();
});
beforeEach(() => {
  host = new HostTree();
});
afterEach(() => host.remove());

const look = () => imported(["--root", host.root, "--no-dns"]);
const SERVED = [
  { domain: "mail.domain1.tld", names: ["mail.domain1.tld"] },
  { domain: "domain2.tld", names: ["domain2.tld", "imap.domain2.tld"] },
];

describe("GIVEN the files of mailcow's containers, copied into one tree", () => {
  beforeEach(async () => {
    for (const { domain, names } of SERVED) {
      const { pem, keyPem } = await ca.leaf(names);
      const directory = `/etc/ssl/mail/${domain}`;
      host.write(`${directory}/cert.pem`, pem + ca.root.pem);
      host.write(`${directory}/key.pem`, keyPem, 0o600);
      host.write(`${directory}/domains`, names.join(" "));
    }
    const own = "/etc/ssl/mail/mail.domain1.tld";
    host.write(
      "/etc/postfix/main.cf",
      `smtpd_tls_chain_files = ${own}/key.pem, ${own}/cert.pem\ntls_server_sni_maps = hash:/opt/postfix/conf/sni.map\n`,
    );
    const rows = SERVED.flatMap(({ domain, names }) =>
      names.map((name) => `${name} /etc/ssl/mail/${domain}/key.pem /etc/ssl/mail/${domain}/cert.pem\n`),
    );
    host.write("/opt/postfix/conf/sni.map", rows.join(""));
    const blocks = SERVED.flatMap(({ domain, names }) =>
      names.map(
        (name) =>
          `local_name ${name} {\n  ssl_cert = </etc/ssl/mail/${domain}/cert.pem\n  ssl_key = </etc/ssl/mail/${domain}/key.pem\n}\n`,
      ),
    );
    host.write("/etc/dovecot/sni.conf", blocks.join(""));
    host.write(
      "/etc/dovecot/dovecot.conf",
      `ssl_cert = <${own}/cert.pem\nssl_key = <${own}/key.pem\n!include_try /etc/dovecot/sni.conf\n`,
    );
  });

  it("WHEN imported THEN each certificate of the map and of the snippets is a domain, with mailcow's own as default", async () => {
    const { domains, defaultDomain, found, findings, stack } = await look();
    expect(domains).toMatchObject(SERVED);
    expect(defaultDomain).toBe("mail.domain1.tld");
    expect(found.join()).toMatch(/Dovecot 2\.3 \(3 blocks\).*Postfix/);
    expect(findings.filter(({ state }) => state === "decision")).toEqual([]);
    expect(typeErrors([programOf(stack)])).toEqual([]);
  });
});

describe("GIVEN a server that Virtualmin has set up", () => {
  beforeEach(async () => {
    const { pem, keyPem } = await ca.leaf(["domain2.tld", "imap.domain2.tld"]);
    const home = "/home/domain2";
    host.write(`${home}/ssl.cert`, pem);
    host.write(`${home}/ssl.ca`, ca.root.pem);
    host.write(`${home}/ssl.combined`, pem + ca.root.pem);
    host.write(`${home}/ssl.key`, keyPem, 0o600);
    const own = await ca.leaf(["mail.domain1.tld"]);
    host.write("/etc/ssl/own.pem", own.pem + ca.root.pem);
    host.write("/etc/ssl/own.key", own.keyPem, 0o600);
    host.write(
      "/etc/postfix/main.cf",
      "smtpd_tls_cert_file = /etc/ssl/own.pem\nsmtpd_tls_key_file = /etc/ssl/own.key\ntls_server_sni_maps = hash:/etc/postfix/sni_map\n",
    );
    const files = `${home}/ssl.key,${home}/ssl.cert,${home}/ssl.ca`;
    host.write("/etc/postfix/sni_map", `domain2.tld\t${files}\n.domain2.tld\t${files}\n`);
    const block = (name: string) =>
      `local_name ${name} {\n  ssl_cert = <${home}/ssl.combined\n  ssl_key = <${home}/ssl.key\n}\n`;
    host.write(
      "/etc/dovecot/dovecot.conf",
      `ssl_cert = </etc/ssl/own.pem\nssl_key = </etc/ssl/own.key\n${block("domain2.tld")}${block("*.domain2.tld")}`,
    );
  });

  it("WHEN imported THEN the domains have the names of their certificates, and the blocks that stay are declared", async () => {
    const result = await look();
    expect(result.domains).toMatchObject(SERVED);
    expect(result.stack).toContain(
      '{ names: ["*.domain2.tld"], certificate: "/home/domain2/ssl.combined" },',
    );
    expect(codesOf(result)).not.toContain("served-other");
    expect(typeErrors([programOf(result.stack)])).toEqual([]);
  });
});
