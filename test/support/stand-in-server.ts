import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

const SCRIPT = join(__dirname, "stand-in-server.sh");
const MAIN = "/etc/mail/main.conf";

export type ServerCommand = "build" | "check" | "activate" | "running";

/**
 * A mail host below a directory, with a stand-in for a mail server that serves what its configuration names: it loads
 * its files when it is told to, and never by itself, so that a reload that was forgotten shows.
 */
export class StandInServer {
  readonly root: string;

  /** @param directory an existing one */
  constructor(private readonly directory: string) {
    this.root = join(directory, "host");
    this.setUp();
    writeFileSync(join(directory, "journal"), "");
    execFileSync("mkfifo", [join(directory, "gate")]);
  }

  /** A host as it comes: the server is installed, and serves nothing. */
  setUp(): void {
    mkdirSync(join(this.root, "etc/mail/conf.d"), { recursive: true });
    writeFileSync(join(this.root, MAIN), "includes /etc/mail/conf.d\n");
  }

  /** The host as the provider's `hosts` has it, with the server as its service `mail`. */
  get host() {
    return { root: this.root, ownership: "apply", services: { mail: this.service } };
  }

  get service() {
    const command = (verb: ServerCommand, ...more: string[]) => [
      "sh",
      SCRIPT,
      this.directory,
      this.root,
      verb,
      ...more,
    ];
    return {
      config: { file: MAIN, include: "include {path}", position: "last" },
      build: command("build"),
      check: command("check", "{candidate}"),
      running: command("running"),
      activate: command("activate"),
    };
  }

  path(path: string): string {
    return join(this.root, path);
  }

  read(path: string): string {
    return readFileSync(this.path(path), "utf8");
  }

  /** Every command that was run, in order. */
  get journal(): readonly string[] {
    return readFileSync(join(this.directory, "journal"), "utf8").split("\n").filter(Boolean);
  }

  forgetJournal(): void {
    writeFileSync(join(this.directory, "journal"), "");
  }

  /** What clients are shown: the SHA-256 of a PEM by name, as it was when the server was told last. */
  get served(): Readonly<Record<string, string>> {
    const loaded = join(this.directory, "loaded");
    return existsSync(loaded) ? parse(readFileSync(loaded, "utf8")) : {};
  }

  /** What clients would be shown after a restart. @throws Error where it would not start */
  get wouldServe(): Readonly<Record<string, string>> {
    const { status, stdout, stderr } = spawnSync("sh", [SCRIPT, this.directory, this.root, "would-serve"], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`the server would not start: ${stderr}`);
    return parse(stdout);
  }

  /** Has the command do something first, in the words of a shell. */
  on(command: ServerCommand, script: string): void {
    writeFileSync(join(this.directory, `on-${command}`), `${script}\n`);
  }

  /** From now on commands do as they should. */
  behave(): void {
    for (const command of ["build", "check", "activate", "running"]) {
      rmSync(join(this.directory, `on-${command}`), { force: true });
    }
  }

  /** Resolves when a command waits at the gate. */
  async waiting(): Promise<void> {
    while (!this.journal.includes("waiting")) await setTimeout(10);
  }

  openGate(): void {
    writeFileSync(join(this.directory, "gate"), "\n");
  }
}

function parse(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" ") as [string, string]),
  );
}

/** The files of one domain as the stand-in takes them: a PEM, the line that names it, and a link. */
export function domainFiles(name: string, pem: string) {
  const { certificate, configuration, link } = domainPaths(name);
  return {
    host: "mx1",
    names: [name],
    files: {
      [certificate]: { service: "mail", mode: "0640" },
      [configuration]: { service: "mail", text: `serve ${name} ${certificate}\n` },
    } as Record<string, object>,
    links: { [link]: `../certs/${name}.pem` },
    secrets: { [certificate]: pem },
  };
}

export function domainPaths(name: string) {
  return {
    certificate: `/etc/mail/certs/${name}.pem`,
    configuration: `/etc/mail/conf.d/${name}.conf`,
    link: `/etc/mail/aliases/${name}.pem`,
  };
}
