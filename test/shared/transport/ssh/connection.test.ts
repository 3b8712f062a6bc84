import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SessionLost } from "../../../../lib/shared/transport/session";
import {
  SSH_TIMEOUTS,
  SshConnection,
  type SshTimeouts,
} from "../../../../lib/shared/transport/ssh/connection";
import { SshTransport } from "../../../../lib/shared/transport/ssh/transport";
import type { SshSettings } from "../../../../lib/shared/transport/ssh-settings";
import { HostUnreachable } from "../../../../lib/shared/transport/unreachable";
import { freePort } from "../../../support/ports";
import { describeIf, sshd } from "../../../support/requirements";
import { SshServer, type SshServerOptions } from "../../../support/ssh-server";

describeIf(sshd, "a connection by ssh", () => {
  const servers: SshServer[] = [];
  const connections: SshConnection[] = [];
  let server: SshServer;
  beforeEach(async () => {
    server = await start();
  });
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
    await Promise.all(servers.splice(0).map((each) => each.stop()));
  });

  async function start(options?: SshServerOptions): Promise<SshServer> {
    const started = await SshServer.start(options);
    servers.push(started);
    return started;
  }

  function connect(
    settings: SshSettings = server.settings(),
    timeouts: Partial<SshTimeouts> = {},
  ): SshTransport {
    const connection = new SshConnection(settings, { ...SSH_TIMEOUTS, ...timeouts });
    connections.push(connection);
    return new SshTransport(connection);
  }

  async function echo(transport: SshTransport): Promise<string> {
    const session = await transport.open(60_000);
    const { output } = await session.call("echo", "it's $HOME");
    await session.close();
    return output;
  }

  async function refusal(transport: SshTransport): Promise<HostUnreachable> {
    const error = await transport.open(60_000).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(HostUnreachable);
    return error as HostUnreachable;
  }

  it("GIVEN several shells at once THEN they share one connection, and it ends when it is closed", async () => {
    const transport = connect();

    const sessions = await Promise.all([1, 2, 3].map(() => transport.open(60_000)));
    const answers = await Promise.all(sessions.map((session) => session.call("echo", "it's $HOME")));

    expect(answers.map(({ output }) => output)).toEqual(Array(3).fill("it's $HOME\n"));
    expect(server.connections).toHaveLength(1);
    await Promise.all(sessions.map((session) => session.close()));
    await connections[0]?.close();
    await expect.poll(() => server.connections, { timeout: 10_000 }).toEqual([]);
  });

  it("GIVEN a login script that prints text THEN it is not taken for an answer", async () => {
    const shout = `ForceCommand printf 'Welcome\\n\\0360\\n'; eval "$SSH_ORIGINAL_COMMAND"`;
    expect(await echo(connect((await start({ config: [shout] })).settings()))).toBe("it's $HOME\n");
  });

  it("GIVEN something behind the shell that does not end THEN it is not waited for", async () => {
    const config = [`ForceCommand eval "$SSH_ORIGINAL_COMMAND"; sleep 600`];
    const transport = connect((await start({ config })).settings(), { closeMs: 1_000 });
    expect(await echo(transport)).toBe("it's $HOME\n");
  });

  it("GIVEN a login that hangs before the shell THEN the next call fails at once", async () => {
    const config = [`ForceCommand exec sleep 600`];
    const transport = connect((await start({ config })).settings(), { loginMs: 3_000 });
    const session = await transport.open(60_000);
    const words =
      /^At .*: the user is logged in, and the shell has not begun within 3 s\. .* ForceCommand in sshd_config\./;
    await expect(session.call("true")).rejects.toThrow(words);
    expect((await refusal(transport)).message).toMatch(words);
    await session.close();
  });

  it("GIVEN a configuration of the user's that asks for everything else THEN none of it gets in the way", async () => {
    const config = [
      "Host other",
      "  HostName 127.0.0.1",
      `  Port ${server.port}`,
      "  RemoteCommand echo no",
      "  RequestTTY force",
      "  StdinNull yes",
      "  SessionType none",
      "  LogLevel QUIET",
      "  LocalCommand touch local",
      "  PermitLocalCommand yes",
      "  ControlMaster auto",
      `  ControlPath ${join(server.directory, "control")}`,
      "  ControlPersist yes",
      "  ForkAfterAuthentication yes",
      "  StrictHostKeyChecking no",
      `  LocalForward ${await freePort()} 127.0.0.1:1`,
    ].join("\n");
    const configFile = server.file("config of the user's", config);
    expect(await echo(connect(server.settings({ address: `${server.user}@other`, configFile })))).toBe(
      "it's $HOME\n",
    );

    const trusting = server.settings({
      address: "other",
      configFile,
      hostKeys: null,
      knownHostsFile: "/dev/null",
    });
    expect((await refusal(connect(trusting))).message).toContain("its host key is not known");
  });

  it("GIVEN a configuration of a Mac's, with its own IgnoreUnknown, THEN it is read as plain ssh reads it", async () => {
    const other = `Host other\n  HostName 127.0.0.1\n  Port ${server.port}\n  UseKeychain yes\n`;
    const address = `${server.user}@other`;
    const configFile = server.file("config", `IgnoreUnknown UseKeychain\n${other}`);
    expect(await echo(connect(server.settings({ address, configFile })))).toBe("it's $HOME\n");
    expect(await echo(connect(server.settings({ address, configFile, proxyJump: "other" })))).toBe(
      "it's $HOME\n",
    );

    const misspelt = server.file("misspelt", other);
    expect((await refusal(connect(server.settings({ address, configFile: misspelt })))).message).toMatch(
      /ssh cannot read its configuration: .*usekeychain/s,
    );
  });

  it("GIVEN a known_hosts file THEN its keys are trusted, those of the host at its port alone", async () => {
    const line = (port: number) => `[127.0.0.1]:${port} ${server.hostKey}\n`;
    const file = (port: number) => server.file(`known 'hosts' of ${port}%`, line(port));
    const known = (port: number) => server.settings({ hostKeys: null, knownHostsFile: file(port) });

    expect(await echo(connect(known(server.port)))).toBe("it's $HOME\n");
    expect((await refusal(connect(known(1)))).message).toContain("its host key is not known");
  });

  it("GIVEN an unknown key THEN its fingerprint is shown, and where the key belongs", async () => {
    const { message, isImpostor } = await refusal(connect(server.settings({ hostKeys: [] })));

    expect(message).toContain(
      `At ${server.address}: its host key is not known: it shows ${server.fingerprint}.`,
    );
    expect(message).toContain(`put the key of [127.0.0.1]:${server.port} into hostKeys: "${server.hostKey}"`);
    expect(message).toContain("Never skip the comparison");
    expect(isImpostor).toBe(false);
    expect(await echo(connect(server.settings({ hostKeys: [server.hostKey] })))).toBe("it's $HOME\n");
  });

  it("GIVEN an unknown key that is just being read THEN no other login begins meanwhile", async () => {
    const [ways, go] = [join(server.directory, "ways"), join(server.directory, "go")];
    // The second way is that of the ssh that reads the key.
    const wait = `echo way >>${ways}; [ "$(wc -l <${ways})" -ne 2 ] || until [ -e ${go} ]; do sleep 0.1; done`;
    const trust = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null";
    const proxy = `exec ssh -F none -i ${server.identityFile} ${trust} -W %h:%p -p ${server.port} 127.0.0.1`;
    const configFile = server.file("config", `Host *\n  ProxyCommand sh -c '${wait}; ${proxy}'\n`);
    const transport = connect(server.settings({ configFile, hostKeys: [] }));
    const first = refusal(transport);
    await expect.poll(() => existsSync(ways) && readFileSync(ways, "utf8")).toBe("way\nway\n");
    const second = refusal(transport);
    writeFileSync(go, "");

    expect((await first).message).toContain(server.hostKey);
    expect((await second).message).toContain(server.hostKey);
    expect(readFileSync(ways, "utf8")).toBe("way\nway\n");
  });

  it("GIVEN an unknown key, and a known_hosts file THEN the line for it is shown", async () => {
    const knownHostsFile = server.file("known 'hosts' of nobody%", "");
    const settings = server.settings({ hostKeys: null, knownHostsFile });
    const { message } = await refusal(connect(settings));
    const line = `[127.0.0.1]:${server.port} ${server.hostKey}`;
    expect(message).toContain(`into ${knownHostsFile}: ${line}.`);
    server.file("known 'hosts' of nobody%", `${line}\n`);
    expect(await echo(connect(settings))).toBe("it's $HOME\n");
  });

  it("GIVEN an unknown key, and a command of the user's that knows keys THEN the line is shown all the same", async () => {
    const configFile = server.file("config with a command", "Host *\n  KnownHostsCommand /bin/true\n");
    const { message } = await refusal(
      connect(server.settings({ configFile, hostKeys: null, knownHostsFile: "/dev/null" })),
    );
    expect(message).toContain(server.hostKey);
  });

  it("GIVEN a changed key THEN the message has its fingerprint, and warns of an interception", async () => {
    const settings = server.settings();
    server.changeHostKey();
    await server.restart();

    const { message, isImpostor } = await refusal(connect(settings));

    expect(message).toContain(`its host key has changed: it shows ${server.fingerprint}`);
    expect(message).toContain("Otherwise the connection may be intercepted");
    expect(isImpostor).toBe(true);
  });

  it("GIVEN a wrong login key THEN the message names the user, and says that the provider never asks for a password", async () => {
    const other = await start();
    const { message } = await refusal(connect(server.settings({ identityFile: other.identityFile })));

    expect(message).toContain(`it does not let ${server.user}@127.0.0.1 in (it accepts: publickey)`);
    expect(message).toContain("The provider never asks for a password");
  });

  it("GIVEN a key that is not there THEN the message names it", async () => {
    const { message } = await refusal(connect(server.settings({ identityFile: "/no/such key" })));
    expect(message).toContain("the identityFile /no/such key cannot be read: No such file or directory");
  });

  it("GIVEN nothing that listens THEN that is said, at once where it was found out a moment ago", async () => {
    const settings = server.settings();
    await server.kill();
    const transport = connect(settings);

    const first = await refusal(transport);
    await server.restart();

    expect(first.message).toContain(`nothing listens on port ${server.port} of 127.0.0.1`);
    expect(await refusal(transport)).toBe(first);
  });

  it("GIVEN a failure that was a while ago THEN it is tried again", async () => {
    const settings = server.settings();
    await server.kill();
    const transport = connect(settings, { failureMs: 100 });
    await refusal(transport);
    await server.restart();

    await expect.poll(() => echo(transport).catch(() => ""), { timeout: 20_000 }).toBe("it's $HOME\n");
  });

  it("GIVEN a host that accepts and says nothing THEN it is given up in time", async () => {
    const silent = await start({ config: ["LoginGraceTime 0"] });
    const settings = silent.settings();
    for (const pid of silent.pids) process.kill(pid, "SIGSTOP");

    const { message } = await refusal(connect(settings, { loginMs: 1_000 }));

    expect(message).toContain("ssh was not logged in within 1 s");
  });

  it("GIVEN a connection that breaks off THEN a shell on it is lost, and the next one has a connection of its own", async () => {
    const transport = connect();
    const session = await transport.open(60_000);
    await session.call("true");
    const round = session.call("sleep", "30");
    for (const pid of server.connections) process.kill(pid, "SIGKILL");

    await expect(round).rejects.toThrow(SessionLost);
    await expect(round).rejects.toThrow("the connection was lost");
    expect(await echo(transport)).toBe("it's $HOME\n");
  });

  it("GIVEN a directory for temporary files that is too long for a socket THEN it is connected all the same", async () => {
    const before = process.env.TMPDIR;
    process.env.TMPDIR = `${server.directory}/${"long".repeat(20)}`;
    try {
      expect(await echo(connect())).toBe("it's $HOME\n");
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  });

  it("GIVEN no ssh on this machine THEN that is said", async () => {
    const settings = server.settings();
    const before = process.env.PATH;
    process.env.PATH = "/nowhere";
    try {
      expect((await refusal(connect(settings))).message).toContain(
        "`ssh` is not installed on the machine that deploys",
      );
    } finally {
      process.env.PATH = before;
    }
  });

  it("GIVEN something that was left behind on the way THEN neither a login nor the end waits for it", async () => {
    const left = join(server.directory, "left");
    const proxy = `sh -c '(sleep 60 & echo $! >${left}); exec ssh -F none -i ${server.identityFile}`;
    const trust = `-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -W %h:%p -p ${server.port} 127.0.0.1'`;
    const configFile = server.file("config", `Host *\n  ProxyCommand ${proxy} ${trust}\n`);
    try {
      expect(await echo(connect(server.settings({ configFile })))).toBe("it's $HOME\n");
      await connections[0]?.close();
      expect((await refusal(connect(server.settings({ configFile, hostKeys: [] })))).message).toContain(
        "is not known",
      );
    } finally {
      process.kill(Number(readFileSync(left, "utf8")));
    }
  });

  it("GIVEN hosts on the way THEN each is passed, and each has to show its own key", async () => {
    const [one, two] = [await start(), await start()];
    // This user is let in by one key everywhere.
    const identityFile = server.identityFile;
    const publicKey = readFileSync(`${identityFile}.pub`, "utf8");
    for (const hop of [one, two]) hop.file("authorized_keys", publicKey);
    const line = ({ port, hostKey }: SshServer) => `[127.0.0.1]:${port} ${hostKey}`;
    const through = (...hostKeys: string[]) =>
      connect(server.settings({ hostKeys, proxyJump: `${one.address},${two.address}` }));

    expect(await echo(through(server.hostKey, line(one), line(two)))).toBe("it's $HOME\n");
    const { message } = await refusal(through(server.hostKey, line(one)));
    expect(message).toContain(`its host key is not known: it shows ${two.fingerprint}`);
    expect(message).toContain(`[127.0.0.1]:${two.port}`);
    // Of a host on the way there is the fingerprint alone.
    expect(message).not.toContain("ssh-ed25519 AAAA");
    const last = await refusal(through(line(one), line(two)));
    expect(last.message).toContain(`it shows ${server.fingerprint}`);
    expect(last.message).toContain(`"${server.hostKey}"`);
  });
});

