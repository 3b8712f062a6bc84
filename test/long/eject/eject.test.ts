import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ran } from "../../cli/support/ran";
import { RenewingHost, type Rows } from "../../e2e/dehydrated/renewing-host";
import { engineOfSuites } from "../../e2e/served/engine-choice";
import { locally } from "../../e2e/served/reach";
import { runCommand } from "../../support/commands";
import { fileTree } from "../../support/file-tree";
import { dehydrated, describeIf, dovecot23, pebble, root } from "../../support/requirements";

const ROWS = {
  "domain1.tld": ["domain1.tld", "imap.domain1.tld", "smtp.domain1.tld"],
  "domain2.tld": ["domain2.tld", "imap.domain2.tld"],
} satisfies Rows;
const DAY = 86_400_000;
const NAMES = [...Object.values(ROWS).flat(), "", "unlisted.tld"];

describeIf([engineOfSuites.requirement, root, dehydrated, pebble, dovecot23], "a host that leaves", () => {
  let mail: RenewingHost;
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-eject-"));
    mail = await RenewingHost.start(engineOfSuites.get(), { reach: locally });
    mail.declareWithAcme(ROWS, { keepsIssuer: false });
    await mail.apply();
    writeFileSync(join(mail.project.directory, "cdktf.json"), "{}");
  });
  afterAll(async () => {
    await mail?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const config = () => join(directory, "etc", "config");
  const eject = (...more: string[]) =>
    ran(
      [
        ...["eject", "mx1", "--project", mail.project.directory, "--engine", engineOfSuites.get().executable],
        ...["--dehydrated", "--contact", "hostmaster@domain1.tld"],
        ...["--directory", join(directory, "etc"), "--work-directory", join(directory, "work")],
        ...["--cron-file", join(directory, "cron.d", "mail-renewal"), ...more],
      ],
      {},
    );
  const servers = () => ({
    ...fileTree(dirname(dirname(mail.qmailPem("x")))),
    ...fileTree(mail.dovecotPath("mail-sni")),
    ...fileTree(mail.dovecotPath("conf.d")),
  });
  const orders = () => mail.pebble.requests.get("POST /order-plz") ?? 0;
  /** Runs what cron starts, as cron does. */
  const byCron = () => {
    const text = readFileSync(join(directory, "cron.d", "mail-renewal"), "utf8");
    const [, command = ""] = /^(?:\S+ ){5}root (.*)$/m.exec(text) ?? [];
    return runCommand(["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-c", command]);
  };

  it("WHEN it is only printed THEN nothing is written, and each step is said", async () => {
    const { exitCode, out, err } = await eject();
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).toContain("1. On mx1: with --yes, this command does it.");
    expect(out).toContain("dehydrated renews 2 certificates from now on");
    expect(out).toContain(mail.pebble.directoryUrl);
    expect(out).toContain("state rm");
    expect(readdirSync(directory)).toEqual([]);
    expect(existsSync(mail.ledger)).toBe(true);
  });

  it("WHEN done, and the printed command has emptied the state, THEN servers read what they read, and no stack owns it", async () => {
    const before = servers();
    const { exitCode, out } = await eject("--yes");
    expect(exitCode).toBe(0);
    expect(servers()).toEqual(before);
    expect(existsSync(mail.ledger)).toBe(false);
    const command = /^ {3}(cd [\s\S]*?[^\\])\n(?! {5})/m.exec(out)?.[1] ?? "";
    expect(await runCommand(["sh", "-c", command])).toMatchObject({ exitCode: 0 });
    const state = JSON.parse(readFileSync(join(mail.project.directory, "terraform.tfstate"), "utf8"));
    expect(state.resources).toEqual([]);
    const [config, work] = [statSync(join(directory, "etc")), statSync(join(directory, "work", "certs"))];
    expect([config.mode & 0o777, work.mode & 0o777]).toEqual([0o755, 0o700]);
    expect(readFileSync(join(directory, "etc", "targets"), "utf8")).not.toContain("mail-sni-new");
  });

  it("WHEN it is done again THEN nothing changes", async () => {
    const before = fileTree(directory);
    expect((await eject("--yes")).exitCode).toBe(0);
    expect(fileTree(directory)).toEqual(before);
  });

  it("WHEN cron starts dehydrated THEN nothing is due, and nothing is ordered", async () => {
    const [before, presented] = [orders(), await mail.presented(NAMES)];
    expect(before).toBeGreaterThan(0);
    const { exitCode, stdout, stderr } = await byCron();
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(orders()).toBe(before);
    expect(await mail.presented(NAMES)).toEqual(presented);
  });

  it("WHEN all are renewed by hand, and Dovecot is restarted, THEN each name is presented its new certificate", async () => {
    const before = await mail.presented(NAMES);
    expect(await dehydratedAll()).toMatchObject({ exitCode: 0 });
    await expectRenewed(before);
    await mail.restartDovecot();
    await expectRenewed(before);
    expect(existsSync(join(directory, "work", "changed"))).toBe(false);
  });

  it("GIVEN files older than what dehydrated has WHEN it is done again THEN that stays, and the printed command installs it", async () => {
    const before = installed();
    expect(await dehydratedAll()).toMatchObject({ exitCode: 0 });
    const after = installed();
    expect(after).not.toEqual(before);
    const copies = fileTree(certs());
    for (const [path, pem] of Object.entries(before)) writeFileSync(path, pem);
    const { exitCode, out } = await eject("--yes");
    expect(exitCode).toBe(1);
    expect(fileTree(certs())).toEqual(copies);
    const commands = [...out.matchAll(/^ +(\S+\/hook deploy_cert .*)$/gm)].map(([, command]) =>
      String(command),
    );
    expect(commands).toHaveLength(2);
    for (const command of commands)
      expect(await runCommand(["sh", "-c", command])).toMatchObject({ exitCode: 0 });
    expect(installed()).toEqual(after);
    expect(await eject("--yes")).toMatchObject({
      exitCode: 0,
      out: expect.not.stringContaining("Not copied"),
    });
  });

  it("GIVEN a stack that has renewed since WHEN it leaves again THEN dehydrated has the present certificates, and orders none", async () => {
    const before = installed();
    await mail.apply();
    const [from, to] = [new Date(Date.now() - 2 * DAY), new Date(Date.now() - DAY)];
    for (const pem of new Set(Object.values(installed())))
      await mail.pebble.suggestRenewal(pem.replace(/^[\s\S]*?(?=-----BEGIN CERT)/, ""), from, to);
    await mail.apply();
    const present = installed();
    for (const [path, pem] of Object.entries(present)) expect(pem, path).not.toBe(before[path]);
    expect((await eject("--yes")).exitCode).toBe(0);
    for (const [row, path] of targets()) {
      const copy = (name: string) => readFileSync(join(certs(), String(row), `${name}.pem`), "utf8");
      expect(`${copy("privkey")}${copy("fullchain")}`, path).toBe(present[String(path)]);
    }
    expect(readdirSync(certs()).sort()).toEqual(Object.keys(ROWS).sort());
    const ordered = orders();
    expect(await byCron()).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    expect(orders()).toBe(ordered);
  });

  const certs = () => join(directory, "work", "certs");
  const dehydratedAll = () => runCommand(["dehydrated", "-c", "--force", "--accept-terms", "-f", config()]);
  /** Rows, and the files that their certificates belong in. */
  const targets = () =>
    readFileSync(join(directory, "etc", "targets"), "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const [row, , , , path] = line.split("\t");
        return [row, path];
      });
  const installed = (): Record<string, string> =>
    Object.fromEntries(targets().map(([, path]) => [path, readFileSync(String(path), "utf8")]));

  async function expectRenewed(before: Awaited<ReturnType<RenewingHost["presented"]>>): Promise<void> {
    const after = await mail.presented(NAMES);
    for (const name of NAMES) {
      expect(after[name]?.fingerprint, name).not.toBe(before[name]?.fingerprint);
      expect(after[name]?.names, name).toEqual(before[name]?.names);
    }
  }
});
