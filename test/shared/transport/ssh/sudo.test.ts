import { lstatSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SshConnection } from "../../../../lib/shared/transport/ssh/connection";
import { SshTransport } from "../../../../lib/shared/transport/ssh/transport";
import { change, pem, text } from "../../../provider/host/support/changes";
import { STATE_DIRECTORY, TestHost } from "../../../provider/host/support/test-host";
import { describeIf, sshd, sudo } from "../../../support/requirements";
import { SudoAccount } from "../../../support/sudo-account";

let account: SudoAccount | undefined;
let connection: SshConnection | undefined;
let on: TestHost;
beforeEach(() => {
  on = new TestHost();
});
afterEach(async () => {
  await on.remove();
  await connection?.close();
  await account?.stop();
  [account, connection] = [undefined, undefined];
});

async function transport(sudoers: readonly string[], become: readonly string[] | null = ["sudo", "-n"]) {
  account = await SudoAccount.start(sudoers);
  connection = new SshConnection(account.settings(become));
  return new SshTransport(connection);
}

describeIf([sshd, sudo], "Debian's sudo", () => {
  it.each([
    ["may run anything", ["deploy ALL=(root) NOPASSWD: ALL"]],
    [
      "may run `timeout`, as the message about a password advises,",
      ["deploy ALL=(root) NOPASSWD: /usr/bin/timeout"],
    ],
    [
      "has a terminal of sudo's own, as by default from Debian 13 on,",
      [
        "Defaults env_reset, use_pty",
        "Defaults secure_path=/usr/sbin:/usr/bin:/sbin:/bin",
        "deploy ALL=(root) NOPASSWD: ALL",
      ],
    ],
  ])(
    "GIVEN a user who %s THEN files are root's, contents arrive as they are, and everything ends",
    async (_, sudoers) => {
      const host = on.open({ transport: await transport(sudoers) });
      const contents = `${"a line\n".repeat(20_000)}\x03\x04\x1a\x7f "$(id)" 'x' ä\r\n`;
      const wanted = change({
        files: [pem("/etc/key", contents), text("/etc/text", "x", { owner: "nobody" })],
      });
      expect((await host.change(wanted)).errors).toEqual([]);
      expect(on.read("/etc/key")).toBe(contents);
      expect(lstatSync(on.at("/etc/key"))).toMatchObject({ uid: 0, gid: 0 });
      expect(lstatSync(on.at("/etc/text")).uid).toBe(65_534);
      expect([on.mode(STATE_DIRECTORY), on.mode(`${STATE_DIRECTORY}/lock`)]).toEqual(["0700", "0600"]);
      const facts = await host.observe({ paths: ["/etc/key"], texts: new Map() });
      expect(facts.facts.get("/etc/key")?.mode).toBe("0600");
      await host.close();
      // The shell that held the lock has ended with its session.
      expect((await on.open().change(wanted)).errors).toEqual([]);
    },
  );

  it("GIVEN that it is not asked THEN the user has no rights", async () => {
    const host = on.open({ transport: await transport([], null) });
    const { errors } = await host.change(change({ files: [pem("/etc/key", "x")] }));
    expect(errors[0]?.detail).toContain("Permission denied");
  });

  it("GIVEN the environment of the user THEN messages are in English, and nothing of it gets through", async () => {
    const over = await transport(["Defaults env_reset", "deploy ALL=(root) NOPASSWD: ALL"]);
    const session = await over.open(60_000);
    expect((await session.call("id", "-u")).output).toBe("0\n");
    expect((await session.call("printenv", "LC_ALL")).output).toBe("C\n");
    expect((await session.call("fetch", "/no/such/file")).output).toContain("No such file or directory");
    await session.close();
  });

  it.each([
    [
      "has to give a password",
      ["deploy ALL=(root) ALL"],
      /asks for a password, which the provider cannot give.*NOPASSWD/,
    ],
    ["is not in sudoers", [], /asks for a password, which the provider cannot give.*NOPASSWD/],
    [
      "may run something else alone",
      ["deploy ALL=(root) NOPASSWD: /bin/true"],
      /asks for a password|is not allowed to this user/,
    ],
    [
      "has to have a terminal",
      ["Defaults requiretty", "deploy ALL=(root) NOPASSWD: ALL"],
      /requires a terminal, and the provider has none/,
    ],
    ["has a sudoers that cannot be read", ["this is no sudoers"], /sudoers/],
  ])("GIVEN a user who %s THEN the message says what to do", async (_, sudoers, message) => {
    const host = on.open({ transport: await transport(sudoers) });
    const { errors } = await host.change(change({ files: [pem("/etc/key", "x")] }));
    expect(errors[0]?.summary).toBe('Host "mx1" cannot be used');
    expect(errors[0]?.detail).toMatch(message);
    expect(on.has("/etc/key")).toBe(false);
  });
});
