import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import ejectScript from "../../../lib/cli/eject/eject.sh";
import { copyState, type RenewalRow, renewalRows, renewalTexts } from "../../../lib/cli/eject/plain-renewal";
import { Ledger } from "../../../lib/provider/host/record/ledger";
import type { CertificateFacts } from "../../../lib/shared/certificate-facts";
import { dehydrated, describeIf } from "../../support/requirements";
import { pemFor } from "../../support/test-pem";
import { ran } from "../support/ran";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "mail-sni-eject-"));
  const stack = join(project, "cdktf.out", "stacks", "mail");
  mkdirSync(stack, { recursive: true });
  writeFileSync(join(project, "cdktf.json"), "{}");
  writeFileSync(
    join(project, "cdktf.out", "manifest.json"),
    JSON.stringify({ stacks: { mail: { workingDirectory: "stacks/mail" } } }),
  );
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

const pem = (host: string) => ({ host, files: { "/a.pem": { mode: "0640" } } });
function declare(parts: { hosts?: object; resource?: object }): void {
  const hosts = parts.hosts ?? { mx1: { root: "/" }, "mx$${2}": { address: "root@mx2.tld" } };
  writeFileSync(
    join(project, "cdktf.out", "stacks", "mail", "cdk.tf.json"),
    JSON.stringify({ provider: { mailsni: [{ stack: "mail", hosts }] }, resource: parts.resource ?? {} }),
  );
}
const eject = (...args: string[]) => ran(["eject", ...args, "--project", project]);

