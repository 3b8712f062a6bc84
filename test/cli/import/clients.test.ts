import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Project } from "../../docs/support/project";
import { typeErrors } from "../../docs/support/type-check";
import { ran } from "../support/ran";
import { type TestCa, testCa } from "./support/article";
import { HostTree } from "./support/host-tree";
import { about, imported, programOf } from "./support/imported";

/** Fixtures: layouts as the documentation of the programs and their sources have them. */
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

/** Dovecot that presents one pair to all clients. */
function dovecot(certificate: string, key: string): void {
  host.write("/etc/dovecot/dovecot.conf", `ssl_cert = <${certificate}\nssl_key = <${key}\n`);
}

function synthesizes(stack: string): string {
  expect(typeErrors([programOf(stack)])).toEqual([]);
  const project = new Project({});
  try {
    return JSON.stringify(project.run(programOf(stack)).stacks);
  } finally {
    project.remove();
  }
}

describe("GIVEN certbot", () => {
  const live = "/etc/letsencrypt/live/domain1.tld";
  beforeEach(async () => {
    const leaf = await ca.leaf(["domain1.tld", "imap.domain1.tld"]);
    const archive = "/etc/letsencrypt/archive/domain1.tld";
    host.write(`${archive}/fullchain1.pem`, leaf.pem + ca.root.pem);
    host.write(`${archive}/privkey1.pem`, leaf.keyPem, 0o600);
    for (const name of ["fullchain", "privkey"])
      host.link(`${live}/${name}.pem`, `../../archive/domain1.tld/${name}1.pem`);
    host.write(
      "/etc/letsencrypt/renewal/domain1.tld.conf",
      `version = 2.1.0
archive_dir = ${archive}
cert = ${live}/cert.pem
privkey = ${live}/privkey.pem
chain = ${live}/chain.pem
fullchain = ${live}/fullchain.pem

# Options used in the renewal process
[renewalparams]
account = 0123456789abcdef
authenticator = webroot
webroot_path = /var/www/html,
server = https://acme-v02.api.letsencrypt.org/directory
[[webroot_map]]
domain1.tld = /var/www/html
imap.domain1.tld = /var/www/html
`,
    );
    dovecot(`${live}/fullchain.pem`, `${live}/privkey.pem`);
  });

  it("WHEN imported THEN the stack has its names, its webroot and Let's Encrypt", async () => {
    const result = await look();
    expect(result.domains).toMatchObject([
      { domain: "domain1.tld", names: ["domain1.tld", "imap.domain1.tld"] },
    ]);
    expect(result.stack).toContain('Challenge.httpWebroot("/var/www/html")');
    expect(synthesizes(result.stack)).toContain("https://acme-v02.api.letsencrypt.org/directory");
  });

  it("WHEN a timer renews, and a hook writes a server's files, THEN both are named; a masked timer is not", async () => {
    host.write("/lib/systemd/system/certbot.service", "[Service]\nExecStart=/usr/bin/certbot -q renew\n");
    host.write("/lib/systemd/system/certbot.timer", "[Timer]\n");
    host.link("/etc/systemd/system/timers.target.wants/certbot.timer", "/lib/systemd/system/certbot.timer");
    host.write(
      "/etc/letsencrypt/renewal-hooks/deploy/qmail",
      "cat x > /var/qmail/control/servercert.pem\n",
      0o755,
    );
    const result = await look();
    expect(about(result, "renewer", "certbot.timer")).toMatchObject([
      { state: "decision", remedy: expect.stringContaining("systemctl disable --now certbot.timer") },
    ]);
    expect(about(result, "hook", "renewal-hooks/deploy/qmail")).toHaveLength(1);
    host.link("/etc/systemd/system/certbot.timer", "/dev/null");
    expect(about(await look(), "renewer", "certbot.timer")).toEqual([]);
  });

  it("WHEN it proves names by DNS THEN the stack has a hook, and may have wildcards", async () => {
    const leaf = await ca.leaf(["domain2.tld", "*.domain2.tld"]);
    host.write("/etc/letsencrypt/live/domain2.tld/fullchain.pem", leaf.pem + ca.root.pem);
    host.write("/etc/letsencrypt/live/domain2.tld/privkey.pem", leaf.keyPem, 0o600);
    const conf =
      "fullchain = /etc/letsencrypt/live/domain2.tld/fullchain.pem\nprivkey = /etc/letsencrypt/live/domain2.tld/privkey.pem\n[renewalparams]\nauthenticator = dns-cloudflare\ndns_cloudflare_credentials = /etc/letsencrypt/cloudflare.ini\nserver = https://ca.example/dir\n";
    host.write("/etc/letsencrypt/renewal/domain2.tld.conf", conf);
    host.write("/etc/letsencrypt/renewal/domain1.tld.conf", conf.replaceAll("domain2", "domain1"));
    const { stack } = await look();
    expect(stack).toContain("Challenge.dnsHook(");
    expect(stack).toContain('"*.domain2.tld"');
    expect(synthesizes(stack)).toContain("https://ca.example/dir");
  });
});

