import { lstatSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { cachePath } from "../test/support/cache";
import { findCommand, mustRun } from "../test/support/commands";
import type { SshBench } from "./ssh-host";

const VERSION = "2.19.14";

/** Ansible in an environment of its own, which is kept: null where it cannot be had. */
export async function installAnsible(): Promise<string | null> {
  const directory = cachePath(`ansible-core-${VERSION}`);
  const program = join(directory, "bin/ansible-playbook");
  if (lstatSync(program, { throwIfNoEntry: false })) return program;
  const python = findCommand("python3");
  if (python === null) return null;
  try {
    await mustRun([python, "-m", "venv", directory]);
    await mustRun([join(directory, "bin/pip"), "install", "-q", `ansible-core==${VERSION}`]);
    return program;
  } catch {
    return null;
  }
}

/**
 * Copies what is below directories of this machine to the same places of a host, by a task a file or link as roles do it,
 * and reloads once if anything has changed. With pipelining and one shared connection, which is the best that Ansible has.
 */
export class AnsiblePlay {
  constructor(
    private readonly program: string,
    private readonly directory: string,
    private readonly bench: SshBench,
    trees: readonly { readonly from: string; readonly to: string }[],
  ) {
    mkdirSync(directory, { recursive: true });
    const entries = trees.flatMap(({ from, to }) => entriesOf(from, to));
    const directories = [...new Set(entries.map(({ dest }) => dirname(dest)))].sort();
    const { dovecot } = bench.host;
    const play = {
      hosts: "all",
      gather_facts: false,
      tasks: [
        {
          name: "directories",
          "ansible.builtin.file": { path: "{{ item }}", state: "directory", mode: "0755" },
          loop: directories,
        },
        {
          name: "files",
          "ansible.builtin.copy": { src: "{{ item.src }}", dest: "{{ item.dest }}", mode: "{{ item.mode }}" },
          loop: entries.filter(({ target }) => target === undefined),
          no_log: true,
          notify: "reload",
        },
        {
          name: "links",
          "ansible.builtin.file": {
            src: "{{ item.target }}",
            dest: "{{ item.dest }}",
            state: "link",
            force: true,
          },
          loop: entries.filter(({ target }) => target !== undefined),
        },
      ],
      handlers: [{ name: "reload", "ansible.builtin.command": `doveadm -c ${dovecot.configFile} reload` }],
    };
    writeFileSync(join(directory, "play.json"), JSON.stringify([play]));
  }

  /** The whole play. */
  async run(): Promise<void> {
    const { ssh, host } = this.bench;
    const known = ssh.file("known_hosts", `[127.0.0.1]:${ssh.port} ${ssh.hostKey}\n`);
    writeFileSync(
      join(this.directory, "inventory"),
      `mx1 ansible_host=127.0.0.1 ansible_port=${ssh.port} ansible_user=${ssh.user} ` +
        `ansible_ssh_private_key_file=${ssh.identityFile} ansible_python_interpreter=/usr/bin/python3\n`,
    );
    const options = `-F ${host.sshConfigFile} -o UserKnownHostsFile=${known} -o ControlMaster=auto -o ControlPersist=60s`;
    await mustRun([this.program, "-i", "inventory", "play.json"], {
      cwd: this.directory,
      env: { ANSIBLE_PIPELINING: "1", ANSIBLE_SSH_ARGS: options, ANSIBLE_HOME: join(this.directory, "home") },
    });
  }
}

interface Entry {
  readonly src: string;
  readonly dest: string;
  readonly mode: string;
  /** Of a link. */
  readonly target?: string;
}

function entriesOf(from: string, to: string): Entry[] {
  return readdirSync(from, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return [];
    const src = join(entry.parentPath, entry.name);
    const mode = `0${(lstatSync(src).mode & 0o777).toString(8)}`;
    return {
      src,
      dest: join(to, relative(from, src)),
      mode,
      ...(entry.isSymbolicLink() && { target: readlinkSync(src) }),
    };
  });
}
