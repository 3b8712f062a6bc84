import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { testCa } from "../../cli/import/support/article";
import { HostTree } from "../../cli/import/support/host-tree";
import { about, type Imported, imported, programOf } from "../../cli/import/support/imported";
import { typeErrors } from "../../docs/support/type-check";
import { certbotFiles, findCertbot, findLego } from "../../support/acme-clients";
import { mustRun } from "../../support/commands";
import { Pebble } from "../../support/pebble";
import { certbot, describeIf, lego, pebble, root } from "../../support/requirements";
import { type ClientTree, certbotTree, legoTree } from "./client-trees";
import { treeShape } from "./tree-shape";

const DOMAINS = ["domain1.tld", "domain2.tld", "example.co.uk"];
const namesOf = (domain: string) => [domain, `imap.${domain}`, `smtp.${domain}`];
/** Debian has no acme.sh: its layout is a fixture. */
let ca: Pebble;
let host: HostTree;

async function start(): Promise<void> {
  ca = await Pebble.start({ badNonces: 0 });
  host = new HostTree();
  host.write("/root/ca.pem", ca.directoryCaPem);
}

async function stop(): Promise<void> {
  host?.remove();
  await ca?.stop();
}

/** Dovecot that presents a pair to all clients. */
function dovecot(certificate: string, key: string): void {
  host.write("/etc/dovecot/dovecot.conf", `ssl_cert = <${certificate}\nssl_key = <${key}\n`);
}

const look = () => imported(["--root", host.root, "--no-dns"]);

/** Expects a domain for each certificate, with its names. */
function expectDomains({ domains, stack }: Imported): void {
  const found = domains.map(({ domain, names }) => [domain, [...names].sort()]);
  expect(found.sort()).toEqual(DOMAINS.map((domain) => [domain, namesOf(domain).sort()]).sort());
  expect(typeErrors([programOf(stack)])).toEqual([]);
}

/** The shape of what the fixture of a client writes for the same domains, below one of its directories. */
async function fixtureOf(
  tree: ClientTree,
  directory: string,
): Promise<{ shape: string[]; fixture: HostTree }> {
  const fixture = new HostTree();
  const testing = await testCa();
  const setting = { directoryUrl: ca.directoryUrl, accountKey: tree.accountKey(), webroot: ca.web.directory };
  tree.begin(fixture, setting);
  for (const [number, title] of DOMAINS.entries()) {
    const names = namesOf(title);
    const { pem, keyPem } = await testing.leaf(names);
    const versions = [{ fullChain: pem + testing.root.pem, key: keyPem }];
    tree.add(fixture, { title, names, versions, number }, setting);
  }
  return { fixture, shape: treeShape(fixture.path(directory)) };
}

