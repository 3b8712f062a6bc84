import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { presentedCertificate } from "../../../../lib/shared/tls/handshake";
import { SshConnection } from "../../../../lib/shared/transport/ssh/connection";
import { SshTransport } from "../../../../lib/shared/transport/ssh/transport";
import { type QmailProcess, spawnQmail } from "../../../support/qmail/spawn";
import { describeIf, sshd } from "../../../support/requirements";
import { SshServer } from "../../../support/ssh-server";
import { pemFor } from "../../../support/test-pem";

describeIf(sshd, "many probes through one connection", () => {
  let directory: string;
  let server: QmailProcess;
  let ssh: SshServer;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-probes-"));
    mkdirSync(join(directory, "control"));
    writeFileSync(join(directory, "control/servercert.pem"), await pemFor("a.test"));
    // In a process of its own: it may close while this one does.
    server = await spawnQmail({ directory, mode: "smtps" });
    ssh = await SshServer.start();
  });
  afterAll(async () => {
    await server?.stop();
    await ssh?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it("THEN each has its answer, whichever side is the first to close", async () => {
    const connection = new SshConnection(ssh.settings());
    await connection.master();
    const target = new SshTransport(connection).target({
      address: "127.0.0.1",
      port: server.port,
      protocol: "tls",
    });
    const ask = async () =>
      (await presentedCertificate({ ...target, protocol: "tls", deadlineMs: 10_000 })).leaf.dnsNames;
    for (let round = 0; round < 15; round++) {
      expect(await Promise.all([ask(), ask(), ask(), ask()])).toEqual(Array(4).fill(["a.test"]));
    }
    await connection.close();
  });
});