describe("mail-sni eject", () => {
  it("GIVEN two hosts WHEN one leaves THEN the state keeps the other, and what issues certificates", async () => {
    declare({
      resource: {
        mailsni_host_files: { d_a__mx1: pem("mx1"), d_a__mx2: pem("mx$${2}") },
        mailsni_retired_renewers: { retired__mx1: { host: "mx1" } },
        mailsni_acme_certificate: { c_a: {} },
      },
    });
    const { exitCode, out } = await eject("mx1");
    expect(exitCode).toBe(0);
    expect(out).toContain("'mailsni_host_files.d_a__mx1' \\\n");
    expect(out).toContain("'mailsni_retired_renewers.retired__mx1'\n");
    expect(out).not.toMatch(/c_a|mx2/);
    expect(out).toContain("In the program: remove the mail host mx1.");
    expect(out).toContain("Old renewers stay switched off.");
  });

  it("GIVEN an engine whose path a shell would split THEN the command to copy has it as one word", async () => {
    declare({ resource: { mailsni_host_files: { d_a__mx1: pem("mx1") } } });
    const { out } = await eject("mx1", "--engine", "/opt/my engines/tofu");
    expect(out).toContain("&& '/opt/my engines/tofu' state rm \\\n");
  });

  it("GIVEN the last host THEN program and state forget what issues certificates as well", async () => {
    declare({
      resource: { mailsni_host_files: { d_a__mx1: pem("mx1") }, mailsni_acme_certificate: { c_a: {} } },
    });
    const { out } = await eject("mx1");
    expect(out).toContain("'mailsni_acme_certificate.c_a'");
    expect(out).toContain(
      "In the program: remove the MailSni, its issuers and the mail host, since mx1 is the only one.",
    );
  });

  it("GIVEN a host that issues certificates itself THEN its program and ledger stay", async () => {
    declare({ resource: { mailsni_host_job: { dehydrated__mx1: { host: "mx1" } } } });
    const { out } = await eject("mx1");
    expect(out).toContain("its ledger stay");
    expect(await eject("mx1", "--dehydrated")).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("[CLI_OPTION]"),
    });
  });

  it.each([
    [["mx3"], "CLI_HOST_UNKNOWN", "mx${2}, mx1"],
    [["mx1", "--dehydrated"], "CLI_OPTION", "--webroot DIRECTORY"],
    [["mx1", "--dehydrated", "--webroot", "/a b"], "CLI_OPTION", "plain absolute path"],
    [
      ["mx1", "--dehydrated", "--webroot", "/a", "--ca", "https://a'$(id)"],
      "CLI_OPTION",
      "not the URL of a CA",
    ],
    [["mx1", "--dehydrated", "--webroot", "/a", "--contact", 'a"b@c'], "CLI_OPTION", "not an address"],
  ])("%s THEN %s", async (args, code, words) => {
    declare({});
    const { exitCode, err } = await eject(...args);
    expect(exitCode).toBe(2);
    expect(err).toContain(`[${code}]`);
    expect(err).toContain(words);
  });

  describe("GIVEN a ledger", () => {
    const state = (name = "") => join(project, "host/var/lib/mail-sni", name);
    const line = (...fields: string[]) => `${fields.join("\t")}\t.\n`;
    const own =
      line("mail-sni-ledger", "1") +
      line("begun", "00000000000000aa", "mail", "2026-01-01T00:00:00Z", "root@a") +
      line("claim", "mail", "a", "/a.pem") +
      line("claim", "other", "b", "/b.pem");
    const eject = async (ledger: string, resource: object = {}) => {
      mkdirSync(state(), { recursive: true });
      writeFileSync(state("ledger"), ledger);
      declare({ hosts: { mx1: { root: join(project, "host") } }, resource });
      return ran(["eject", "mx1", "--yes", "--project", project]);
    };

    it("with files of this stack alone WHEN the host leaves THEN no stack owns one", async () => {
      expect(await eject(own + line("release", "b", "/b.pem"))).toMatchObject({ exitCode: 0 });
      expect(readdirSync(state()).sort()).toEqual(["ledger.ejected", "lock"]);
    });

    it("with an old renewer that is off WHEN the host leaves THEN no deploy is proposed, which would take its files back", async () => {
      const resource = { mailsni_retired_renewers: { retired__mx1: { host: "mx1" } } };
      const { out } = await eject(own, resource);
      expect(out).toContain('To switch them on again, see "Switching on by hand" in docs/procedures.md.');
      expect(out).toContain('see "Back to the old renewer" in docs/recipes/leaving.md');
      expect(out).not.toContain("deploy before you go on");
    });

    it("of a host that issues certificates itself WHEN it leaves THEN it stays: the renewal program goes on with it", async () => {
      const job = { mailsni_host_job: { dehydrated__mx1: { host: "mx1" } } };
      expect(await eject(own, job)).toMatchObject({ exitCode: 0 });
      expect(readdirSync(state())).toEqual(["ledger"]);
      expect(readFileSync(state("ledger"), "utf8")).toBe(own);
    });

    it("with files of another stack, and a line that was cut off, WHEN it leaves THEN that keeps its files", async () => {
      expect(await eject(`${own}claim\tother\tc`)).toMatchObject({ exitCode: 0 });
      const text = readFileSync(state("ledger"), "utf8");
      const ledger = new Ledger();
      ledger.read(text);
      expect([ledger.resourcesOf("mail").size, [...ledger.resourcesOf("other").keys()]]).toEqual([0, ["b"]]);
      expect(text).toContain(line("lost", "00000000000000aa"));
      expect(await ran(["eject", "mx1", "--yes", "--project", project])).toMatchObject({ exitCode: 0 });
      expect(readFileSync(state("ledger"), "utf8")).toBe(text);
    });
  });

  it.each([
    ["is there", 0o755, ["/dehydrated\n", 0]],
    ["cannot be run", 0o644, ["", 0]],
  ])("GIVEN a dehydrated that %s THEN that is found out as cron does", (_, mode, expected) => {
    writeFileSync(join(project, "dehydrated"), "#!/bin/sh\n", { mode });
    const { stdout, status } = spawnSync(
      "sh",
      ["-c", ejectScript, "sh", "found", "", project, "dehydrated"],
      {
        encoding: "utf8",
      },
    );
    expect([stdout.replace(project, ""), status]).toEqual(expected);
  });

  describeIf(dehydrated, "GIVEN a file without a certificate", () => {
    it("THEN it is named, and the exit status says that something is left to do", async () => {
      const missing = join(project, "missing.pem");
      declare({ resource: { mailsni_host_files: { d_a__mx1: { host: "mx1", files: { [missing]: {} } } } } });
      const { exitCode, out } = await eject(
        "mx1",
        "--dehydrated",
        "--webroot",
        "/w",
        "--work-directory",
        join(project, "w"),
      );
      expect(exitCode).toBe(1);
      expect(out).toContain(`Not renewed: ${missing}`);
    });

    it("GIVEN a directory in which another stack's certificates are renewed THEN nothing is written over it", async () => {
      const [a, b] = [join(project, "a.pem"), join(project, "b.pem")];
      for (const path of [a, b]) writeFileSync(path, await pemFor("a.tld"));
      const ejected = (path: string, ...more: string[]) => {
        declare({ resource: { mailsni_host_files: { d_a__mx1: { host: "mx1", files: { [path]: {} } } } } });
        return eject(
          ...["mx1", "--dehydrated", "--webroot", "/w", "--work-directory", join(project, "w")],
          ...["--directory", join(project, "etc"), "--cron-file", join(project, "cron"), ...more],
        );
      };
      mkdirSync(join(project, "etc"));
      writeFileSync(
        join(project, "etc/targets"),
        `# Row, mode, owner, group, file\na.tld\t0640\t-\t-\t${a}\n`,
      );
      expect((await ejected(a)).exitCode).toBe(0);
      const { exitCode, err } = await ejected(b, "--yes");
      expect([exitCode, err]).toEqual([
        2,
        expect.stringContaining(`targets on the host has ${a}, which this stack`),
      ]);
      expect(readdirSync(join(project, "etc"))).toEqual(["targets"]);
      rmSync(join(project, "etc/targets"));
      expect((await ejected(b)).exitCode).toBe(0);
    });

    it("on a host that also issues certificates itself THEN those of the other issuers are renewed by dehydrated all the same", async () => {
      const path = join(project, "a.pem");
      writeFileSync(path, await pemFor("a.tld"));
      declare({
        resource: {
          mailsni_host_job: { dehydrated__mx1: { host: "mx1" } },
          mailsni_host_files: { d_a__mx1: { host: "mx1", files: { [path]: {} } } },
        },
      });
      const { exitCode, out } = await eject(
        ...["mx1", "--dehydrated", "--webroot", "/w", "--work-directory", join(project, "w")],
      );
      expect([exitCode, out]).toEqual([
        0,
        expect.stringContaining("dehydrated renews 1 certificate from now on"),
      ]);
      expect(out).toContain("its ledger stay");
    });

    it.each([
      ["--webroot", 1, "Cannot be renewed: a.tld is for *.a.tld, and only DNS proves a wildcard."],
      ["--dns-hook", 0, "dehydrated renews 1 certificate from now on"],
    ])("but one with a wildcard, and %s, THEN the exit status is %d", async (option, status, words) => {
      const path = join(project, "a.pem");
      writeFileSync(path, await pemFor("*.a.tld", "a.tld"));
      declare({ resource: { mailsni_host_files: { d_a__mx1: { host: "mx1", files: { [path]: {} } } } } });
      const { exitCode, out } = await eject(
        ...["mx1", "--dehydrated", option, "/w", "--work-directory", join(project, "w")],
      );
      expect([exitCode, out]).toEqual([status, expect.stringContaining(words)]);
      expect(out.includes("Cannot be renewed")).toBe(status === 1);
    });
  });

  it("GIVEN files below another root THEN dehydrated is refused", async () => {
    declare({ hosts: { mx1: { root: "/srv" } } });
    expect((await eject("mx1", "--dehydrated", "--webroot", "/w")).err).toContain("whose root is /");
  });
});

