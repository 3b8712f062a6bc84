import { spawnSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { renewalTexts } from "../../../lib/cli/eject/plain-renewal";
import type { CertificateFacts } from "../../../lib/shared/certificate-facts";
import { describeIf, root } from "../../support/requirements";
import { pemWith } from "../../support/test-pem";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-hook-"));
  for (const name of ["etc", "work", "served"]) mkdirSync(at(name));
  for (const row of ["a.tld", "b.tld"]) {
    mkdirSync(at(`work/certs/${row}`), { recursive: true });
    writeFileSync(at(`work/certs/${row}/key`), `new key of ${row}\n`);
    writeFileSync(at(`work/certs/${row}/chain`), `new chain of ${row}\n`);
    for (const number of [1, 2]) writeFileSync(at(`served/${row}-${number}.pem`), "old\n");
  }
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const at = (name: string) => join(directory, name);
const leaf = { fingerprintSha256: "1", dnsNames: ["a.tld"] } as unknown as CertificateFacts;

const RSA = { algorithm: "rsa", size: 2048, lost: null } as const;

/** Writes what eject writes for two certificates, each in two files. */
function write({ owner = null as string | null, group = null as string | null, reload = "true" } = {}): void {
  const rows = ["a.tld", "b.tld"].map((alias) => ({
    alias,
    names: [alias],
    key: RSA,
    files: [1, 2].map((number) => ({
      path: at(`served/${alias}-${number}.pem`),
      mode: number === 1 ? "0640" : "0600",
      owner,
      group,
      leaf,
      key: RSA,
    })),
  }));
  const activations = [
    { service: "first", command: ["sh", "-c", `echo first >>'${at("told")}'; ${reload}`] },
    { service: "second", command: ["sh", "-c", `echo second >>'${at("told")}'`] },
  ];
  const setting = {
    directory: at("etc"),
    workDirectory: at("work"),
    ca: "https://ca.tld",
    caPem: null,
    contact: null,
    webroot: "/w",
    dnsHook: null,
    keepsKeys: false,
    notAsked: [],
  };
  for (const [name, text] of renewalTexts(rows, activations, setting))
    writeFileSync(at(`etc/${name}`), text, { mode: 0o755 });
}

const hook = (...args: string[]) => spawnSync(at("etc/hook"), args, { encoding: "utf8" });
const deploy = (row: string) =>
  hook(
    "deploy_cert",
    row,
    at(`work/certs/${row}/key`),
    at(`work/certs/${row}/cert`),
    at(`work/certs/${row}/chain`),
    "x",
    "1",
  );
const served = () =>
  Object.fromEntries(
    readdirSync(at("served")).map((name) => [name, readFileSync(at(`served/${name}`), "utf8")]),
  );
const told = () => (existsSync(at("told")) ? readFileSync(at("told"), "utf8").split("\n").slice(0, -1) : []);

describe("the hook of a plain dehydrated", () => {
  it("WHEN a certificate is renewed THEN its files alone are replaced, with their modes, and the servers are told once at the end", () => {
    write();
    expect(deploy("a.tld")).toMatchObject({ status: 0, stdout: "", stderr: "" });
    const text = "new key of a.tld\nnew chain of a.tld\n";
    expect(served()).toEqual({
      "a.tld-1.pem": text,
      "a.tld-2.pem": text,
      "b.tld-1.pem": "old\n",
      "b.tld-2.pem": "old\n",
    });
    expect([1, 2].map((number) => statSync(at(`served/a.tld-${number}.pem`)).mode & 0o777)).toEqual([
      0o640, 0o600,
    ]);
    expect(told()).toEqual([]);
    expect(hook("exit_hook").status).toBe(0);
    expect(hook("exit_hook").status).toBe(0);
    expect(told()).toEqual(["first", "second"]);
  });

  it("GIVEN a server that cannot be told THEN the others are, it fails, and is told again at the next run", () => {
    write({ reload: "exit 1" });
    deploy("b.tld");
    expect(hook("exit_hook").status).not.toBe(0);
    write();
    expect(hook("exit_hook").status).toBe(0);
    expect(told()).toEqual(["first", "second", "first", "second"]);
  });

  it("GIVEN a file that cannot be replaced THEN the hook fails and says which, the others are, and no temporary file is left", () => {
    write();
    rmSync(at("served/a.tld-1.pem"));
    mkdirSync(at("served/a.tld-1.pem"));
    expect(deploy("a.tld")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(
        `${at("served/a.tld-1.pem")}: the new certificate of a.tld could not be installed`,
      ),
    });
    expect(readFileSync(at("served/a.tld-2.pem"), "utf8")).toContain("new key of a.tld");
    expect(readdirSync(at("served"))).toHaveLength(4);
  });

  describe("GIVEN a certificate that dehydrated has, and that is not due,", () => {
    const HOUR = 3_600_000;
    const pemOf = (row: string, hoursAgo: number) =>
      pemWith({ dnsNames: [row], notBefore: new Date(Date.now() - hoursAgo * HOUR) });
    const unchanged = (row: string) =>
      hook(
        "unchanged_cert",
        row,
        ...["key", "cert", "chain", "x"].map((name) => at(`work/certs/${row}/${name}`)),
      );
    async function has(row: string, hoursAgo: number): Promise<string> {
      const pem = await pemOf(row, hoursAgo);
      const end = pem.indexOf("-----BEGIN CERT");
      writeFileSync(at(`work/certs/${row}/key`), pem.slice(0, end));
      writeFileSync(at(`work/certs/${row}/chain`), pem.slice(end));
      return pem;
    }

    it("and that could not be installed before, THEN it is, and the servers are told", async () => {
      write();
      const pem = await has("a.tld", 2);
      const [old, later] = [await pemOf("a.tld", 3), await pemOf("a.tld", 1)];
      writeFileSync(at("served/a.tld-1.pem"), old);
      writeFileSync(at("served/a.tld-2.pem"), later);
      expect(unchanged("a.tld")).toMatchObject({ status: 0, stdout: "", stderr: "" });
      expect([1, 2].map((number) => served()[`a.tld-${number}.pem`])).toEqual([pem, later]);
      expect(hook("exit_hook").status).toBe(0);
      expect(told()).toEqual(["first", "second"]);
    });

    it("and that is in its files, or whose file is gone, THEN nothing changes, and no server is told", async () => {
      write();
      writeFileSync(at("served/a.tld-1.pem"), await has("a.tld", 2));
      rmSync(at("served/a.tld-2.pem"));
      const before = served();
      expect(unchanged("a.tld")).toMatchObject({ status: 0, stdout: "", stderr: "" });
      expect([served(), existsSync(at("work/changed"))]).toEqual([before, false]);
    });

    it("and that cannot be installed, THEN that is said, and does not end dehydrated before it has renewed the others", async () => {
      write({ owner: "no-such-user" });
      await has("a.tld", 2);
      writeFileSync(at("served/a.tld-1.pem"), await pemOf("a.tld", 3));
      expect(unchanged("a.tld")).toMatchObject({
        status: 0,
        stderr: expect.stringContaining("a.tld-1.pem: the new certificate of a.tld could not be installed"),
      });
      expect(readdirSync(at("served"))).toHaveLength(4);
    });
  });

  it("THEN what it has no part in is no error", () => {
    write();
    expect(hook("startup_hook")).toMatchObject({ status: 0, stdout: "", stderr: "" });
  });

  describeIf(root, "as root", () => {
    it("GIVEN another user's directory, in which names become links meanwhile, THEN what they lead to stays as it was", () => {
      write({ owner: "daemon", group: "mail" });
      writeFileSync(at("victim"), "secret\n", { mode: 0o600 });
      const before = statSync(at("victim"));
      chownSync(at("served"), 12345, 12345);
      mkdirSync(at("bin"));
      const plant = `#!/bin/sh\nfor name in '${at("served")}'/.mail-renewal.*; do ln -sf '${at("victim")}' "$name"; done\n`;
      for (const name of ["chown", "chgrp", "chmod", "cp", "sync"])
        writeFileSync(at(`bin/${name}`), `${plant}PATH=/usr/bin:/bin exec ${name} "$@"\n`, { mode: 0o755 });
      symlinkSync(at("victim"), at("served/.mail-renewal.new"));
      const PATH = `${at("bin")}:${process.env.PATH}`;
      spawnSync(
        at("etc/hook"),
        ["deploy_cert", "a.tld", ...["key", "cert", "chain"].map((name) => at(`work/certs/a.tld/${name}`))],
        { env: { PATH } },
      );
      const after = statSync(at("victim"));
      expect([after.uid, after.gid, after.mode, readFileSync(at("victim"), "utf8")]).toEqual([
        before.uid,
        before.gid,
        before.mode,
        "secret\n",
      ]);
    });

    it("GIVEN a directory of another group, which new files get, THEN the file has that group", () => {
      write();
      chownSync(at("served"), 0, 12345);
      spawnSync("chmod", ["g+s", at("served")]);
      expect(deploy("a.tld").status).toBe(0);
      expect(statSync(at("served/a.tld-1.pem")).gid).toBe(12345);
    });

    it("GIVEN an owner and a group THEN the files get them", () => {
      write({ owner: "daemon", group: "mail" });
      deploy("a.tld");
      const [before, after] = [statSync(at("served/b.tld-1.pem")), statSync(at("served/a.tld-1.pem"))];
      expect([after.uid, after.gid]).not.toEqual([before.uid, before.gid]);
      expect([after.uid === 0, after.gid === 0, after.mode & 0o777]).toEqual([false, false, 0o640]);
    });
  });
});
