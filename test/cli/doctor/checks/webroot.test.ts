import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DnsServer, type Zone } from "../../../support/dns-server";
import { root, sshd } from "../../../support/machine";
import { describeIf } from "../../../support/requirements";
import { SshServer } from "../../../support/ssh-server";
import { ran } from "../../support/ran";
import { AcmeDirectoryServer } from "../support/acme-directory-server";
import { DoctorProject, linesOf } from "../support/doctor-project";

/** Of its own, for a server on port 80. */
const ADDRESS = `127.${randomInt(1, 255)}.${randomInt(255)}.${randomInt(1, 255)}`;

describeIf([sshd, root], "doctor --write-probe", () => {
  let ssh: SshServer;
  let ca: AcmeDirectoryServer;
  let web: Server;
  let zone: Zone;
  let dns: DnsServer;
  let project: DoctorProject;
  /** What was requested, and whether the file was there then. */
  let requests: { readonly host: string; readonly path: string; readonly isThere: boolean }[];
  let isServing: boolean;

  beforeEach(async () => {
    requests = [];
    isServing = true;
    [ssh, ca] = await Promise.all([SshServer.start(), AcmeDirectoryServer.start()]);
    zone = new Map([
      ["A d.test", [ADDRESS]],
      ["A imap.d.test", [ADDRESS]],
    ]);
    dns = await DnsServer.authority(zone, "127.0.0.1");
    project = new DoctorProject();
    declare();
    web = createServer((request, response) => {
      const path = request.url ?? "";
      const file = join(webroot(), path);
      const isThere = existsSync(file);
      requests.push({ host: request.headers.host ?? "", path, isThere });
      if (isServing && isThere) response.end(readFileSync(file));
      else response.writeHead(404).end();
    }).listen(80, ADDRESS);
    await once(web, "listening");
  });

  afterEach(async () => {
    web.closeAllConnections();
    web.close();
    dns.close();
    ca.close();
    await ssh.stop();
    project.remove();
  });

  const webroot = () => join(project.directory, "www");

  function declare(directory = webroot(), names: readonly string[] = ["d.test", "imap.d.test"]): void {
    const host = {
      address: ssh.address,
      identity_file: ssh.identityFile,
      ssh_config_file: ssh.file("ssh_config", ""),
      host_keys: [ssh.hostKey],
      state_directory: join(project.directory, "ledger"),
    };
    const certificate = {
      directory_url: ca.url,
      directory_ca_pem: ca.rootPem,
      names,
      challenge: { webroot: directory, dns_servers: [`127.0.0.1:${dns.port}`] },
    };
    project.declare({
      provider: { mailsni: [{ stack: "mail", hosts: { mx1: host } }] },
      resource: { mailsni_acme_certificate: { c_d_test: certificate } },
    });
  }

  it("GIVEN a web server that serves it THEN nothing is wrong, each name was asked, and the file and its directories are gone", async () => {
    const before = project.files;
    const { out, err, exitCode } = await project.doctor(["--write-probe"]);
    expect(out).toMatch(/^Nothing is wrong/);
    expect(err).toBe("");
    expect(exitCode).toBe(0);
    expect(requests.map(({ host }) => host).sort()).toEqual(["d.test", "imap.d.test"]);
    for (const { path, isThere } of requests) {
      expect(path).toMatch(/^\/\.well-known\/acme-challenge\/mail-sni-doctor-[0-9a-f]{32}$/);
      expect(isThere).toBe(true);
    }
    expect(project.files).toEqual(before);
  });

  it("GIVEN a directory of challenges that is there THEN it stays", async () => {
    mkdirSync(join(webroot(), ".well-known/acme-challenge"), { recursive: true });
    const before = project.files;
    await project.doctor(["--write-probe"]);
    expect(project.files).toEqual(before);
  });

  it("GIVEN a web server that serves something else THEN what it answers and what to do, and the file is gone", async () => {
    isServing = false;
    const before = project.files;
    const run = await project.doctor(["--write-probe"]);
    expect(run.exitCode).toBe(1);
    const found = linesOf(run, "webroot").join("\n");
    expect(found).toContain(
      `error   d.test of stack mail: d.test: ${ADDRESS} (port 80) answers with status 404 where the challenge should be.`,
    );
    expect(found).toContain(`a web server on port 80 serves ${webroot()} for it`);
    expect(project.files).toEqual(before);
  });

  it("GIVEN no server on port 80 THEN that", async () => {
    zone.set("A d.test", ["127.0.0.254"]);
    declare(webroot(), ["d.test"]);
    const run = await project.doctor(["--write-probe"]);
    expect(linesOf(run, "webroot").join()).toContain("d.test: 127.0.0.254 (port 80) cannot be reached");
  });

  it("GIVEN a webroot where nothing can be written THEN why, and names are not asked", async () => {
    project.write("file", "");
    declare(join(project.directory, "file/www"));
    const run = await project.doctor(["--write-probe", "--verbose"]);
    expect(linesOf(run, "webroot-file").join()).toMatch(
      /^error {3}host mx1 of stack mail: No file can be written below the webroot: .*File exists/,
    );
    expect(run.out).toContain("skipped d.test of stack mail: no file could be written to a host. [webroot]");
    expect(requests).toEqual([]);
  });

  it("GIVEN that it is interrupted while a name is asked THEN the file is gone", async () => {
    const interruption = new AbortController();
    web.removeAllListeners("request");
    web.on("request", () => interruption.abort());
    const before = project.files;
    await ran(["doctor", "--project", project.directory, "--write-probe"], {
      environment: project.environment,
      interruption: interruption.signal,
    });
    expect(project.files).toEqual(before);
  });

  it("GIVEN no --write-probe THEN nothing is written or asked; GIVEN --offline or --no-hosts with it THEN it is refused", async () => {
    await project.doctor();
    expect(requests).toEqual([]);
    for (const option of ["--offline", "--no-hosts"])
      expect((await project.doctor(["--write-probe", option])).exitCode).toBe(2);
  });
});
