import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { renewalRows, renewalTexts } from "../../../lib/cli/eject/plain-renewal";
import type { CertificateFacts } from "../../../lib/shared/certificate-facts";
import { ran } from "../support/ran";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "mail-sni-eject-"));
  const stack = join(project, "cdktf.out", "stacks", "mail");
  mkdirSync(stack, { recursive: true });
  writeFileSync(join(project, "cdktf.json"), "{}");
  writeFileSync(
    join(project, "cdktf.out", "manifest.json"),
    JSON.stringify({ stacks: { mail: { workingDirectory: "stacks/mail" } } }),
  );
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

const pem = (host: string) => ({ host, files: { "/a.pem": { mode: "0640" } } });
function declare(parts: { hosts?: object; resource?: object }): void {
  const hosts = parts.hosts ?? { mx1: { root: "/" }, "mx$${2}": { address: "root@mx2.tld" } };
  writeFileSync(
    join(project, "cdktf.out", "stacks", "mail", "cdk.tf.json"),
    JSON.stringify({ provider: { mailsni: [{ stack: "mail", hosts }] }, resource: parts.resource ?? {} }),
  );
}
const eject = (...args: string[]) => ran(["eject", ...args, "--project", project]);

describe("mail-sni eject", () => {
  it("GIVEN two hosts WHEN one leaves THEN the state keeps the other, and what issues certificates", async () => {
    declare({
      resource: {
        mailsni_host_files: { d_a__mx1: pem("mx1"), d_a__mx2: pem("mx$${2}") },
        mailsni_retired_renewers: { retired__mx1: { host: "mx1" } },
        mailsni_acme_certificate: { c_a: {} },
      },
    });
    const { exitCode, out } = await eject("mx1");
    expect(exitCode).toBe(0);
    expect(out).toContain("'mailsni_host_files.d_a__mx1' \\\n");
    expect(out).toContain("'mailsni_retired_renewers.retired__mx1'\n");
    expect(out).not.toMatch(/c_a|mx2/);
    expect(out).toContain("Old renewers stay switched off.");
  });

  it("GIVEN the last host THEN the state forgets what issues certificates as well", async () => {
    declare({
      resource: { mailsni_host_files: { d_a__mx1: pem("mx1") }, mailsni_acme_certificate: { c_a: {} } },
    });
    expect((await eject("mx1")).out).toContain("'mailsni_acme_certificate.c_a'");
  });

  it("GIVEN a host that issues certificates itself THEN its program and ledger stay", async () => {
    declare({ resource: { mailsni_host_job: { dehydrated__mx1: { host: "mx1" } } } });
    const { out } = await eject("mx1");
    expect(out).toContain("its ledger stay");
    expect(await eject("mx1", "--dehydrated")).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("[CLI_OPTION]"),
    });
  });

  it.each([
    [["mx3"], "CLI_HOST_UNKNOWN", "mx${2}, mx1"],
    [["mx1", "--dehydrated"], "CLI_OPTION", "--webroot DIRECTORY"],
    [["mx1", "--dehydrated", "--webroot", "/a b"], "CLI_OPTION", "plain absolute path"],
    [
      ["mx1", "--dehydrated", "--webroot", "/a", "--ca", "https://a'$(id)"],
      "CLI_OPTION",
      "not the URL of a CA",
    ],
    [["mx1", "--dehydrated", "--webroot", "/a", "--contact", 'a"b@c'], "CLI_OPTION", "not an address"],
  ])("%s THEN %s", async (args, code, words) => {
    declare({});
    const { exitCode, err } = await eject(...args);
    expect(exitCode).toBe(2);
    expect(err).toContain(`[${code}]`);
    expect(err).toContain(words);
  });

  it("GIVEN files below another root THEN dehydrated is refused", async () => {
    declare({ hosts: { mx1: { root: "/srv" } } });
    expect((await eject("mx1", "--dehydrated", "--webroot", "/w")).err).toContain("whose root is /");
  });
});

describe("the rows of a plain dehydrated", () => {
  const installed = (path: string, fingerprintSha256: string, ...dnsNames: string[]) => ({
    path,
    mode: "0640",
    owner: "root",
    group: null,
    keyAlgorithm: "rsa",
    leaf: { fingerprintSha256, dnsNames } as unknown as CertificateFacts,
  });

  it("GIVEN files with the same certificate THEN they are one row; a name that two certificates begin with gets a number", () => {
    const rows = renewalRows([
      installed("/a.pem", "1", "*.a.tld", "a.tld"),
      installed("/default.pem", "1", "*.a.tld", "a.tld"),
      installed("/b.pem", "2", "a.tld"),
      installed("/c.pem", "3", "*.c.tld"),
    ]);
    expect(rows.map(({ alias, files }) => [alias, files.map(({ path }) => path)])).toEqual([
      ["a.tld", ["/a.pem", "/default.pem"]],
      ["a.tld-2", ["/b.pem"]],
      ["c.tld", ["/c.pem"]],
    ]);
    const texts = renewalTexts(rows, [{ service: "x", command: ["a b", "$(id)"] }], {
      directory: "/d",
      workDirectory: "/w",
      ca: "https://ca/'",
      caPem: null,
      contact: null,
      webroot: null,
      dnsHook: "/h",
    });
    expect(texts.get("domains.txt")).toBe("*.a.tld a.tld > a.tld\na.tld > a.tld-2\n*.c.tld > c.tld\n");
    expect(texts.get("targets")).toContain("a.tld\t0640\troot\t-\t/default.pem\n");
    expect(texts.get("reload")).toContain("'a b' '$(id)' || failed=yes");
    expect(texts.get("hook")).toContain(`deploy_challenge | clean_challenge) exec '/h' "$@" ;;`);
  });
});