describe("GIVEN acme.sh", () => {
  it("WHEN imported THEN names come from its files, and where it installs them is a finding", async () => {
    const directory = "/root/.acme.sh/domain1.tld_ecc";
    const leaf = await ca.leaf(["domain1.tld", "imap.domain1.tld", "smtp.domain1.tld"]);
    host.write(`${directory}/fullchain.cer`, leaf.pem + ca.root.pem);
    host.write(`${directory}/domain1.tld.key`, leaf.keyPem, 0o600);
    host.write(
      `${directory}/domain1.tld.conf`,
      `Le_Domain='domain1.tld'
Le_Alt='imap.domain1.tld,smtp.domain1.tld'
Le_Webroot='/var/www/html'
Le_PreHook=''
Le_API='https://acme.zerossl.com/v2/DV90'
Le_Keylength='ec-256'
Le_RealKeyPath='/etc/ssl/mail.key'
Le_RealFullChainPath='/etc/ssl/mail.pem'
Le_ReloadCmd='__ACME_BASE64__START_Z2VoZWlt__ACME_BASE64__END_'
Le_NextRenewTime='1790000000'
`,
    );
    host.write("/etc/ssl/mail.pem", leaf.pem + ca.root.pem);
    host.write("/etc/ssl/mail.key", leaf.keyPem, 0o600);
    host.write(
      "/var/spool/cron/crontabs/root",
      '7 0 * * * "/root/.acme.sh"/acme.sh --cron --home "/root/.acme.sh" > /dev/null\n',
    );
    dovecot("/etc/ssl/mail.pem", "/etc/ssl/mail.key");
    const result = await look();
    expect(result.domains).toMatchObject([
      { domain: "domain1.tld", names: ["domain1.tld", "imap.domain1.tld", "smtp.domain1.tld"] },
    ]);
    expect(about(result, "hook", "/etc/ssl/mail.pem")).toMatchObject([{ names: ["domain1.tld"] }]);
    expect(about(result, "renewer", "/var/spool/cron/crontabs/root:1")).toMatchObject([
      { state: "decision", remedy: expect.stringContaining("acme.sh --remove -d DOMAIN") },
    ]);
    expect(synthesizes(result.stack)).toContain("https://acme.zerossl.com/v2/DV90");
  });
});

describe("GIVEN lego", () => {
  it("WHEN imported THEN names come from its certificates", async () => {
    const leaf = await ca.leaf(["domain1.tld", "imap.domain1.tld"]);
    const base = "/var/lib/lego/certificates/domain1.tld";
    host.write(`${base}.json`, '{\n  "domain": "domain1.tld",\n  "certUrl": "https://ca.example/1"\n}\n');
    host.write(`${base}.crt`, leaf.pem + ca.root.pem, 0o600);
    host.write(`${base}.key`, leaf.keyPem, 0o600);
    host.write(`${base}.issuer.crt`, ca.root.pem, 0o600);
    host.write("/var/spool/cron/crontabs/alice", "1 1 * * * lego renew\n");
    dovecot(`${base}.crt`, `${base}.key`);
    const result = await look();
    expect(result.found).toContain("lego (1 certificate)");
    expect(about(result, "renewer", "/var/spool/cron/crontabs/alice:1")).toMatchObject([
      { remedy: expect.stringContaining("of the user alice, which retire leaves alone") },
    ]);
    expect(result.stack).not.toContain("retire");
    expect(result.domains).toMatchObject([{ names: ["domain1.tld", "imap.domain1.tld"] }]);
    synthesizes(result.stack);
  });
});

