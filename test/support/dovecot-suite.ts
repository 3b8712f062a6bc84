import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { presentedCertificate } from "../../lib/shared/tls/handshake";
import { combinedPem, type IssuedCertificate, issue } from "./certificates";
import { runCommand } from "./commands";
import { certificateLines, Dovecot, type DovecotOptions } from "./dovecot";
import type { DovecotVersion } from "./dovecot-installation";
import { describeIf, type Requirement } from "./requirements";

/** What `facts/dovecot.md` says and the library builds on, asked of a real Dovecot. */
export function dovecotSuite(version: DovecotVersion, requirement: Requirement): void {
  describeIf(requirement, `Dovecot ${version}`, () => {
    let one: IssuedCertificate;
    let other: IssuedCertificate;
    let dovecot: Dovecot | undefined;

    beforeAll(async () => {
      one = await issue({ subject: "CN=one.test", dnsNames: ["one.test"] });
      other = await issue({ subject: "CN=other.test", dnsNames: ["other.test"] });
    });

    afterEach(async () => {
      await dovecot?.stop();
      dovecot = undefined;
    });

    /** Blocks as text, where `NAME: one` stands for a block that gives NAME the first certificate. */
    async function start(conf: Record<string, string[]>, options: DovecotOptions = {}): Promise<Dovecot> {
      dovecot = await Dovecot.start({
        version,
        ...options,
        files: (directory) => ({
          "private/one.pem": combinedPem(one),
          "private/other.pem": combinedPem(other),
          ...Object.fromEntries(
            Object.entries(conf).map(([name, blocks]) => [`conf.d/${name}`, text(directory, blocks)]),
          ),
        }),
      });
      return dovecot;
    }

    function text(directory: string, blocks: readonly string[]): string {
      return blocks
        .map((block) => {
          const [names, pem] = block.split(": ");
          const lines = certificateLines(version, `${directory}/private/${pem}.pem`);
          return `local_name ${names} {\n${lines}}\n`;
        })
        .join("");
    }

    /** The CN of what is presented. */
    async function served(server: Dovecot, serverName?: string): Promise<string> {
      const endpoint = { host: "127.0.0.1", port: server.ports.imaps };
      const { leaf } = await presentedCertificate({
        endpoint,
        protocol: "tls",
        serverName,
        deadlineMs: 10_000,
      });
      return leaf.subject.replace("CN=", "");
    }

    /** What `doveconf` says would be served: the lines of its answer that are not empty. */
    async function configured(server: Dovecot, name: string): Promise<string[]> {
      const question =
        version === "2.3"
          ? ["-f", "service=imap", "-f", `lname=${name}`, "-h", "ssl_cert"]
          : ["-f", `local_name=${name}`, "ssl_server/cert_file"];
      const { exitCode, stdout } = await runCommand(server.command("doveconf", ...question));
      expect(exitCode).toBe(0);
      return stdout.split("\n").filter(Boolean);
    }

    const shownAs = (path: string) =>
      version === "2.3" ? [`<${path}`] : ["ssl_server {", `  cert_file = ${path}`, "}"];

    it("GIVEN a block THEN its name is served its certificate in any case of letters, others the global one", async () => {
      const server = await start({ "50-sni.conf": ["one.test: one"] });
      expect(await served(server, "one.test")).toBe("one.test");
      expect(await served(server, "ONE.test")).toBe("one.test");
      for (const name of ["one.test.", "imap.one.test", "unknown.test", undefined]) {
        expect(await served(server, name), name).toBe("global.test");
      }
    });

    it("GIVEN STARTTLS and STLS THEN the same certificates", async () => {
      const server = await start({ "50-sni.conf": ["one.test: one"] });
      for (const protocol of ["imap", "pop3"] as const) {
        const endpoint = { host: "127.0.0.1", port: server.ports[protocol] };
        const options = { endpoint, protocol, serverName: "one.test", deadlineMs: 10_000 };
        expect((await presentedCertificate(options)).leaf.fingerprintSha256).toBe(one.fingerprint);
      }
    });

    it("THEN doveconf tells what would be served, without a server", async () => {
      const server = await start({ "50-sni.conf": ["one.test: one"] });
      await server.halt();
      expect(await configured(server, "ONE.test")).toEqual(shownAs(`${server.directory}/private/one.pem`));
      expect(await configured(server, "unknown.test")).toEqual(
        shownAs(`${server.directory}/private/dovecot.pem`),
      );
    });

    it("GIVEN no global certificate THEN no client is served, doveconf reports no error, and names no certificate", async () => {
      const server = await start({ "50-sni.conf": ["one.test: one"] }, { globalCertificate: null });
      await expect(served(server, "one.test")).rejects.toThrow();
      expect((await runCommand(server.command("doveconf", "-n"))).exitCode).toBe(0);
      expect(await configured(server, "unknown.test")).toEqual([]);
      expect(await configured(server, "one.test")).toEqual(shownAs(`${server.directory}/private/one.pem`));
    });

    it("GIVEN another file under the same name THEN it is served after a reload", async () => {
      const server = await start({ "50-sni.conf": ["one.test: one"] });
      server.write("private/one.pem", combinedPem(other));
      expect(await served(server, "one.test")).toBe("one.test");
      await server.reload();
      await vi.waitFor(async () => expect(await served(server, "one.test")).toBe("other.test"), 10_000);
    });

    it("GIVEN a block whose file is missing THEN the reload says 0 and is refused, and a start fails", async () => {
      const server = await start({ "50-sni.conf": ["one.test: one"] });
      server.write("conf.d/60-broken.conf", text(server.directory, ["other.test: missing"]));
      await server.reload();
      await vi.waitFor(() => expect(server.log()).toContain("missing.pem"), 10_000);
      expect(await served(server, "one.test")).toBe("one.test");
      expect(await served(server, "other.test")).toBe("global.test");
      await expect(server.restart()).rejects.toThrow("missing.pem");
    });

    it("THEN `doveconf -x -n` finds a missing file, in the live configuration and in a candidate", async () => {
      const server = await start({ "50-sni.conf": ["one.test: one"] });
      const check = async (file: string) =>
        (await runCommand([...server.command("doveconf", "-x", "-n"), "-c", `${server.directory}/${file}`]))
          .exitCode;
      const versionLines = version === "2.4" ? VERSION_LINES : "";
      const candidate = (staged: string) =>
        `${versionLines}!include ${server.configFile}\n!include ${server.directory}/${staged}\n`;
      server.write(".staged-good", text(server.directory, ["other.test: other"]));
      server.write(".staged-bad", text(server.directory, ["other.test: missing"]));
      server.write("good.conf", candidate(".staged-good"));
      server.write("bad.conf", candidate(".staged-bad"));
      expect(await check("good.conf")).toBe(0);
      expect(await check("bad.conf")).toBe(89);
      expect(await check("dovecot.conf")).toBe(0);
    });

    it("THEN `doveadm service status` tells whether it runs, and a reload where it does not exits 75", async () => {
      const server = await start({});
      const exitCodeOf = async (...args: string[]) =>
        (await runCommand(server.command("doveadm", ...args))).exitCode;
      expect(await exitCodeOf("service", "status")).toBe(0);
      await server.halt();
      expect(await exitCodeOf("service", "status")).toBe(75);
      expect(await exitCodeOf("reload")).toBe(75);
    });

    it("GIVEN a wildcard block and an exact one THEN the first wins on 2.3, the last on 2.4", async () => {
      const server = await start({ "50-sni.conf": ["*.one.test: other", "imap.one.test: one"] });
      const winner = version === "2.3" ? "other.test" : "one.test";
      expect(await served(server, "imap.one.test")).toBe(winner);
      expect(await served(server, "pop3.one.test")).toBe("other.test");
      expect(await served(server, "a.b.one.test")).toBe("global.test");
      expect(await served(server, "one.test")).toBe("global.test");
    });

    it("GIVEN two blocks of one name THEN the later settings win", async () => {
      const server = await start({ "20-a.conf": ["one.test: other"], "50-b.conf": ["one.test: one"] });
      expect(await served(server, "one.test")).toBe("one.test");
    });

    it("GIVEN two blocks of one name and a wildcard between THEN they count at the place of the first", async () => {
      const blocks = ["imap.one.test: other", "*.one.test: other", "imap.one.test: one"];
      const server = await start({ "50-sni.conf": blocks });
      expect(await served(server, "imap.one.test")).toBe(version === "2.3" ? "one.test" : "other.test");
    });

    it("THEN `doveconf -n` prints a block's names without quotes", async () => {
      const names = version === "2.3" ? '"a.test B.test"' : '"a.test"';
      const server = await start({ "50-sni.conf": [`${names}: one`] });
      const { stdout } = await runCommand(server.command("doveconf", "-n"));
      expect(/^local_name (.+) \{$/m.exec(stdout)?.[1]).toBe(names.replaceAll('"', ""));
    });
  });
}

const VERSION_LINES = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n";
