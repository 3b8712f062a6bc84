import { afterEach, beforeEach, expect, it } from "vitest";
import { SshConnection } from "../../../../lib/provider/remote/ssh/connection";
import type { SshSettings } from "../../../../lib/provider/remote/ssh/settings";
import { SshTransport } from "../../../../lib/provider/remote/ssh/transport";
import { describeIf, sshd } from "../../../support/requirements";
import { SshServer } from "../../../support/ssh-server";

describeIf(sshd, "a connection by ssh", () => {
  let server: SshServer;
  const connections: SshConnection[] = [];
  beforeEach(async () => {
    server = await SshServer.start();
  });
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
    await server.stop();
  });

  function connect(overrides: Partial<SshSettings> = {}): SshTransport {
    const connection = new SshConnection(server.settings(overrides), { login: 10, failure: 60 });
    connections.push(connection);
    return new SshTransport(connection);
  }

  it("GIVEN several shells at once THEN they share one connection, and it ends when it is closed", async () => {
    const transport = connect();

    const sessions = await Promise.all([1, 2, 3].map(() => transport.open(60)));
    const answers = await Promise.all(sessions.map((session) => session.call("echo", "it's $HOME")));

    expect(answers.map(({ output }) => output)).toEqual(Array(3).fill("it's $HOME\n"));
    expect(server.connections).toHaveLength(1);
    await Promise.all(sessions.map((session) => session.close()));
    await connections[0]?.close();
    await expect.poll(() => server.connections).toEqual([]);
  });
});