describe("GIVEN lego with a line for each certificate", () => {
  it("WHEN imported THEN the lines of a crontab are one finding, with each of them", async () => {
    for (const domain of ["domain1.tld", "domain2.tld"]) {
      const leaf = await ca.leaf([domain]);
      const base = `/root/.lego/certificates/${domain}`;
      host.write(`${base}.json`, `{ "domain": "${domain}", "certUrl": "https://ca.example/1" }\n`);
      host.write(`${base}.crt`, leaf.pem + ca.root.pem, 0o600);
      host.write(`${base}.key`, leaf.keyPem, 0o600);
    }
    const crontab = "/var/spool/cron/crontabs/root";
    host.write(
      crontab,
      "# renew\n1 1 * * * lego -d domain1.tld renew\n2 1 * * * lego -d domain2.tld renew\n",
    );
    dovecot("/root/.lego/certificates/domain1.tld.crt", "/root/.lego/certificates/domain1.tld.key");
    const result = await look();
    expect(result.findings.filter(({ code }) => code === "renewer")).toMatchObject([
      {
        problem: expect.stringContaining(`(2 lines of ${crontab})`),
        remedy: expect.stringContaining(`put a # in front of these lines of ${crontab}`),
        places: [`${crontab}:2`, `${crontab}:3`],
      },
    ]);
  });
});

describe("GIVEN lego, whose files do not have the URL of the CA's directory", () => {
  const home = "/root/.lego";
  async function certificateOf(origin: string): Promise<void> {
    const leaf = await ca.leaf(["domain1.tld"]);
    const base = `${home}/certificates/domain1.tld`;
    host.write(`${base}.json`, `{\n\t"domain": "domain1.tld",\n\t"certUrl": "${origin}/acme/cert/1"\n}`);
    host.write(`${base}.crt`, leaf.pem + ca.root.pem, 0o600);
    host.write(`${base}.key`, leaf.keyPem, 0o600);
    dovecot(`${base}.crt`, `${base}.key`);
  }
  function account(server: string, origin: string, email = "a@domain1.tld"): string {
    const directory = `${home}/accounts/${server}/${email}`;
    host.write(
      `${directory}/account.json`,
      `{\n\t"registration": {\n\t\t"uri": "${origin}/acme/acct/1"\n\t}\n}`,
    );
    host.write(`${directory}/keys/${email}.key`, "key");
    return `adoptAccountKey: ${JSON.stringify(host.path(`${directory}/keys/${email}.key`))}`;
  }

  it("WHEN Let's Encrypt's staging has issued THEN the stack has that, and its account", async () => {
    const origin = "https://acme-staging-v02.api.letsencrypt.org";
    await certificateOf(origin);
    const adopted = account("acme-staging-v02.api.letsencrypt.org", origin);
    account("acme-v02.api.letsencrypt.org", "https://acme-v02.api.letsencrypt.org");
    const result = await look();
    expect(result.findings.map(({ code }) => code)).not.toContain("ca-unknown");
    expect(result.stack).toContain(adopted);
    expect(synthesizes(result.stack)).toContain(`${origin}/directory`);
  });

  it("WHEN another CA has issued THEN no other CA is asked, and a finding wants its URL corrected", async () => {
    const origin = "https://ca.example:14000";
    await certificateOf(origin);
    account("ca.example_14000", origin);
    account("ca.example_14000", origin, "b@domain1.tld");
    const result = await look();
    expect(about(result, "ca-unknown", "domain1.tld.json")).toMatchObject([{ state: "decision" }]);
    expect(result.stack).not.toContain("adoptAccountKey");
    expect(synthesizes(result.stack)).toContain(`${origin}/directory`);
  });
});

