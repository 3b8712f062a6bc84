import { X509Certificate } from "node:crypto";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { CommandResult } from "../../support/commands";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { fileIdentities, fileTree } from "../../support/file-tree";
import { describeIf } from "../../support/requirements";
import { Checkout } from "./checkout";
import { pathWithout } from "./path-without";

// Each test runs a real engine, some of them cdktf too.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const DOMAINS_TXT = "stacks/domains.txt";
const QMAIL = "/var/qmail/control";
const DOVECOT = "/etc/dovecot";

describeIf(engineUnderTest, "npm run quickstart", () => {
  let checkout: Checkout;
  let first: CommandResult;
  let domainsTxt: string;

  beforeAll(async () => {
    checkout = await Checkout.create();
    domainsTxt = checkout.read(DOMAINS_TXT);
    // As a checkout below /srv: what keeps others out are the modes of what is written.
    chmodSync(checkout.path(), 0o755);
    first = await checkout.quickstart({
      through: ["sh", "-c", 'umask 022; exec "$@"', "sh"],
      env: { TERRAFORM_BINARY_NAME: requireEngine().executable },
    });
  });

  afterAll(() => checkout?.remove());

  /** Where something on the host is. */
  const onHost = (path: string) => checkout.path("out/mx1", path);
  const plan = () => checkout.plan(requireEngine());
  const apply = () => checkout.apply(requireEngine());

  /** Declares these rows from now on. */
  async function declare(rows: string): Promise<void> {
    checkout.write(DOMAINS_TXT, rows);
    await checkout.synth();
  }

  it("deploys, and prints what was written where and who is served what", () => {
    expect(first.stderr).toBe("");
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toContain("Apply complete!");
    expect(first.stdout).toMatch(
      /0640 {2}var\/qmail\/control\/servercert\.pem {2}\(domain1\.tld, imap\.domain1\.tld/,
    );
    expect(first.stdout).toContain(
      "link  var/qmail/control/servercerts/imap.example.co.uk/servercert.pem -> ../example.co.uk/servercert.pem",
    );
    expect(first.stdout).toMatch(
      /^ {2}imap\.xn--bcher-kva\.example +xn--bcher-kva\.example +by local_name /m,
    );
    expect(first.stdout).toMatch(/^ {2}\(any other\) +domain1\.tld +by default/m);
    expect(first.stdout).toContain("A second run would change nothing");
  });

  it("has written what it says: each name finds a certificate that covers it", () => {
    const declared = domainsTxt.split("\n").filter((row) => /^[^#]/.test(row));
    expect(declared).toHaveLength(4);
    for (const name of declared.flatMap((row) => row.split(" "))) {
      const label = new URL(`http://${name}`).hostname;
      const pem = readFileSync(onHost(`${QMAIL}/servercerts/${label}/servercert.pem`), "utf8");
      expect(leafOf(pem).checkHost(label), name).toBe(label);
      const snippet = readFileSync(onHost(`${DOVECOT}/mail-sni/2.3/${leafName(pem)}.conf`), "utf8");
      expect(snippet, name).toMatch(new RegExp(`local_name ".*\\b${label}\\b.*" \\{`));
    }
  });

  it("lets no other user read a private key, wherever one is written", () => {
    const written = Object.keys(fileTree(checkout.path())).filter((path) => !path.includes("node_modules"));
    expect(written.filter((path) => path.endsWith("/quickstart.tfstate"))).toHaveLength(1);
    expect(keysThatOthersRead(checkout.path())).toEqual([]);
    // A plan is an archive, in which that does not show.
    expect(statSync(checkout.path("cdktf.out/stacks/quickstart")).mode & 0o777).toBe(0o700);
  });

  it("WHEN run again THEN nothing changes", async () => {
    const before = fileTree(checkout.path("out"));
    const paths = Object.keys(before).filter((path) => !path.endsWith("/lock"));
    const identities = fileIdentities(checkout.path("out"), paths);
    const second = await checkout.quickstart({ env: { TERRAFORM_BINARY_NAME: requireEngine().executable } });
    expect(second.exitCode).toBe(0);
    expect(second.stdout).toContain("0 added, 0 changed, 0 destroyed");
    expect(fileIdentities(checkout.path("out"), paths)).toEqual(identities);
  });

  it("GIVEN changed files below out/ THEN the plan shows exactly these, and an apply restores them", async () => {
    const [two, bucher, uk] = ["domain2.tld", "xn--bcher-kva.example", "example.co.uk"];
    const pemOf = (domain: string) => onHost(`${QMAIL}/servercerts/${domain}/servercert.pem`);
    const snippetOf = (domain: string) => onHost(`${DOVECOT}/mail-sni/2.3/${domain}.conf`);
    const before = fileTree(checkout.path("out/mx1/etc"));
    const qmailBefore = fileTree(onHost(QMAIL));

    rewrite(snippetOf(two), (text) => text.replace("ssl_key", "# ssl_key"));
    unlinkSync(pemOf(`imap.${two}`));
    chmodSync(pemOf(bucher), 0o600);
    unlinkSync(snippetOf(bucher));
    rewrite(pemOf(uk), (text) => `${text}\n`);
    relink(pemOf(`imap.${uk}`), "../domain1.tld/servercert.pem");

    const planned = await plan();
    expect(planned.changes).toEqual({
      "mailsni_host_files.d_domain2_tld__mx1": "update",
      "mailsni_host_files.d_xn--bcher-kva_example__mx1": "update",
      "mailsni_host_files.d_example_co_uk__mx1": "update",
    });
    for (const shown of [
      /- +# ssl_key = </,
      /- missing +=? *\[\s*- ".*servercerts\/imap\.domain2\.tld\/servercert\.pem"/,
      /~ mode +=? *"0600" -> "0640"/,
      /- missing +=? *\[\s*- ".*2\.3\/xn--bcher-kva\.example\.conf"/,
      /~ sha256/,
      /domain1\.tld\/servercert\.pem" -> "/,
    ])
      expect(planned.output).toMatch(shown);
    expect((await apply()).exitCode).toBe(0);
    expect(fileTree(checkout.path("out/mx1/etc"))).toEqual(before);
    expect(fileTree(onHost(QMAIL))).toEqual(qmailBefore);
  });

  it("WHEN a domain is taken out THEN its files and links go, and nothing else is touched", async () => {
    const before = fileTree(onHost("/"));
    const others = Object.keys(before).filter((path) => !path.includes("domain2.tld") && !isLedger(path));
    const files = others.filter((path) => !before[path]?.startsWith("directory"));
    const identities = fileIdentities(onHost("/"), files);
    await declare(withoutRow(domainsTxt, "domain2.tld"));
    onTestFinished(async () => {
      await declare(domainsTxt);
      await apply();
    });
    const { changes } = await apply();
    expect(changes).toEqual({
      "mailsni_private_certificate.c_domain2_tld": "delete",
      "mailsni_host_files.d_domain2_tld__mx1": "delete",
    });
    expect(Object.keys(fileTree(onHost("/"))).filter((path) => !isLedger(path))).toEqual(others);
    expect(fileIdentities(onHost("/"), files)).toEqual(identities);
  });

  it("WHEN a row is put in the middle THEN only its domain is new", async () => {
    await declare(domainsTxt.replace(/^domain2\.tld/m, "new.tld imap.new.tld\ndomain2.tld"));
    expect((await plan()).changes).toEqual({
      "mailsni_private_certificate.c_new_tld": "create",
      "mailsni_host_files.d_new_tld__mx1": "create",
    });
  });

  it("WHEN the rows behind the first are sorted another way THEN nothing is to be done", async () => {
    const [defaultRow, ...others] = domainsTxt.split("\n").filter((row) => /^[^#]/.test(row));
    await declare(`${[defaultRow, ...others.reverse()].join("\n")}\n`);
    expect((await plan()).exitCode).toBe(0);
  });

  it("WHEN another domain becomes the default THEN there is a whole one at any moment", async () => {
    const [, second] = /^(domain2\.tld.*)$/m.exec(domainsTxt) as RegExpExecArray;
    await declare(`${second}\n${withoutRow(domainsTxt, "domain2.tld")}`);
    const defaults = [onHost(`${QMAIL}/servercert.pem`), onHost(`${DOVECOT}/mail-sni/default.pem`)];
    const seen = new Set<string>();
    let applying = true;
    const watching = (async () => {
      for (; applying; await delay(5))
        for (const file of defaults) seen.add(leafName(readFileSync(file, "utf8")));
    })();
    const { changes } = await apply().finally(() => {
      applying = false;
    });
    await watching;
    expect(changes).toEqual({ "mailsni_host_files.default__mx1": "update" });
    expect([...seen].filter((name) => name !== "domain1.tld" && name !== "domain2.tld")).toEqual([]);
    for (const file of defaults) expect(leafName(readFileSync(file, "utf8"))).toBe("domain2.tld");
  });
});

describe("npm run quickstart without an engine", () => {
  it("says in one sentence what to install, and does nothing", async () => {
    const checkout = await Checkout.create();
    onTestFinished(() => checkout.remove());
    const PATH = pathWithout(["terraform", "tofu"], checkout.path(".path"));
    const { exitCode, stdout, stderr } = await checkout.quickstart({ env: { PATH } });
    expect(exitCode).toBe(1);
    expect(stdout.trim()).toBe("");
    expect(stderr.trim()).toMatch(
      /^There is no terraform and no tofu on the PATH: install Terraform .* or OpenTofu .*\.$/,
    );
    expect(existsSync(checkout.path("out"))).toBe(false);
  });
});

/** As PEM, or as that stands in JSON. */
const KEY = /PRIVATE KEY-----(?:\\n|\n)[A-Za-z0-9+/=]{40,}/;

/** Files with a private key in them that a user can read who is neither the owner nor in the group. */
function keysThatOthersRead(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    const mode = entry.isSymbolicLink() ? 0 : statSync(path).mode;
    if (entry.isDirectory()) return (mode & 0o001) === 0 ? [] : keysThatOthersRead(path);
    const isKey = (mode & 0o004) !== 0 && KEY.test(readFileSync(path, "latin1"));
    return isKey ? [path] : [];
  });
}

function rewrite(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, "utf8")));
}

function relink(link: string, target: string): void {
  unlinkSync(link);
  symlinkSync(target, link);
}

function withoutRow(rows: string, domain: string): string {
  return rows.replace(new RegExp(`^${domain} .*\n`, "m"), "");
}

/** What says who owns what changes whenever that does. */
function isLedger(path: string): boolean {
  return path.startsWith("/var/lib/mail-sni");
}

function leafOf(pem: string): X509Certificate {
  return new X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE-----")));
}

/** The mail domain that a PEM is for. */
function leafName(pem: string): string {
  return leafOf(pem).subject.replace("CN=", "");
}
