import { generateKeyPairSync } from "node:crypto";
import { lstatSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Project } from "../../docs/support/project";
import { typeErrors } from "../../docs/support/type-check";
import { ran } from "../support/ran";
import { ArticleHost, type TestCa, testCa } from "./support/article";
import { about, imported, programOf } from "./support/imported";

const LETS_ENCRYPT = "acme-v02.api.letsencrypt.org/directory";
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const PEM = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const JWK = JSON.stringify(privateKey.export({ format: "jwk" }));

let ca: TestCa;
let host: ArticleHost;
let directory: string;
beforeAll(async () => {
  ca = await testCa();
});
beforeEach(() => {
  host = new ArticleHost(ca);
  directory = mkdtempSync(join(tmpdir(), "adoption-"));
});
afterEach(() => {
  host.remove();
  rmSync(directory, { recursive: true });
});

const look = (...more: string[]) => imported(["--root", host.root, "--no-dns", ...more]);

/** What the synthesized stack has for the account and for each domain. */
function synthesized(stack: string): {
  account: Record<string, string>;
  certificates: Record<string, Record<string, string>>;
} {
  expect(typeErrors([programOf(stack)])).toEqual([]);
  const project = new Project({});
  try {
    const [{ resource }] = Object.values(project.run(programOf(stack)).stacks) as unknown as [
      { resource: Record<string, Record<string, Record<string, string>>> },
    ];
    const { mailsni_acme_account: accounts = {}, mailsni_acme_certificate: certificates = {} } = resource;
    return { account: Object.values(accounts)[0] as never, certificates };
  } finally {
    project.remove();
  }
}

describe("GIVEN dehydrated on this machine WHEN it is imported", () => {
  it("THEN the stack adopts its files and its account, by one pattern", { timeout: 60_000 }, async () => {
    await host.add(["domain1.tld", "imap.domain1.tld"]);
    await host.add(["domain2.tld"]);
    host.write("/etc/dehydrated/config", "");
    host.write("/etc/dehydrated/domains.txt", `${host.rows.join("\n")}\n`);
    const account = `/etc/dehydrated/accounts/${Buffer.from(`https://${LETS_ENCRYPT}\n`).toString("base64url")}/account_key.pem`;
    host.write(account, PEM, 0o600);
    const { stack } = await look();
    expect(stack.match(/adoptFrom/g)).toHaveLength(1);
    expect(stack).not.toContain("KeyAlgorithm");
    const found = synthesized(stack);
    expect(found.account.adopt_key_file).toBe(host.path(account));
    const [, second] = Object.values(found.certificates);
    expect(second).toMatchObject({
      adopt_certificate_file: host.path("/etc/dehydrated/certs/domain2.tld/fullchain.pem"),
      adopt_private_key_file: host.path("/etc/dehydrated/certs/domain2.tld/privkey.pem"),
    });
  });

  it("THEN keys of another type than most, and other names, are said to be ordered", async () => {
    const { privateKey: rsa } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    await host.add(["domain1.tld"], { foreignKey: rsa });
    await host.add(["domain2.tld"], { foreignKey: rsa });
    await host.add(["domain3.tld"]);
    await host.add(["domain4.tld", "imap.domain4.tld"], { foreignKey: rsa });
    host.write("/etc/dehydrated/config", "");
    host.write("/etc/dehydrated/domains.txt", `${host.rows.join("\n")} pop3.domain4.tld\n`);
    const result = await look();
    expect(about(result, "certificate-ordered", "domain3.tld")).toMatchObject([
      { names: ["domain3.tld"], state: "deploy" },
    ]);
    expect(about(result, "certificate-ordered", "domain4.tld")).toMatchObject([
      { names: ["domain4.tld"], problem: expect.stringContaining("other names") },
    ]);
    expect(result.stack).toContain("keyAlgorithm: KeyAlgorithm.RSA_2048,");
    expect(typeErrors([programOf(result.stack)])).toEqual([]);
  });
});

describe("GIVEN certbot and --with-keys WHEN the host is imported", () => {
  it("THEN the keys of certificates and of the account are there, closed, and in the stack", {
    timeout: 60_000,
  }, async () => {
    const leaf = await ca.leaf(["domain1.tld"]);
    const live = "/etc/letsencrypt/live/domain1.tld";
    host.write(`${live}/fullchain.pem`, leaf.pem + ca.root.pem);
    host.write(`${live}/privkey.pem`, leaf.keyPem, 0o600);
    host.write(
      "/etc/letsencrypt/renewal/domain1.tld.conf",
      `fullchain = ${live}/fullchain.pem\nprivkey = ${live}/privkey.pem\n[renewalparams]\naccount = 0123456789abcdef\nserver = https://${LETS_ENCRYPT}\n`,
    );
    host.write(`/etc/letsencrypt/accounts/${LETS_ENCRYPT}/0123456789abcdef/private_key.json`, JWK, 0o600);
    host.write(
      "/etc/dovecot/dovecot.conf",
      `ssl_cert = <${live}/fullchain.pem\nssl_key = <${live}/privkey.pem\n`,
    );
    const keys = join(directory, "keys");
    const { out } = await ran(["import", "--root", host.root, "--no-dns", "--with-keys", keys]);
    expect(readFileSync(join(keys, "account.key"), "utf8").trim()).toBe(JWK);
    expect(lstatSync(join(keys, "account.key")).mode & 0o777).toBe(0o600);
    const { account, certificates } = synthesized(out);
    expect(account.adopt_key_file).toBe(join(keys, "account.key"));
    expect(Object.values(certificates)[0]).toMatchObject({
      adopt_certificate_file: join(keys, "domain1.tld", "fullchain.pem"),
    });
    const without = await ran(["import", "--root", host.root, "--no-dns"]);
    expect(without.out).not.toContain(JSON.parse(JWK).d);
  });

  it("and an account of a hostile name THEN no file outside of certbot's is asked for", async () => {
    for (const [account, server] of [
      ["../../../../etc", `https://${LETS_ENCRYPT}`],
      ["abc", "https://../../etc/shadow"],
    ]) {
      const live = "/etc/letsencrypt/live/domain1.tld";
      const leaf = await ca.leaf(["domain1.tld"]);
      host.write(`${live}/fullchain.pem`, leaf.pem + ca.root.pem);
      host.write(`${live}/privkey.pem`, leaf.keyPem, 0o600);
      host.write(
        "/etc/letsencrypt/renewal/domain1.tld.conf",
        `fullchain = ${live}/fullchain.pem\nprivkey = ${live}/privkey.pem\n[renewalparams]\naccount = ${account}\nserver = ${server}\n`,
      );
      host.write(
        "/etc/dovecot/dovecot.conf",
        `ssl_cert = <${live}/fullchain.pem\nssl_key = <${live}/privkey.pem\n`,
      );
      expect((await look()).stack).not.toContain("adoptAccountKey");
    }
  });
});
