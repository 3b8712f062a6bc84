import { describe, expect, it } from "vitest";
import { connectionProblem, shellProblem } from "../../../../lib/shared/transport/ssh/diagnosis";
import { SshLog } from "../../../../lib/shared/transport/ssh/log";
import type { SshSettings } from "../../../../lib/shared/transport/ssh-settings";
import { troubleText } from "../../../../lib/shared/transport/trouble";

const SETTINGS: SshSettings = {
  address: "root@mx1:22",
  configFile: null,
  identityFile: null,
  knownHostsFile: null,
  hostKeys: null,
  proxyJump: null,
  become: ["sudo", "-n"],
};

function logged(...lines: string[]): SshLog {
  const log = new SshLog();
  log.read(lines.map((line) => `${line}\r\n`).join(""));
  return log;
}

describe("the diagnosis of a connection that failed", () => {
  it.each([
    [
      "root@mx1: Permission denied (publickey,password).",
      "it does not let root@mx1 in (it accepts: publickey,password). Check the user",
    ],
    [
      "ssh: Could not resolve hostname mx1: Name or service not known",
      "mx1 has no address (Name or service not known). Correct the address",
    ],
    [
      "ssh: connect to host mx1 port 22: Connection refused",
      "nothing listens on port 22 of mx1. Is sshd running",
    ],
    [
      "ssh: connect to host mx1 port 22: No route to host",
      "port 22 of mx1 cannot be reached (No route to host). Is the host up",
    ],
    [
      "Connection timed out during banner exchange",
      "the connection timed out (Connection timed out during banner exchange). Is the host up",
    ],
    [
      "kex_exchange_identification: Connection closed by remote host",
      "it closed the connection before login",
    ],
    [
      "/home/jo/.ssh/config: line 1: Bad configuration option: nonsense",
      "ssh cannot read its configuration: /home/jo/.ssh/config: line 1",
    ],
    ["Can't open user config file /x: No such file or directory", "ssh cannot read its configuration"],
    [
      "Unable to negotiate with 192.0.2.1 port 22: no matching host key type found. Their offer: ssh-rsa",
      "ssh and the host have no algorithm in common: no matching host key type found",
    ],
    [
      "Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures",
      "it closed the connection after too many keys. Set identityFile to the right one",
    ],
    [
      "Permissions 0644 for '/k' are too open.",
      "ssh does not use the private key /k, because others can read it. Run `chmod 600`",
    ],
    ["@ WARNING: REVOKED HOST KEY DETECTED! @", "its host key is marked as revoked"],
    ["an unknown message", "ssh has ended: an unknown message"],
  ])("GIVEN ssh printed %j THEN the message has the problem and its remedy", (line, message) => {
    expect(connectionProblem(SETTINGS, logged(line)).message).toContain(`At root@mx1:22: ${message}`);
  });

  it("GIVEN a missing identity file THEN the message names it, not the refused login that follows", () => {
    const log = logged(
      "no such identity: /k: No such file or directory",
      "root@mx1: Permission denied (publickey).",
    );
    expect(connectionProblem(SETTINGS, log).message).toContain(
      "the identityFile /k cannot be read: No such file or directory. Correct its path",
    );
  });

  it("GIVEN debug lines and a banner THEN they do not hide the problem", () => {
    const log = logged(
      "debug1: Connecting to mx1 [192.0.2.1] port 22.",
      "Authorised use only. Connection refused to all others.",
      "debug1: Authentications that can continue: publickey",
      "root@mx1: Permission denied (publickey).",
    );
    expect(connectionProblem(SETTINGS, log).message).toContain("it does not let root@mx1 in");
  });

  it.each([
    [{ hostKeys: [] }, "(in hostKeys)"],
    [{}, "(/home/jo/.ssh/known_hosts:3)"],
  ])(
    "GIVEN a changed key and %j THEN the message says where the known key is, and that nothing was sent",
    (overrides, where) => {
      const log = logged(
        "debug1: Server host key: ssh-ed25519 SHA256:abc",
        "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @",
        "Offending ED25519 key in /home/jo/.ssh/known_hosts:3",
        "Host key verification failed.",
      );
      const { message, isImpostor } = connectionProblem({ ...SETTINGS, ...overrides }, log);
      expect(message).toContain(
        `it shows ssh-ed25519 SHA256:abc, which is not the key that is known ${where}. Nothing was sent`,
      );
      expect(isImpostor).toBe(true);
    },
  );

  it.each([
    [{ hostKeys: [] }, "put the key of mx1 into hostKeys"],
    [{ knownHostsFile: "/k" }, "put the key of mx1 into /k"],
    [{}, "put the key of mx1 into known_hosts, or give it as hostKeys"],
  ])("GIVEN an unknown key and %j THEN the message says where to add it", (overrides, remedy) => {
    const log = logged(
      "debug1: Server host key: ssh-ed25519 SHA256:abc",
      "No ED25519 host key is known for mx1 and you have requested strict checking.",
      "Host key verification failed.",
    );
    const { message, isImpostor } = connectionProblem({ ...SETTINGS, ...overrides }, log);
    expect(message).toContain("its host key is not known: it shows ssh-ed25519 SHA256:abc.");
    expect(message).toContain(remedy);
    expect(isImpostor).toBe(false);
  });
});

describe("the diagnosis of a shell that ended", () => {
  it.each([
    ["sudo: a password is required; the shell ended (exit status 1)", "`sudo -n` asks for a password"],
    [
      "sudo: sorry, you must have a tty to run sudo; the shell ended (exit status 1)",
      "`sudo -n` requires a terminal",
    ],
    ["the shell ended (exit status 1)", "Does the user have a shell there?"],
    ["jo is not in the sudoers file.", "`sudo -n` is not allowed to this user"],
    ["doas: Operation not permitted", "`sudo -n` is not allowed to this user"],
    ["env: 'sudo': No such file or directory; the shell ended (exit status 127)", "`sudo` was not found"],
    ["env: can't execute 'timeout': No such file or directory", "`timeout` was not found"],
    [
      "mux_client_request_session: session request failed: Session open refused by peer",
      "Set MaxSessions in its sshd_config to 4 or more",
    ],
    ["This account is currently not available.", "the user has no shell there"],
    ["the shell ended (exit status 255)", "the connection was lost"],
    ["the shell was ended, since its time was up", "its time was up"],
  ])("GIVEN the words %j THEN the message says what they mean", (words, message) => {
    expect(troubleText(shellProblem(SETTINGS, words))).toContain(message);
  });

  it("GIVEN lines that make regular expressions backtrack THEN matching stays linear", () => {
    const lines = ["no such identity: : ", "Permissions  for '' for '"].flatMap((part) =>
      new Array(25).fill(part.repeat(80)),
    );
    expect(connectionProblem(SETTINGS, logged(...lines)).message).toContain("ssh has ended");
  });
});