describeIf(sshd, "a shell by ssh", () => {
  let server: SshServer;
  let connection: SshConnection;
  beforeEach(async () => {
    server = await SshServer.start();
  });
  afterEach(async () => {
    await connection.close();
    await server.stop();
  });

  function open(overrides: Partial<SshSettings>) {
    connection = new SshConnection(server.settings(overrides));
    return new SshTransport(connection).open(60_000);
  }

  it("GIVEN what gives it the rights it needs THEN it is run by that", async () => {
    const program = server.file(
      "become",
      '#!/bin/sh\nBECOME="it was $1" exec "$2" "$3" "$4" "$5" "$6" "$7"\n',
      0o755,
    );
    const session = await open({ become: [program, "-n"] });
    expect((await session.call("printenv", "BECOME")).output).toBe("it was -n\n");
    await session.close();
  });

  it.each([
    [
      "asks for a password",
      "echo 'sudo: a password is required' >&2; exit 1",
      "asks for a password, which the provider cannot give",
    ],
    ["is not allowed", "echo 'jo is not in the sudoers file.' >&2; exit 1", "is not allowed to this user"],
  ])("GIVEN that it %s THEN the message says what to do", async (_, line, message) => {
    const program = server.file("become", `#!/bin/sh\n${line}\n`, 0o755);
    const session = await open({ become: [program] });
    await expect(session.call("true")).rejects.toThrow(message);
  });

  it("GIVEN that it is not installed THEN the message names it", async () => {
    const session = await open({ become: ["no-such-sudo"] });
    await expect(session.call("true")).rejects.toThrow("`no-such-sudo` was not found");
  });

  it("GIVEN a server that opens one session only THEN the message says what to change", async () => {
    await server.stop();
    server = await SshServer.start({ config: ["MaxSessions 1"] });
    const session = await open({});
    await expect(session.call("true")).rejects.toThrow("Set MaxSessions in its sshd_config to 4 or more");
  });
});
