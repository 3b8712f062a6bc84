import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { HOSTILE_WORDS, isPlain } from "../../../support/hostile-words";
import { sshd } from "../../../support/machine";
import { describeIf } from "../../../support/requirements";
import { SshServer, type SshServerOptions } from "../../../support/ssh-server";
import { DoctorProject, linesOf } from "../support/doctor-project";

const LISTING = "# 2.4.1 (abcdef): /etc/dovecot/dovecot.conf";
const MARKER = "local_name mail-sni.invalid {";

/** The stand-in for Dovecot, as it is on the host. */
interface Doveconf {
  readonly prints?: string;
  readonly status?: number;
  /** The main configuration file. */
  readonly main?: string;
}

describeIf(sshd, "doctor, of a host by SSH", () => {
  let server: SshServer | undefined;
  let project: DoctorProject;
  beforeEach(() => {
    project = new DoctorProject();
  });
  afterEach(async () => {
    await server?.stop();
    project.remove();
  });

  /** Declares a host that is well, but for what is given. */
  async function host(
    options: SshServerOptions = {},
    block: object = {},
    files: object = {},
  ): Promise<SshServer> {
    server = await SshServer.start(options);
    mkdirSync(there("etc/conf.d"), { recursive: true });
    doveconf({});
    const print = [there("doveconf"), "-n"];
    const dovecot = {
      version: { print, pattern: "^# (\\d+\\.\\d+)\\.\\d", expected: "2.4", advice: "Declare the version" },
      arrival: {
        list: print,
        pattern: "^local_name mail-sni\\.invalid \\{$",
        advice: "Add the line to the file",
      },
      config: { file: there("etc/dovecot.conf"), includes: "^[[:space:]]*!include(_try)?[[:space:]]" },
    };
    const declared = {
      address: server.address,
      identity_file: server.identityFile,
      ssh_config_file: server.file("ssh_config", ""),
      host_keys: [server.hostKey],
      state_directory: there("ledger"),
      services: { dovecot },
      ...block,
    };
    const base = {
      host: "mx1",
      role: "base",
      files: { [there("etc/conf.d/99-mail-sni.conf")]: { service: "dovecot", text: "…" }, ...files },
    };
    project.declare({
      provider: { mailsni: [{ stack: "mail", hosts: { mx1: declared } }] },
      resource: { mailsni_host_files: { base__mx1: base } },
    });
    return server;
  }

  /** A path of the host. */
  const there = (path: string) => join(project.directory, "host", path);

  function doveconf({
    prints = `${LISTING}\\n${MARKER}`,
    status = 0,
    main = "!include conf.d/*.conf",
  }: Doveconf): void {
    chmodSync(project.write("host/doveconf", `#!/bin/sh\nprintf '${prints}\\n'\nexit ${status}\n`), 0o755);
    project.write("host/etc/dovecot.conf", `protocols = imap\n  ${main}\n`);
  }

  /** Runs doctor. @returns the lines of that check, where no other has found anything */
  async function only(check: string, status = 1): Promise<string> {
    const run = await project.doctor();
    const found = run.out.match(/^(error|warning) .*\[[a-z-]+\]$/gm) ?? [];
    expect(found.filter((line) => !line.endsWith(`[${check}]`))).toEqual([]);
    expect(run.exitCode).toBe(status);
    return linesOf(run, check).join("\n");
  }

  it("GIVEN a host that is well THEN nothing is wrong, and nothing is written there", async () => {
    await host({}, {}, { [there("etc/a.pem")]: { owner: "root", group: "root", service: "qmail" } });
    const before = project.files;
    const { out, exitCode } = await project.doctor();
    expect(out).toMatch(/^Nothing is wrong: \d+ checks\.\n$/);
    expect(exitCode).toBe(0);
    expect(project.files).toEqual(before);
  });

  it("GIVEN an unknown host key THEN its key is there to be compared and pasted", async () => {
    const { hostKey, fingerprint } = await host({}, { host_keys: null, known_hosts_file: "/dev/null" });
    const found = await only("ssh");
    expect(found).toMatch(/^error {3}host mx1 of stack mail: At .*: its host key is not known/);
    expect(found).toContain(fingerprint);
    expect(found).toContain(hostKey);
    expect(found).toContain("compare the fingerprint");
    // The line of known_hosts, alone.
    expect(found).toMatch(
      new RegExp(`\\n {10}\\[127\\.0\\.0\\.1\\]:\\d+ ${hostKey.replaceAll("+", "\\+")}$`, "m"),
    );
  });

  it("GIVEN a host key that has changed, or no server that listens THEN that", async () => {
    const sshServer = await host();
    sshServer.changeHostKey();
    await sshServer.restart();
    expect(await only("ssh")).toContain("its host key has changed");
    await sshServer.kill();
    const found = await only("ssh");
    expect(found).toContain("nothing listens on port");
    expect(found).toContain("Is sshd running");
  });

  it("GIVEN `become` that does not exist THEN that, and that the checks behind it are skipped", async () => {
    await host({}, { become: ["no-such-sudo", "-n"] });
    const found = await only("shell");
    expect(found).toContain("`no-such-sudo` was not found");
    const { out } = await project.doctor(["--verbose"]);
    expect(out).toContain("skipped host mx1 of stack mail: there is no shell on the host. [service-version]");
  });

  it("GIVEN a host without flock THEN it is named, and the package", async () => {
    await host({ environment: { PATH: there("bin") } });
    mkdirSync(there("bin"));
    const names = ["/bin", "/usr/bin"].flatMap((directory) =>
      readdirSync(directory).map((name) => join(directory, name)),
    );
    for (const path of names) {
      if (basename(path) !== "flock" && !existsSync(there(`bin/${basename(path)}`)))
        symlinkSync(path, there(`bin/${basename(path)}`));
    }
    const found = await only("tools");
    expect(found).toContain("Tools are missing there: flock.");
    expect(found).toContain("Install coreutils, grep and util-linux");
  });

  it("GIVEN another version of Dovecot THEN what to declare", async () => {
    await host();
    doveconf({ prints: `# 2.3.21 (abc)\\n${MARKER}` });
    const found = await only("service-version");
    expect(found).toContain("dovecot is version 2.3, and the stack declares 2.4");
    expect(found).toContain("\n        Declare the version.");
  });

  it("GIVEN no Dovecot THEN it is not installed", async () => {
    await host(
      {},
      {
        services: {
          dovecot: { version: { print: ["no-such-doveconf"], pattern: "(x)", expected: "2.4", advice: "a" } },
        },
      },
    );
    expect(await only("service-version")).toContain(
      "dovecot is not installed there: `no-such-doveconf` does not exist",
    );
  });

  it("GIVEN Dovecot's configuration with files that are gone THEN each is named, but for those of the deploy", async () => {
    await host({}, {}, { [there("own.pem")]: { service: "dovecot" } });
    project.write("host/there.pem", "x");
    const names = (path: string) => `ssl_server_cert_file = ${path}\n`;
    const many = Array.from({ length: 11 }, (_, at) => names(there(`gone-${at}.pem`))).join("");
    project.write(
      "host/etc/conf.d/10-ssl.conf",
      ["there.pem", "own.pem"].map((path) => names(there(path))).join("") + many,
    );
    doveconf({ main: "!include conf.d/*.conf\ndovecot_config_version = 2.4.1" });
    await only("dovecot-pems");
    const { out } = await project.doctor();
    const lines = out.split("\n").filter((line) => line.startsWith("error"));
    expect(lines).toHaveLength(11);
    expect(lines[0]).toContain(
      `dovecot will not start again, such as after a reboot: ${there("gone-0.pem")} does not exist. It is named in ${there("etc/conf.d/10-ssl.conf")}:3 (ssl_server_cert_file). [dovecot-pems]`,
    );
    expect(lines.at(-1)).toContain("dovecot names 1 more file that cannot be opened.");
    expect(out).not.toMatch(/there\.pem|own\.pem/);
  });

  it("GIVEN a configuration of Dovecot from a hostile host THEN what is printed is plain", async () => {
    await host();
    doveconf({ main: `!include conf.d/*.conf\nssl_cert = </nowhere/${HOSTILE_WORDS.replaceAll("\n", "")}` });
    expect(isPlain(await only("dovecot-pems"))).toBe(true);
  });

  it("GIVEN a main file that includes other files only, before the first deploy THEN the line to add", async () => {
    await host();
    doveconf({ prints: LISTING, main: "!include local/*.conf" });
    const found = await only("service-includes");
    expect(found).toContain(`dovecot does not include ${there("etc/conf.d/99-mail-sni.conf")}`);
    expect(found).toContain("Add the line to the file.");
  });

  it("GIVEN a main file that includes them, before the first deploy THEN nothing", async () => {
    await host();
    doveconf({ prints: LISTING });
    expect((await project.doctor()).out).toMatch(/^Nothing is wrong/);
  });

  it("GIVEN files of an earlier deploy that it does not show THEN an error, whatever the main file says", async () => {
    await host();
    project.write("host/etc/conf.d/99-mail-sni.conf", "");
    doveconf({ prints: LISTING });
    expect(await only("service-includes")).toContain("does not include");
  });

  it("GIVEN a configuration that it refuses THEN a warning, and 0", async () => {
    await host();
    doveconf({ status: 89 });
    expect(await only("service-includes", 0)).toContain("dovecot refuses its present configuration");
  });

  it("GIVEN users and groups that the host does not have THEN they are named", async () => {
    await host({}, {}, { "/etc/a.pem": { owner: "no-such-user", group: "no-such-group", service: "qmail" } });
    expect(await only("owners")).toContain("There is no user no-such-user, group no-such-group on the host");
  });

  it("GIVEN a directory on a file system that is read-only THEN it is not writable", async () => {
    await host({}, {}, { "/proc/sys/mail/a.pem": { service: "qmail" } });
    const { out } = await project.doctor();
    expect(out).toMatch(/^error .* cannot write in .*\/proc\/sys.* \[directories\]$/m);
  });

  it("GIVEN a clock that is behind THEN by how much, and 0", async () => {
    await host({ environment: { PATH: `${there("bin")}:/usr/bin:/bin` } });
    chmodSync(project.write("host/bin/date", "#!/bin/sh\necho $(($(/bin/date +%s) - 10800))\n"), 0o755);
    expect(await only("clock", 0)).toContain("Its clock is 3 hours behind");
  });

  it("GIVEN hostile words from the host THEN they are plain text", async () => {
    await host();
    doveconf({ prints: `# 2.${HOSTILE_WORDS.replaceAll("%", "").replaceAll("'", "")}` });
    const { out } = await project.doctor(["--verbose"]);
    expect(isPlain(out)).toBe(true);
  });

  it("GIVEN --no-hosts, --offline, or a host that is gone THEN it is not connected to", async () => {
    const sshServer = await host();
    await sshServer.kill();
    for (const option of ["--no-hosts", "--offline"]) {
      const run = await project.doctor([option, "--verbose"]);
      expect(linesOf(run, "ssh")).toEqual([`skipped host mx1 of stack mail: ${option}. [ssh]`]);
      expect(run.exitCode).toBe(0);
    }
    await sshServer.stop();
    await host({}, { gone: true });
    const run = await project.doctor(["--verbose"]);
    expect(linesOf(run, "ssh").join()).toContain("it is marked as gone");
  });
});

describeIf(sshd, "doctor, of hosts that cannot be known", () => {
  it("GIVEN an expression in the connection THEN it is skipped, and why", async () => {
    const project = new DoctorProject({
      provider: { mailsni: [{ stack: "mail", hosts: { mx1: { address: "${var.address}" } } }] },
    });
    const run = await project.doctor(["--verbose"]);
    expect(linesOf(run, "ssh").join()).toContain("its connection has an expression");
    expect(run.exitCode).toBe(0);
    project.remove();
  });
});
