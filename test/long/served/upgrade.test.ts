import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Dovecot, MailProtocol, Ownership } from "../../../lib";
import { DOMAINS, EXPECTED } from "../../e2e/served/domains";
import { inRoot } from "../../e2e/served/dovecot-host";
import { engineOfSuites } from "../../e2e/served/engine-choice";
import { bySsh, locally } from "../../e2e/served/reach";
import { ServedHost } from "../../e2e/served/served-host";
import { mustRun } from "../../support/commands";
import { Dovecot as DovecotServer } from "../../support/dovecot";
import { dovecot23, dovecot24 } from "../../support/machine";
import { describeIf } from "../../support/requirements";

const names = Object.keys(EXPECTED);

describe.each([locally, bySsh])("$name", (reach) => {
  const needs = [dovecot23, dovecot24, engineOfSuites.requirement, ...reach.requirements];
  describeIf(needs, "A Dovecot that is upgraded from 2.3 to 2.4", () => {
    it("WHEN the stack declares the new version THEN each name is presented what it was before", async () => {
      const [before, after] = [await prepared("2.3"), await prepared("2.4")];
      await move(before, after.root);
      const reached = await reach.start();
      onTestFinished(() => reached.stop());
      let installed = before;
      const mail = await ServedHost.create({
        engine: engineOfSuites.get(),
        host: (stack) =>
          reached.declare(stack, {
            root: after.root,
            ownership: Ownership.APPLY,
            stateDirectory: join(before.directory, "ledger"),
            services: [declared(installed, before.directory)],
          }),
      });
      onTestFinished(() => mail.project.remove());
      await before.restart();
      await mail.deploy(DOMAINS);
      expect(await mail.presented(names)).toEqual(EXPECTED);

      await before.halt();
      await replaceConfiguration(before, after);
      await expect(after.restart()).rejects.toThrow("mail-sni");
      installed = after;
      await mail.deploy(DOMAINS);
      await after.restart();
      expect(await mail.presented(names)).toEqual(EXPECTED);
      await mail.apply();
      expect((await mail.project.plan()).exitCode).toBe(0);
    });
  });
});

/** A Dovecot that has run and does not. */
async function prepared(version: "2.3" | "2.4"): Promise<DovecotServer> {
  const server = await DovecotServer.start({ version });
  onTestFinished(() => server.stop());
  await server.halt();
  return server;
}

/** Both versions are to see the same files under the same paths, one of them in a chroot: that is where they go. */
async function move(server: DovecotServer, root: string): Promise<void> {
  const { directory } = server;
  // Processes without rights, which may not get into the chroot's directory from outside, have to reach their sockets.
  const runtime = mkdtempSync(join(tmpdir(), "mail-sni-runtime-"));
  chmodSync(runtime, 0o755);
  const main = readFileSync(server.path("dovecot.conf"), "utf8");
  server.write("dovecot.conf", main.replace(/^(base_dir|state_dir) = .*\//gm, `$1 = ${runtime}/`));
  await mustRun(["cp", "-a", directory, root + directory]);
  rmSync(directory, { recursive: true });
  symlinkSync(root + directory, directory);
  onTestFinished(() => {
    for (const path of [runtime, directory, root + directory]) rmSync(path, { recursive: true, force: true });
  });
}

/** As the upgrade of a package and its administrator do: the new version's own files in place of the old one's. */
async function replaceConfiguration(before: DovecotServer, after: DovecotServer): Promise<void> {
  const path = after.root + after.directory;
  await mustRun(["cp", "-a", `${path}/.`, after.root + before.directory]);
  rmSync(path, { recursive: true });
  symlinkSync(basename(before.directory), path);
}

function declared(server: DovecotServer, directory: string): Dovecot {
  const { version, ports } = server;
  return (version === "2.3" ? Dovecot.v23 : Dovecot.v24)({
    directory,
    doveconf: inRoot(server, "doveconf"),
    doveadm: inRoot(server, "doveadm"),
    endpoints: [
      { port: ports.imaps, protocol: MailProtocol.TLS },
      { port: ports.pop3, protocol: MailProtocol.POP3 },
    ],
  });
}
