import { X509Certificate } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { HostNames, MailHost } from "../../../lib";
import { Postfix } from "../../constructs/service/postfix";
import { AS_NOBODY } from "../../e2e/quickstart/another-user";
import { engineOfSuites } from "../../e2e/served/engine-choice";
import { type Domains, ServedHost } from "../../e2e/served/served-host";
import { mustRun, runCommand } from "../../support/commands";
import { findPostmap, writePostfixConfiguration } from "../../support/postfix-installation";
import { describeIf, postmap } from "../../support/requirements";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const DOMAINS: Domains = {
  "domain1.tld": { names: HostNames.of("domain1.tld", "smtp.domain1.tld") },
  "bücher.example": { names: HostNames.of("bücher.example", "smtp.bücher.example") },
  "wild.test": { names: HostNames.of("*.wild.test") },
};

/** That of Debian. */
const POSTMAP = `#!/bin/sh\nexec '${findPostmap()}' "$@"\n`;

/** Asked in another place: nothing is confirmed by handshake. */
class PostfixWithoutPorts extends Postfix {
  override readonly endpoints = [];
}

describeIf([engineOfSuites.requirement, postmap], "Postfix, which the library does not know", () => {
  let directory: string;
  let mail: ServedHost;
  let withPrograms: { readonly env: { readonly PATH: string; readonly MAIL_CONFIG: string } };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-postfix-"));
    // As /etc/postfix is: what keeps others out are the files' own modes.
    chmodSync(directory, 0o755);
    writePostfixConfiguration(join(directory, "configuration"));
    mkdirSync(join(directory, "bin"));
    program("postmap", POSTMAP);
    program("postfix", `#!/bin/sh\necho "$1" >>${join(directory, "journal")}\n`);
    withPrograms = {
      env: {
        PATH: [join(directory, "bin"), process.env.PATH].join(delimiter),
        MAIL_CONFIG: join(directory, "configuration"),
      },
    };
    const postfix = new PostfixWithoutPorts(join(directory, "mail-sni"));
    mail = await ServedHost.create({
      engine: engineOfSuites.get(),
      host: (stack) =>
        MailHost.local(stack, "mx1", { stateDirectory: join(directory, "ledger"), services: [postfix] }),
    });
    await mail.deploy(DOMAINS, withPrograms);
  });

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
    mail?.project.remove();
  });

  function program(name: string, text: string): void {
    writeFileSync(join(directory, "bin", name), text, { mode: 0o755 });
  }

  /** For each key of the built table, the names of the certificate that it holds. */
  async function table(): Promise<Record<string, string[]>> {
    const rows = await mustRun(
      [join(directory, "bin/postmap"), "-s", `hash:${join(directory, "mail-sni/table")}`],
      {
        env: withPrograms.env,
      },
    );
    return Object.fromEntries(
      rows.stdout
        .trimEnd()
        .split("\n")
        .map((row) => {
          const [key, content] = row.split("\t") as [string, string];
          const pem = Buffer.from(content, "base64").toString();
          const leaf = new X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE")));
          return [key, (leaf.subjectAltName ?? "").replaceAll("DNS:", "").split(", ")];
        }),
    );
  }

  /** Whether a user who has nothing to do with mail can read a file of Postfix's. */
  async function othersRead(name: string): Promise<boolean> {
    const { exitCode } = await runCommand([...AS_NOBODY, "cat", join(directory, "mail-sni", name)]);
    return exitCode === 0;
  }

  const DOMAIN1 = ["domain1.tld", "smtp.domain1.tld"];
  const BUECHER = ["xn--bcher-kva.example", "smtp.xn--bcher-kva.example"];

  it("THEN its table has each name's certificate, and it was told to read it", async () => {
    expect(await table()).toEqual({
      "domain1.tld": DOMAIN1,
      "smtp.domain1.tld": DOMAIN1,
      "xn--bcher-kva.example": BUECHER,
      "smtp.xn--bcher-kva.example": BUECHER,
      ".wild.test": ["*.wild.test"],
    });
    const journal = readFileSync(join(directory, "journal"), "utf8").trimEnd().split("\n");
    expect(journal).toContain("check");
    expect(journal.at(-1)).toBe("reload");
  });

  it("THEN another user reads neither the table, which holds all keys, nor a PEM", async () => {
    expect(await othersRead("domain1.tld.map")).toBe(true);
    const files = readdirSync(join(directory, "mail-sni")).filter((name) => !name.endsWith(".map"));
    expect(files).toContain("table.db");
    for (const name of files) expect(await othersRead(name), name).toBe(false);
    expect(statSync(join(directory, "mail-sni/table.db")).mode & 0o777).toBe(0o600);
  });

  it("GIVEN an old table that every user can read WHEN it is rebuilt THEN only its owner can", async () => {
    for (const name of ["table", "table.db"]) {
      writeFileSync(join(directory, "mail-sni", name), "keys", { mode: 0o644 });
    }
    const names = HostNames.of("domain1.tld", "smtp.domain1.tld", "pop.domain1.tld");
    await mail.deploy({ ...DOMAINS, "domain1.tld": { names } }, withPrograms);
    expect(await othersRead("table.db")).toBe(false);
    expect(Object.keys(await table())).toContain("pop.domain1.tld");
    expect(readdirSync(join(directory, "mail-sni"))).not.toContain("table");
  });

  it("THEN the table of who is served what has the same", async () => {
    const keys = await table();
    for (const { name, certificate, entry } of mail.table.rows) {
      if (name !== undefined)
        expect(keys[entry as string], name).toContain(certificate?.replace("wild", "*.wild"));
    }
  });

  it("WHEN a certificate is reissued THEN the table is rebuilt, since it contains copies", async () => {
    const names = HostNames.of("domain1.tld", "smtp.domain1.tld", "mail.domain1.tld");
    await mail.deploy({ ...DOMAINS, "domain1.tld": { names } }, withPrograms);
    const all = ["domain1.tld", "mail.domain1.tld", "smtp.domain1.tld"];
    expect(await table()).toMatchObject({ "domain1.tld": all, "mail.domain1.tld": all });
  });

  it("WHEN a domain is no longer declared THEN its names leave the table", async () => {
    const { "wild.test": _, ...others } = DOMAINS;
    await mail.deploy(others, withPrograms);
    expect(Object.keys(await table())).not.toContain(".wild.test");
  });

  it("GIVEN a table that cannot be built WHEN applied THEN the error says why, and the old one stays", async () => {
    await mail.deploy(DOMAINS, withPrograms);
    const before = await table();
    program("postmap", "#!/bin/sh\necho 'fatal: no space left' >&2\nexit 1\n");
    const run = await mail.attempt({ ...DOMAINS, "new.test": {} }, withPrograms);
    program("postmap", POSTMAP);
    expect(run.errors).toEqual([expect.stringContaining("fatal: no space left")]);
    expect(await table()).toEqual(before);
  });

  it("GIVEN a PEM that is missing WHEN applied THEN the error names the name that would have no entry", async () => {
    await mail.deploy(DOMAINS, withPrograms);
    const before = await table();
    const stray = join(directory, "mail-sni/stray.map");
    writeFileSync(stray, `stray.test ${join(directory, "mail-sni/stray.pem")}\n`);
    const run = await mail.attempt({ ...DOMAINS, "new.test": {} }, withPrograms);
    rmSync(stray);
    expect(run.errors).toEqual([expect.stringMatching(/no entry for\s+stray\.test/)]);
    expect(await table()).toEqual(before);
    expect(readdirSync(join(directory, "mail-sni"))).not.toContain("new.db");
  });
});