describe("GIVEN two certificates of certbot for the same names", () => {
  it.each(["domain1.tld", "domain1.tld-0001"])(
    "WHEN a server presents that of %s THEN the stack has it",
    async (presented) => {
      for (const title of ["domain1.tld", "domain1.tld-0001"]) {
        const leaf = await ca.leaf(["domain1.tld"]);
        const live = `/etc/letsencrypt/live/${title}`;
        host.write(`${live}/fullchain.pem`, leaf.pem + ca.root.pem);
        host.write(`${live}/privkey.pem`, leaf.keyPem, 0o600);
        host.write(`/etc/letsencrypt/renewal/${title}.conf`, "[renewalparams]\n");
      }
      dovecot(
        `/etc/letsencrypt/live/${presented}/fullchain.pem`,
        `/etc/letsencrypt/live/${presented}/privkey.pem`,
      );
      const result = await look();
      expect(result.domains).toMatchObject([
        { certificate: `/etc/letsencrypt/live/${presented}/fullchain.pem` },
      ]);
      expect(about(result, "name-twice", "domain1.tld")).toHaveLength(1);
    },
  );
});

describe("GIVEN acme.sh with a CA on another port", () => {
  it("THEN its account is found in a directory without the port, as acme.sh names it", async () => {
    const directory = "/root/.acme.sh/domain1.tld_ecc";
    const leaf = await ca.leaf(["domain1.tld"]);
    host.write(`${directory}/fullchain.cer`, leaf.pem + ca.root.pem);
    host.write(`${directory}/domain1.tld.key`, leaf.keyPem, 0o600);
    host.write(
      `${directory}/domain1.tld.conf`,
      "Le_Domain='domain1.tld'\nLe_Alt='no'\nLe_API='https://ca.example:14000/acme/dir'\n",
    );
    host.write("/root/.acme.sh/ca/ca.example/acme/dir/account.key", "key", 0o600);
    dovecot(`${directory}/fullchain.cer`, `${directory}/domain1.tld.key`);
    const { stack } = await look();
    expect(stack).toContain(
      `adoptAccountKey: ${JSON.stringify(host.path("/root/.acme.sh/ca/ca.example/acme/dir/account.key"))}`,
    );
  });
});

describe("GIVEN Postfix with an SNI map", () => {
  it("WHEN imported THEN who is served what is computed by its rules", async () => {
    const [one, two] = [await ca.leaf(["domain1.tld"]), await ca.leaf(["domain2.tld", "imap.domain2.tld"])];
    for (const [name, { keyPem, pem }] of Object.entries({ one, two })) {
      host.write(
        `/etc/dehydrated/certs/domain${name === "one" ? 1 : 2}.tld/fullchain.pem`,
        pem + ca.root.pem,
      );
      host.write(`/etc/dehydrated/certs/domain${name === "one" ? 1 : 2}.tld/privkey.pem`, keyPem, 0o600);
      host.write(`/etc/postfix/${name}.pem`, keyPem + pem + ca.root.pem, 0o600);
    }
    host.write("/etc/dehydrated/config", "");
    host.write("/etc/dehydrated/domains.txt", "domain1.tld\ndomain2.tld imap.domain2.tld\n");
    host.write(
      "/etc/postfix/main.cf",
      "smtpd_tls_chain_files =\n  /etc/postfix/one.pem\ntls_server_sni_maps = hash:$config_directory/sni\n",
    );
    host.write("/etc/postfix/sni", "# names\nDomain2.tld /etc/postfix/two.pem\n");
    dovecot(
      "/etc/dehydrated/certs/domain1.tld/fullchain.pem",
      "/etc/dehydrated/certs/domain1.tld/privkey.pem",
    );
    const before = await look();
    const postfix = before.findings.filter(
      ({ code, problem }) => code === "served-default" && problem.startsWith("Postfix"),
    );
    expect(postfix.map(({ names }) => names)).toEqual([["imap.domain2.tld"]]);
    expect(before.findings.map(({ code }) => code)).toContain("server-unsupported");
    host.write("/etc/postfix/sni", "domain2.tld /etc/postfix/two.pem\n.domain2.tld /etc/postfix/two.pem\n");
    const after = await look();
    expect(
      after.findings.filter(({ problem }) => problem.startsWith("Postfix presents the default")),
    ).toEqual([]);
    synthesizes(after.stack);
  });
});