/** What the sections of a renewal file set. certbot writes the names of `[[webroot_map]]` in any order. */
const settingsIn = (file: string) =>
  readFileSync(file, "utf8")
    .split(/^(?=\[)/m)
    .map((section) =>
      section
        .split("\n")
        .map((line) => line.replace(/ = .*/, ""))
        .sort(),
    );

describeIf([root, pebble, certbot], "GIVEN certificates that Debian's certbot has ordered", () => {
  const run = (...args: string[]) => {
    const directories = ["config-dir", "work-dir", "logs-dir"].flatMap((name) => [
      `--${name}`,
      host.path(name === "config-dir" ? "/etc/letsencrypt" : `/var/lib/${name}`),
    ]);
    return mustRun(
      [findCertbot() ?? "", ...args, ...directories, "--non-interactive", "--disable-hook-validation"],
      {
        env: { REQUESTS_CA_BUNDLE: host.path("/root/ca.pem"), PATH: process.env.PATH ?? "" },
        timeoutMs: 120_000,
      },
    );
  };
  /** What certbot has written has the paths of the tree, and a host's has its own. */
  const ofHost = () => {
    const directory = host.path("/etc/letsencrypt/renewal");
    for (const name of readdirSync(directory)) {
      const file = join(directory, name);
      writeFileSync(file, readFileSync(file, "utf8").replaceAll(host.root, ""));
    }
  };

  beforeAll(async () => {
    await start();
    for (const domain of DOMAINS) {
      const names = namesOf(domain).flatMap((name) => ["-d", name]);
      const account = [
        "--agree-tos",
        "-m",
        "hostmaster@domain1.tld",
        "--no-eff-email",
        "--server",
        ca.directoryUrl,
      ];
      const hook = domain === "domain2.tld" ? ["--deploy-hook", "/usr/local/bin/deploy-mail"] : [];
      await run("certonly", "--webroot", "-w", ca.web.directory, ...names, ...account, ...hook);
    }
    ofHost();
    cpSync(join(certbotFiles(), "lib/systemd"), host.path("/lib/systemd"), { recursive: true });
    mkdirSync(host.path("/etc/cron.d"));
    cpSync(join(certbotFiles(), "etc/cron.d/certbot"), host.path("/etc/cron.d/certbot"));
    host.link("/etc/systemd/system/timers.target.wants/certbot.timer", "/lib/systemd/system/certbot.timer");
    host.write("/usr/local/bin/deploy-mail", "#!/bin/sh\ncat x >/var/qmail/control/servercert.pem\n", 0o755);
    dovecot(
      "/etc/letsencrypt/live/domain1.tld/fullchain.pem",
      "/etc/letsencrypt/live/domain1.tld/privkey.pem",
    );
  }, 300_000);
  afterAll(stop);

  it("THEN the fixture of hundreds of certificates has the same shape", async () => {
    const { fixture, shape } = await fixtureOf(certbotTree, "/etc/letsencrypt");
    expect(shape).toEqual(treeShape(host.path("/etc/letsencrypt")));
    const conf = "/etc/letsencrypt/renewal/domain1.tld.conf";
    expect(settingsIn(fixture.path(conf))).toEqual(settingsIn(host.path(conf)));
    fixture.remove();
  });

  it("WHEN imported THEN the stack has its names, its webroot and its CA, and no certificate is at fault", async () => {
    const result = await look();
    expectDomains(result);
    expect(result.defaultDomain).toBe("domain1.tld");
    expect(result.stack).toContain(`Challenge.httpWebroot(${JSON.stringify(ca.web.directory)})`);
    expect(result.stack).toContain(ca.directoryUrl);
    expect(result.findings.filter(({ code }) => /^(pem|key|row|files|not-read)/.test(code))).toEqual([]);
  });

  it("THEN its timer and its crontab are named, with the hook of one certificate, and the stack retires it", async () => {
    const result = await look();
    expect(about(result, "renewer", "certbot.timer")).toHaveLength(1);
    expect(about(result, "renewer", "/etc/cron.d/certbot:17")).toHaveLength(1);
    expect(about(result, "hook", "/usr/local/bin/deploy-mail")).toHaveLength(1);
    expect(result.stack).toContain("retire: [Renewer.certbot()]");
  });

  it("GIVEN a system whose systemd runs THEN the crontab is not named, which does nothing there", async () => {
    mkdirSync(host.path("/run/systemd/system"), { recursive: true });
    const result = await look();
    rmSync(host.path("/run"), { recursive: true });
    expect(about(result, "renewer", "/etc/cron.d/certbot")).toEqual([]);
    expect(about(result, "renewer", "certbot.timer")).toHaveLength(1);
  });

  it("GIVEN a certificate that was renewed, and a copy of the former in a server, THEN the copy is stale", async () => {
    const former = readFileSync(host.path("/etc/letsencrypt/live/domain2.tld/fullchain.pem"), "utf8");
    const key = readFileSync(host.path("/etc/letsencrypt/live/domain2.tld/privkey.pem"), "utf8");
    host.write("/var/qmail/control/servercerts/imap.domain2.tld/servercert.pem", key + former, 0o640);
    const account = ["--server", ca.directoryUrl, "--force-renewal", "--cert-name", "domain2.tld"];
    // The paths of the tree again, for certbot itself.
    const conf = host.path("/etc/letsencrypt/renewal/domain2.tld.conf");
    const text = readFileSync(conf, "utf8");
    writeFileSync(
      conf,
      text.replace(/^((?:archive_dir|cert|privkey|chain|fullchain) = )/gm, `$1${host.root}`),
    );
    await run("renew", "--no-random-sleep-on-renew", ...account);
    ofHost();
    const result = await look();
    expectDomains(result);
    expect(
      about(result, "pem-stale", "/var/qmail/control/servercerts/imap.domain2.tld/servercert.pem"),
    ).toMatchObject([{ state: "deploy", names: ["imap.domain2.tld"] }]);
  }, 120_000);
});

describeIf([root, pebble, lego], "GIVEN certificates that Debian's lego has ordered", () => {
  beforeAll(async () => {
    await start();
    for (const domain of DOMAINS) {
      const names = namesOf(domain).flatMap((name) => ["--domains", name]);
      const http = ["--http", "--http.webroot", ca.web.directory];
      const account = ["--accept-tos", "--email", "hostmaster@domain1.tld", "--server", ca.directoryUrl];
      await mustRun(
        [findLego() ?? "", "--path", host.path("/root/.lego"), ...account, ...http, ...names, "run"],
        {
          env: { LEGO_CA_CERTIFICATES: host.path("/root/ca.pem"), PATH: process.env.PATH ?? "" },
          timeoutMs: 120_000,
        },
      );
    }
    host.write(
      "/var/spool/cron/crontabs/root",
      `30 4 * * * /usr/bin/lego --path /root/.lego ${DOMAINS.map((name) => `--domains ${name}`).join(" ")} renew --renew-hook /usr/local/bin/deploy-mail\n`,
      0o600,
    );
    host.write(
      "/usr/local/bin/deploy-mail",
      "#!/bin/sh\ncp x /etc/dovecot/local_name.pem; doveadm reload\n",
      0o755,
    );
    dovecot("/root/.lego/certificates/domain1.tld.crt", "/root/.lego/certificates/domain1.tld.key");
  }, 300_000);
  afterAll(stop);

  it("THEN the fixture of hundreds of certificates has the same shape", async () => {
    const { fixture, shape } = await fixtureOf(legoTree, "/root/.lego");
    expect(shape).toEqual(treeShape(host.path("/root/.lego")));
    const json = "/root/.lego/certificates/domain1.tld.json";
    expect(Object.keys(JSON.parse(readFileSync(fixture.path(json), "utf8")))).toEqual(
      Object.keys(JSON.parse(readFileSync(host.path(json), "utf8"))),
    );
    fixture.remove();
  });

  it("WHEN imported THEN the stack has its CA's host and its account, and a finding asks for the rest of the CA's URL", async () => {
    const result = await look();
    expect(about(result, "ca-unknown", "/root/.lego/certificates/domain1.tld.json")).toMatchObject([
      { state: "decision", problem: expect.stringContaining(new URL("/directory", ca.directoryUrl).href) },
    ]);
    const { host: server } = new URL(ca.directoryUrl);
    const account = `accounts/${server.replace(":", "_")}/hostmaster@domain1.tld/keys/hostmaster@domain1.tld.key`;
    expect(result.stack).toContain(`adoptAccountKey: ${JSON.stringify(host.path(`/root/.lego/${account}`))}`);
  });

  it("WHEN imported THEN the stack has its names, and the line of the crontab and its hook are named", async () => {
    const result = await look();
    expectDomains(result);
    expect(result.findings.filter(({ code }) => /^(pem|key|row|files|not-read)/.test(code))).toEqual([]);
    expect(about(result, "renewer", "/var/spool/cron/crontabs/root:1")).toHaveLength(1);
    expect(about(result, "hook", "/usr/local/bin/deploy-mail")).toMatchObject([
      { state: "decision", problem: expect.stringContaining("lego") },
    ]);
    expect(result.stack).toContain("retire: [Renewer.lego()]");
  });
});
