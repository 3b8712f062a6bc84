import { chmodSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { ArticleHost, healthyHost, namesOf, type TestCa, testCa } from "../../cli/import/support/article";
import { about, codesOf, imported, programOf } from "../../cli/import/support/imported";
import { ran } from "../../cli/support/ran";
import { Project } from "../../docs/support/project";
import { typeErrors } from "../../docs/support/type-check";
import { rsaKeys } from "../../support/certificates";
import { DnsServer } from "../../support/dns-server";

const DAY = 86_400_000;
const CERTIFICATES = "/etc/dehydrated/certs";

let ca: TestCa;
let host: ArticleHost | undefined;
beforeAll(async () => {
  ca = await testCa();
});
afterEach(() => host?.remove());

/** @returns the resources of the stack, by type */
function synthesized(stack: string) {
  const program = programOf(stack);
  expect(typeErrors([program])).toEqual([]);
  const project = new Project({});
  try {
    return project.run(program).stacks.mail.resource as Record<string, Record<string, { names?: string[] }>>;
  } finally {
    project.remove();
  }
}

describe("GIVEN a host on which nothing is wrong WHEN it is imported", () => {
  it.each(["2.3", "2.4"] as const)("with Dovecot %s THEN there is no finding", async (version) => {
    host = await healthyHost(ca, version, 3);
    const result = await imported(["--root", host.root, "--no-dns"]);
    expect(result.findings).toEqual([]);
    expect(result.exitCode).toBe(0);
    expect(result.found).toEqual([
      "qmail (8 names)",
      `Dovecot ${version} (12 blocks)`,
      "dehydrated (3 certificates)",
    ]);
    expect(result.defaultDomain).toBe("domain1.tld");
  });

  it.each(["2.3", "2.4"] as const)(
    "with Dovecot %s THEN the printed stack synthesizes, with exactly the names of the rows",
    async (version) => {
      host = await healthyHost(ca, version, 3);
      const { exitCode, out, err } = await ran(["import", "--root", host.root, "--no-dns"]);
      expect({ exitCode, err: err.split("\n").slice(1) }).toEqual({
        exitCode: 0,
        err: ["Nothing is wrong. The stack declares 3 domains.", ""],
      });
      const { mailsni_acme_certificate: certificates } = synthesized(out);
      const names = Object.values(certificates ?? {}).map((each) => each.names);
      expect(Object.keys(certificates ?? {})).toHaveLength(3);
      expect(JSON.stringify(names)).toContain("smtp.domain3.tld");
      expect(out).toContain(`Dovecot.v${version.replace(".", "")}(`);
      expect(out).toContain('Challenge.httpWebroot("/var/www/acme")');
    },
  );
});

describe("GIVEN the article's host with 300 domains and its faults WHEN it is imported", () => {
  it.each(["2.3", "2.4"] as const)(
    "with Dovecot %s THEN each planted fault is named",
    { timeout: 120_000 },
    async (version) => {
      host = await faultyHost(ca, version);
      const zone = new Map<string, string[]>();
      for (const name of host.rows.flatMap((row) => row.split(" "))) zone.set(`A ${name}`, ["192.0.2.1"]);
      zone.delete("A pop3.domain250.tld");
      const dns = await DnsServer.authority(zone, "127.0.0.1");
      const result = await imported(["--root", host.root, "--dns-server", `127.0.0.1:${dns.port}`]);
      dns.close();
      const one = (code: string, subject: string) => {
        const found = about(result, code, subject);
        expect(found.length, `${code} ${subject}`).toBeGreaterThan(0);
        return found[0];
      };
      // qmail: no entries but for first names.
      expect(one("served-default", "smtp.domain2.tld")).toMatchObject({
        state: "deploy",
        names: ["imap.domain2.tld", "pop3.domain2.tld", "smtp.domain2.tld"],
      });
      expect(about(result, "served-default", "imap.domain1.tld")).toEqual([]);
      // The article's own slip: a wildcard block with another certificate.
      expect(one("served-other", "imap.domain3.tld")?.problem).toContain(`Dovecot ${version}`);
      one("overlapping-blocks", "imap.domain4.tld");
      one("row-without-files", "domain300.tld");
      one("files-without-row", "certs/gone.tld");
      expect(one("files-without-row", "servercerts/gone.tld")?.remedy).toContain(
        "Add the domains to the stack",
      );
      expect(one("files-without-row", "local_name co.uk")).toMatchObject({
        names: ["co.uk"],
        remedy: expect.stringContaining("Correct the names"),
      });
      one("pem-expired", "domain10.tld");
      one("pem-key-mismatch", "domain11.tld");
      one("pem-weak", "domain12.tld");
      one("pem-missing", "certs/removed.tld/fullchain.pem");
      one("pem-missing", "servercerts/empty.tld");
      one("pem-missing", "dangling.tld");
      expect(one("directory-closed", "servercerts/domain21.tld")).toMatchObject({
        state: "decision",
        names: ["domain21.tld"],
      });
      one("key-readable", "certs/domain20.tld/privkey.pem");
      one("name-without-dns", "pop3.domain250.tld");
      expect(about(result, "name-without-dns", "domain249.tld")).toEqual([]);
      expect(one("renewer", "/etc/cron.d/dehydrated:2")).toMatchObject({ state: "decision" });
      expect(one("hook", "/etc/dehydrated/hook.sh")?.problem).toContain("servercert");
      one("name-twice", "imap.domain30.tld");
      one("name-invalid", "bad_name.domain31.tld");
      expect(one("certificate-ordered", "domain31.tld")?.problem).toContain("for other names");
      expect(result.exitCode).toBe(1);
      expect(codesOf(result)).toEqual(
        [
          "certificate-ordered",
          "directory-closed",
          "files-without-row",
          "hook",
          "key-readable",
          "name-invalid",
          "name-twice",
          "name-without-dns",
          "overlapping-blocks",
          "pem-expired",
          "pem-key-mismatch",
          "pem-missing",
          "pem-weak",
          "renewer",
          "row-without-files",
          "served-default",
          "served-other",
        ].sort(),
      );
      // And each but once: no fault is reported of a domain without one.
      expect(about(result, "pem-expired", "domain9.tld")).toEqual([]);
      expect(result.domains).toHaveLength(301);
      const { mailsni_acme_certificate: certificates } = synthesized(result.stack);
      expect(Object.keys(certificates ?? {})).toHaveLength(301);
    },
  );
});

async function faultyHost(ca: TestCa, version: "2.3" | "2.4"): Promise<ArticleHost> {
  const host = new ArticleHost(ca, version);
  for (let index = 1; index <= 299; index++) {
    const domain = `domain${index}.tld`;
    const names = [...namesOf(domain), ...(index === 31 ? ["bad_name.domain31.tld"] : [])];
    const expired = index === 10 ? { notAfter: new Date(Date.now() - DAY) } : {};
    const weak = index === 12 ? { keys: await rsaKeys(1024) } : {};
    await host.add(names, { ...expired, ...weak });
    host.block(domain, domain);
    host.block(`*.${domain}`, index === 3 ? "domain5.tld" : domain);
  }
  // The hook's file only grows: a block that overlaps, and one whose files are gone.
  host.block("imap.domain4.tld", "domain6.tld");
  host.block("removed.tld", "removed.tld");
  // The hook takes a name of three labels for one of a domain.
  host.block("co.uk", "domain7.tld");
  host.write(`${CERTIFICATES}/domain11.tld/privkey-1760000000.pem`, (await ca.leaf(["x.tld"])).keyPem, 0o600);
  chmodSync(host.path(`${CERTIFICATES}/domain20.tld/privkey-1760000000.pem`), 0o644);
  chmodSync(host.path("/var/qmail/control/servercerts/domain21.tld"), 0o700);
  const gone = await ca.leaf(["gone.tld"]);
  host.certificate("gone.tld", gone);
  host.qmail("gone.tld", gone.keyPem + gone.pem + ca.root.pem);
  host.qmail("empty.tld", "");
  host.link("/var/qmail/control/servercerts/dangling.tld/servercert.pem", "../nowhere/servercert.pem");
  host.rows.push("domain300.tld imap.domain300.tld", "extra.tld imap.domain30.tld");
  host.certificate("extra.tld", await ca.leaf(["extra.tld", "imap.domain30.tld"]));
  return host.finish("domain1.tld", { hook: true });
}
