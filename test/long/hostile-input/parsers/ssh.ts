import { parseProxyJump, parseSshDestination } from "../../../../lib/shared/ssh-destination";
import { checkSshFile } from "../../../../lib/shared/ssh-file";
import {
  connectionProblem,
  connectionTimeout,
  shellProblem,
} from "../../../../lib/shared/transport/ssh/diagnosis";
import { knownHosts } from "../../../../lib/shared/transport/ssh/known-hosts";
import { SshLog } from "../../../../lib/shared/transport/ssh/log";
import { parseSshVersion } from "../../../../lib/shared/transport/ssh/version";
import { troubleText } from "../../../../lib/shared/transport/trouble";
import { bounded } from "./bounded";
import type { Parser } from "./parser";
import { mailSni, never } from "./refusals";

const SSH_WORDS = [
  "debug1: Server host key: ssh-ed25519 SHA256:abc\r\ndebug1: Entering interactive session\r\n",
  "@@@\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nOffending ED25519 key in /root/.ssh/known_hosts:3\r\nHost key verification failed.\r\n",
  "No ED25519 host key is known for mx1 and you have requested strict checking.\r\n",
  "Permissions 0644 for '/root/.ssh/id' are too open.\r\nroot@mx1: Permission denied (publickey).\r\n",
  "no such identity: /root/.ssh/other: No such file or directory\r\nroot@mx1: Permission denied (publickey,password).\r\n",
  "Received disconnect from 127.0.0.1 port 22:2: Too many authentication failures\r\n",
  "ssh: Could not resolve hostname mx1: Name or service not known\r\n",
  "ssh: connect to host mx1 port 22: Connection refused\r\n",
  "ssh: connect to host mx1 port 22: No route to host\r\n",
  "Timeout, server mx1 not responding.\r\n",
  "/root/.ssh/config: line 3: Bad configuration option: foo\r\n",
  "Unable to negotiate with 127.0.0.1 port 22: no matching host key type found. Their offer: ssh-rsa\r\n",
  "kex_exchange_identification: read: Connection reset by peer\r\n",
  "channel 2: open failed: connect failed: Connection refused\r\n",
];
const SHELL_WORDS = [
  "sudo: sorry, you must have a tty to run sudo",
  "sudo: a password is required",
  "admin is not in the sudoers file",
  "env: 'doas': No such file or directory",
  "env: can't execute 'timeout': No such file or directory",
  "mux_client_request_session: read from master failed: Session open refused by peer",
  "This account is currently not available.",
  "the shell has not begun within 45 s",
  "the shell ended (exit status 1)",
  "client_loop: send disconnect: Broken pipe",
];
const SSH_SETTINGS = {
  address: "root@mx1:22",
  configFile: null,
  identityFile: null,
  knownHostsFile: null,
  hostKeys: null,
  proxyJump: null,
  become: ["sudo", "-n"],
};

export function sshParsers(): Parser[] {
  const key = "AAAAC3NzaC1lZDI1NTE5AAAAIJaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  return [
    {
      name: "what ssh says of a connection",
      seeds: [...SSH_WORDS, SSH_WORDS.join("")],
      throws: never,
      read: (input) => {
        const log = new SshLog();
        const text = input.toString();
        const piece = 1 + (text.length % 4093);
        for (let at = 0; at < text.length; at += piece) log.read(text.slice(at, at + piece));
        const problems = [connectionProblem(SSH_SETTINGS, log), connectionTimeout(SSH_SETTINGS, log, 30)];
        return [...problems.map(({ message }) => bounded(message)), log.lastRefusal];
      },
      repeats: [
        "no such identity: : ",
        "no such identity: a: b\n",
        "Permissions  for '",
        "Permissions  for '\n",
        "Unable to negotiate with ",
        "Timeout, server ",
        "No host key is ",
        "No No ",
        "Offending a key in ",
        "connect to host a port 1: ",
        "Permission denied (\n",
        "error\n",
        `connect to host a port 1: ${"a".repeat(20_000)}`,
        `${"no such identity: : ".repeat(99)}\n`,
        `${"Permissions  for '' for '".repeat(79)}\n`,
      ],
    },
    {
      name: "what a shell says before it begins",
      seeds: [...SHELL_WORDS, SHELL_WORDS.join("\n")],
      throws: never,
      read: (input) => bounded(troubleText(shellProblem(SSH_SETTINGS, input.toString()))),
      repeats: [
        "Timeout, server ",
        "env: a",
        "env: ",
        "env: '",
        `env: '${"a".repeat(20_000)}': No such file`,
        "the shell ended (exit status ",
      ],
    },
    {
      name: "the version of ssh",
      seeds: ["OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.14", "OpenSSH_for_Windows_8.1p1, LibreSSL 3.0.2"],
      throws: never,
      read: (input) => parseSshVersion(input.toString()),
      repeats: ["OpenSSH_", "OpenSSH_1"],
    },
    {
      name: "host keys of ssh",
      seeds: [
        `ssh-ed25519 ${key} root@mx1`,
        `@cert-authority *.test ssh-ed25519 ${key}`,
        `mx1 ssh-ed25519 ${key}`,
        "SHA256:abc",
      ],
      throws: mailSni,
      read: (input) => knownHosts([input.toString()], []),
    },
    {
      name: "destinations of ssh",
      seeds: ["root@mx1.test:22", "mx1", "root@[2001:db8::1%eth0]:2222", "DOM\\user@mx1", "a@b:1,c@d:2"],
      throws: mailSni,
      read: (input) => [parseProxyJump(input.toString()), parseSshDestination(input.toString())],
      repeats: ["a\\", "[", "%a", "@", "a,"],
      // One destination has three fields for as little as two characters.
      growth: 20,
    },
    {
      name: "files of ssh",
      seeds: ["~/.ssh/id_ed25519", "/etc/ssh/known hosts", "%d/config"],
      throws: mailSni,
      read: (input) => checkSshFile("identityFile", input.toString()),
    },
  ];
}
