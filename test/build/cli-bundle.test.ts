import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleCli, type CliBundle } from "../../build/cli-bundle";
import { CdktfProject } from "../cli/support/project";
import { TlsServers } from "../cli/support/tls-servers";
import { issue } from "../support/certificates";
import { runCommand } from "../support/commands";

const ROOT = resolve(__dirname, "../..");

describe("bundleCli", () => {
  const servers = new TlsServers();
  let directory: string;
  let bundle: CliBundle;
  let program: string;
  beforeAll(async () => {
    bundle = await bundleCli(ROOT);
    directory = mkdtempSync(join(tmpdir(), "mail-sni-cli-bundle-"));
    program = join(directory, "mail-sni");
    writeFileSync(program, bundle.content);
    chmodSync(program, 0o755);
  });
  afterAll(async () => {
    await servers.close();
    rmSync(directory, { recursive: true });
  });

  it("THEN it runs by itself, far from its sources, with the package's version", () => {
    const { stdout, status } = spawnSync(program, ["--version"], { cwd: directory, encoding: "utf8" });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(status).toBe(0);
  });

  it("THEN it checks a name by hand, with no project around", async () => {
    const leaf = await issue({ subject: "CN=one", dnsNames: ["imap.domain1.tld"] });
    const port = await servers.start({ leaf });
    const args = ["verify", "imap.domain1.tld", "--connect", "127.0.0.1", "--ports", `${port}:tls`];
    const { exitCode, stdout } = await runCommand([program, ...args]);
    expect(stdout).toContain("CN=one is self-signed");
    expect(exitCode).toBe(1);
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "GIVEN --watch, and %s THEN it ends with the exit status of the last run",
    async (signal) => {
      const port = await servers.start({
        leaf: await issue({ subject: "CN=one", dnsNames: ["domain1.tld"] }),
      });
      const child = spawn(program, [
        ...["verify", "domain1.tld", "--connect", "127.0.0.1", "--ports", `${port}:tls`, "--watch", "600"],
      ]);
      let out = "";
      child.stdout.setEncoding("utf8").on("data", (text) => {
        out += text;
        if (out.includes("handshakes are right")) child.kill(signal);
      });
      const [exitCode, killedBy] = await once(child, "exit");
      expect(out).toContain("CN=one is self-signed");
      expect({ exitCode, killedBy }).toEqual({ exitCode: 1, killedBy: null });
    },
  );

  it("GIVEN a reader that closes the pipe after the first line THEN it ends", () => {
    const many = Array.from({ length: 2000 }, (_, index) => `n${index}.invalid`).join(" ");
    const { status } = spawnSync("sh", [
      "-c",
      `"$0" verify ${many} --connect 127.0.0.1 --ports 1:tls | head -1`,
      program,
    ]);
    expect(status).toBe(0);
  });

  it("GIVEN a lookup that goes on after the command THEN the process ends all the same", async () => {
    const leaf = await issue({ subject: "CN=one", dnsNames: ["domain1.tld"] });
    const port = await servers.start({ leaf });
    const resolver = join(directory, "resolver.cjs");
    writeFileSync(
      resolver,
      `require("node:dns/promises").lookup = async () => {
        setInterval(() => {}, 1000);
        return [{ address: "127.0.0.1" }];
      };`,
    );
    const args = ["--require", resolver, program, "verify", "domain1.tld", "--ports", `${port}:tls`];
    const { exitCode, stdout } = await runCommand([process.execPath, ...args]);
    expect(stdout).toContain("handshakes are right");
    expect(exitCode).toBe(1);
  });

  it("GIVEN a reader that is slower than the command THEN it gets all of the output", () => {
    const certificates = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`d${index}.tld`, {}]),
    );
    const facts = join(directory, "facts.json");
    writeFileSync(facts, JSON.stringify({ version: 1, certificates, pending: {} }));
    const command = '"$0" status --facts "$1" --json | (sleep 2; cat)';
    const { stdout } = spawnSync("sh", ["-c", command, program, facts], { encoding: "utf8" });
    expect(stdout.length).toBeGreaterThan(4 * 65_536);
    expect(JSON.parse(stdout).domains).toHaveLength(3000);
  });

  it("GIVEN a reader that closes the pipe, and a report in a file, THEN the file is written, and the status is that of the run", async () => {
    const leaf = await issue({ subject: "CN=one", dnsNames: ["domain1.tld"] });
    const port = await servers.start({ leaf });
    const names = Array.from({ length: 200 }, (_, index) => `n${index}.domain1.tld`);
    const report = join(directory, "report.xml");
    const child = spawn(process.execPath, [
      ...[program, "verify", ...names, "--connect", "127.0.0.1", "--ports", `${port}:tls`, "--junit", report],
    ]);
    child.stdout.once("data", () => child.stdout.destroy());
    const [exitCode] = await once(child, "exit");
    expect(readFileSync(report, "utf8").match(/<testcase /g)).toHaveLength(200);
    expect(exitCode).toBe(1);
  });

  it.skipIf(!existsSync("/dev/full"))(
    "GIVEN a full disk (skipped without /dev/full) THEN that is said: the report would be cut off without a word",
    () => {
      const command = '"$0" completion bash > /dev/full';
      const { status, stderr } = spawnSync("sh", ["-c", command, program], { encoding: "utf8" });
      expect(stderr).toContain("The report cannot be written to standard output");
      expect(stderr).toContain("[CLI_FILE_UNWRITABLE]\n");
      expect(status).toBe(2);
    },
  );

  it("GIVEN that standard error has no reader, and a complaint there, THEN the report is whole", async () => {
    const project = new CdktfProject();
    const leaf = await issue({ subject: "CN=one", dnsNames: ["domain1.tld"] });
    const names = [{ name: "domain1.tld", certificate: "domain1.tld", entry: "e" }];
    project.writeTable({ mail: names }, await servers.start({ leaf }));
    const args = ["verify", "--project", project.directory, "--connect", "127.0.0.1"];
    // There is no engine in that PATH, which is complained of before a server is asked.
    const child = spawn(process.execPath, [program, ...args], { env: { PATH: "/nowhere" } });
    child.stderr.destroy();
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out += text;
    });
    const [exitCode] = await once(child, "close");
    project.remove();
    expect(out).toContain("CN=one is self-signed");
    expect(out).toContain("handshakes are right");
    expect(exitCode).toBe(1);
  });

  it("THEN it holds no path of its sources, and the licence of what is in it", () => {
    const text = bundle.content.toString();
    for (const path of [ROOT, "node_modules/"]) expect(text).not.toContain(path);
    expect(bundle.licences).toContain("commander 14.");
    expect(bundle.licences).toContain("(MIT)");
  });
});