describe("the rows of a plain dehydrated", () => {
  const installed = (path: string, fingerprintSha256: string, ...dnsNames: string[]) => ({
    path,
    mode: "0640",
    owner: "root",
    group: null,
    key: { algorithm: "rsa", size: 2048, lost: null } as const,
    leaf: { fingerprintSha256, dnsNames } as unknown as CertificateFacts,
  });

  it.each([
    ["nothing", undefined, "outdated"],
    ["the same certificate", { fingerprint: "1", day: 2, names: ["a.tld"] }, "same"],
    ["a newer one", { fingerprint: "2", day: 3, names: ["a.tld"] }, "newer"],
    ["an older one", { fingerprint: "2", day: 1, names: ["a.tld"] }, "outdated"],
    ["a newer one for other names", { fingerprint: "2", day: 3, names: ["a.tld", "b.tld"] }, "outdated"],
  ])("GIVEN that dehydrated has %s THEN its copy is known as that", (_, copy, state) => {
    const notBefore = (day: number) => new Date(Date.UTC(2026, 0, day));
    const [row] = renewalRows([
      {
        ...installed("/a.pem", "1", "a.tld"),
        leaf: {
          fingerprintSha256: "1",
          dnsNames: ["a.tld"],
          notBefore: notBefore(2),
        } as unknown as CertificateFacts,
      },
    ]) as [RenewalRow];
    const leaf = copy && {
      fingerprintSha256: copy.fingerprint,
      dnsNames: copy.names,
      notBefore: notBefore(copy.day),
    };
    expect(copyState(row, leaf as unknown as CertificateFacts | undefined)).toBe(state);
  });

  it("GIVEN files with the same certificate THEN they are one row; a name that two certificates begin with gets a number", () => {
    const rows = renewalRows([
      installed("/a.pem", "1", "*.a.tld", "a.tld"),
      installed("/default.pem", "1", "*.a.tld", "a.tld"),
      installed("/b.pem", "2", "a.tld"),
      installed("/c.pem", "3", "*.c.tld"),
    ]);
    expect(rows.map(({ alias, files }) => [alias, files.map(({ path }) => path)])).toEqual([
      ["a.tld", ["/a.pem", "/default.pem"]],
      ["a.tld-2", ["/b.pem"]],
      ["c.tld", ["/c.pem"]],
    ]);
    const texts = renewalTexts(rows, [{ service: "x", command: ["a b", "$(id)"] }], {
      directory: "/d",
      workDirectory: "/w",
      ca: "https://ca/'",
      caPem: null,
      contact: null,
      webroot: null,
      dnsHook: "/h",
      keepsKeys: true,
      notAsked: [],
    });
    expect(texts.get("config")).toContain("PRIVATE_KEY_RENEW='no'\n");
    expect(texts.get("domains.txt")).toBe("*.a.tld a.tld > a.tld\na.tld > a.tld-2\n*.c.tld > c.tld\n");
    expect(texts.get("targets")).toContain("a.tld\t0640\troot\t-\t/default.pem\n");
    expect(texts.get("reload")).toContain("'a b' '$(id)' || failed=yes");
    expect(texts.get("hook")).toContain(`deploy_challenge | clean_challenge) exec '/h' "$@" ;;`);
  });
});
