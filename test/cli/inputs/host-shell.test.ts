import { afterAll, beforeAll, expect, it } from "vitest";
import { throughShell } from "../../../lib/cli/inputs/host-shell";
import { parseConnection } from "../../../lib/shared/provider-block/connection";
import { type Session, SessionLost } from "../../../lib/shared/transport/session";
import { sshd } from "../../support/machine";
import { describeIf } from "../../support/requirements";
import { SshServer } from "../../support/ssh-server";

describeIf(sshd, "a shell on a host for a command", () => {
  let server: SshServer;
  beforeAll(async () => {
    server = await SshServer.start();
  });
  afterAll(() => server.stop());

  const connection = (more: object = {}) =>
    parseConnection(
      {
        address: server.address,
        identity_file: server.identityFile,
        ssh_config_file: server.file("ssh_config", ""),
        ...more,
      },
      "/",
    );

  it("GIVEN a host key that is not known THEN the error has the line that a known_hosts file needs", async () => {
    const known = { known_hosts_file: server.file("known_hosts", "") };
    await expect(throughShell(connection(known), async () => "unreached")).rejects.toMatchObject({
      code: "CLI_HOST_UNREACHABLE",
      remedy: expect.stringMatching(/\. \[127\.0\.0\.1\]:\d+ ssh-ed25519 \S+$/),
    });
  });

  it("GIVEN work that throws THEN its own error is the outcome, and the shell is closed", async () => {
    const own = new RangeError("mine");
    let shell: Session | undefined;
    const done = throughShell(connection({ host_keys: [server.hostKey] }), async (session) => {
      shell = session;
      throw own;
    });
    await expect(done).rejects.toBe(own);
    await expect(shell?.call("clock")).rejects.toBeInstanceOf(SessionLost);
  });
});
