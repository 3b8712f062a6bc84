import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findCommand } from "../../support/commands";
import { ran } from "../support/ran";
import { ArticleHost, namesOf, type TestCa, testCa } from "./support/article";

let ca: TestCa;
let host: ArticleHost;
let directory: string;
let path: string | undefined;
beforeAll(async () => {
  ca = await testCa();
});
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-secrets-"));
  // All that the shell on the host prints goes through the timeout(1) that it is run by.
  const program = join(directory, "timeout");
  const real = findCommand("timeout");
  const script = `case "$*" in *"sh -s") ${real} "$@" | tee -a ${directory}/received ;; *) exec ${real} "$@" ;; esac`;
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  path = process.env.PATH;
  process.env.PATH = `${directory}:${path}`;
  host = new ArticleHost(ca, "2.3");
  for (const domain of ["domain1.tld", "domain2.tld"]) {
    await host.add(namesOf(domain));
    host.block(domain, domain);
  }
  host.finish("domain1.tld", { hook: true });
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(directory, { recursive: true });
  host.remove();
});

const received = () => readFileSync(join(directory, "received"), "utf8");

/**
 * The lines of the private keys on the host, in whatever file, that hold the private number: the third is of the public one,
 * which certificates have, too.
 */
function keyLines(): string[] {
  const files = readdirSync(host.root, { recursive: true, encoding: "utf8" }).map((name) =>
    join(host.root, name),
  );
  const texts = files
    .filter((name) => existsSync(name) && lstatSync(name).isFile())
    .map((name) => readFileSync(name, "utf8"));
  const keys = texts.flatMap((text) => text.match(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*/g) ?? []);
  return [...new Set(keys.flatMap((key) => key.split("\n").slice(1, 3)).filter((line) => line.length > 10))];
}

describe("WHEN a host is imported", () => {
  it("THEN no line of a private key has left the host, nor a password, nor the rest of a crontab", async () => {
    // Keys where certificates belong: below another label, without a beginning, without an end, on one line with another.
    const { keyPem, pem } = await ca.leaf(["odd.tld"]);
    const odd = [
      keyPem.replaceAll("PRIVATE KEY", "CERTIFICATE"),
      `-----BEGIN CERTIFICATE-----\n${keyPem}${pem}`,
      keyPem.replace("-----BEGIN PRIVATE KEY-----\n", "") + pem,
      pem.trimEnd() + keyPem,
      ` ${keyPem}${pem}`,
      keyPem.replace("-----END PRIVATE KEY-----\n", "") + pem,
      keyPem.replace("PRIVATE KEY", "RSA PRIVATE KEY"),
    ];
    for (const [index, text] of odd.entries()) host.qmail(`odd${index}.tld`, text);
    const lines = keyLines();
    expect(lines).toHaveLength(6);
    await ran(["import", "--root", host.root, "--no-dns"]);
    expect(received()).toContain("domains.txt");
    expect(lines.filter((line) => received().includes(line))).toEqual([]);
    expect(received()).not.toContain("a-secret");
  });

  it("with --with-keys THEN each key that fits its certificate is in a file that only its owner can read", async () => {
    host.write(
      "/etc/dehydrated/certs/domain2.tld/privkey-1760000000.pem",
      (await ca.leaf(["x.tld"])).keyPem,
      0o600,
    );
    const keys = join(directory, "keys");
    const { err } = await ran(["import", "--root", host.root, "--no-dns", "--with-keys", keys]);
    expect(err).toContain(`1 of 2 keys fetched into ${keys}.`);
    expect(readdirSync(keys)).toEqual(["domain1.tld"]);
    const mode = (name: string) => lstatSync(join(keys, name)).mode & 0o777;
    expect([mode("."), mode("domain1.tld"), mode("domain1.tld/privkey.pem")]).toEqual([0o700, 0o700, 0o600]);
    for (const name of ["privkey.pem", "fullchain.pem"]) {
      const there = readFileSync(host.path(`/etc/dehydrated/certs/domain1.tld/${name}`), "utf8").replace(
        /\n+/g,
        "\n",
      );
      expect(readFileSync(join(keys, "domain1.tld", name), "utf8")).toBe(there);
    }
  });

  it.each([
    ["others can enter", (keys: string) => chmodSync(keys, 0o750), "other users can enter"],
    ["has files", (keys: string) => writeFileSync(join(keys, "x"), ""), "is not empty"],
  ])("with --with-keys and a directory that %s THEN nothing is fetched", async (_, spoil, says) => {
    const keys = mkdtempSync(join(directory, "keys-"));
    spoil(keys);
    const { exitCode, err } = await ran(["import", "--root", host.root, "--with-keys", keys]);
    expect({ exitCode, said: err.includes(says) }).toEqual({ exitCode: 2, said: true });
    expect(existsSync(join(directory, "received"))).toBe(false);
  });
});