describe("GIVEN certificates without any client", () => {
  it("WHEN imported THEN the stack declares what the servers have", async () => {
    const leaf = await ca.leaf(["mail.intern.test", "imap.intern.test"]);
    host.write("/etc/ssl/mail.pem", leaf.pem + ca.root.pem);
    host.write("/etc/ssl/mail.key", leaf.keyPem, 0o600);
    dovecot("/etc/ssl/mail.pem", "/etc/ssl/mail.key");
    const result = await look();
    expect(result.domains).toMatchObject([{ names: ["mail.intern.test", "imap.intern.test"] }]);
    expect(about(result, "name-not-public", "mail.intern.test")).toHaveLength(1);
    expect(synthesizes(result.stack)).toContain("mailsni_private_ca");
  });

  it("WHEN all names of a certificate are below one of them THEN that is the domain", async () => {
    const leaf = await ca.leaf(["autoconfig.domain1.tld", "domain1.tld", "mail.domain1.tld"]);
    host.write("/etc/ssl/mail.pem", leaf.pem + ca.root.pem);
    host.write("/etc/ssl/mail.key", leaf.keyPem, 0o600);
    dovecot("/etc/ssl/mail.pem", "/etc/ssl/mail.key");
    const result = await look();
    expect(result.domains).toMatchObject([
      { domain: "domain1.tld", names: ["autoconfig.domain1.tld", "domain1.tld", "mail.domain1.tld"] },
    ]);
    synthesizes(result.stack);
  });
});

describe("GIVEN servers with different defaults", () => {
  it("WHEN imported THEN that has to be decided; copies of different age are none", async () => {
    const [one, two] = [await ca.leaf(["domain1.tld"]), await ca.leaf(["domain2.tld"])];
    const copy = await ca.leaf(["domain1.tld"]);
    host.write("/etc/ssl/one.pem", one.pem + ca.root.pem);
    host.write("/etc/ssl/one.key", one.keyPem, 0o600);
    dovecot("/etc/ssl/one.pem", "/etc/ssl/one.key");
    const qmail = (leaf: typeof one) =>
      host.write("/var/qmail/control/servercert.pem", leaf.keyPem + leaf.pem + ca.root.pem, 0o640);
    qmail(two);
    expect(about(await look(), "defaults-differ", "/etc/ssl/one.pem")).toMatchObject([{ state: "decision" }]);
    qmail(copy);
    expect(about(await look(), "defaults-differ", "/etc/ssl/one.pem")).toEqual([]);
  });
});

describe("GIVEN a certificate without host names", () => {
  it("WHEN imported THEN no stack is printed, and the report says why", async () => {
    const leaf = await ca.leaf([]);
    host.write("/etc/ssl/mail.pem", leaf.pem + ca.root.pem);
    host.write("/etc/ssl/mail.key", leaf.keyPem, 0o600);
    dovecot("/etc/ssl/mail.pem", "/etc/ssl/mail.key");
    const { out, err } = await ran(["import", "--root", host.root, "--no-dns"]);
    expect(out).toBe("");
    expect(err).toContain("No stack is printed");
  });
});

describe("GIVEN servers in other directories than usual", () => {
  it("WHEN imported with them THEN they are found, and the stack has the directories", async () => {
    const leaf = await ca.leaf(["domain1.tld", "imap.domain1.tld"]);
    const pem = leaf.keyPem + leaf.pem + ca.root.pem;
    host.write("/opt/qmail/control/servercert.pem", pem, 0o640);
    host.write("/opt/qmail/control/servercerts/imap.domain1.tld/servercert.pem", pem, 0o640);
    host.write("/opt/qmail/control/servercerts/smtp.domain1.tld/.keep", "");
    host.write("/opt/dovecot/dovecot.conf", "ssl_cert = </opt/tls.pem\nssl_key = </opt/tls.pem\n");
    host.write("/opt/tls.pem", pem, 0o600);
    const options = ["--qmail-directory", "/opt/qmail", "--dovecot-directory", "/opt/dovecot"];
    const result = await imported(["--root", host.root, "--no-dns", ...options]);
    expect(result.found.join()).toMatch(/qmail.*Dovecot 2\.3/);
    expect(about(result, "pem-missing", "/opt/qmail/control/servercerts/smtp.domain1.tld")).toHaveLength(1);
    expect(result.stack).toContain('Qmail.standard({ directory: "/opt/qmail" }),');
    expect(result.stack).toContain('Dovecot.v23({ directory: "/opt/dovecot" }),');
    expect(synthesizes(result.stack)).toContain("/opt/qmail/control/servercerts");
    expect((await ran(["import", "--qmail-directory", "qmail"])).err).toContain("[CLI_OPTION]");
  });
});
