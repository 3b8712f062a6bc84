import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { comment, literal } from "../../../lib/cli/import/stack/words";
import { ArticleHost, namesOf, type TestCa, testCa } from "../../cli/import/support/article";
import { about, imported, programOf } from "../../cli/import/support/imported";
import { ran } from "../../cli/support/ran";
import { typeErrors } from "../../docs/support/type-check";

/** What a terminal interprets, or what disguises text. */
const HARMFUL = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u;

let ca: TestCa;
let host: ArticleHost;
beforeAll(async () => {
  ca = await testCa();
});
beforeEach(async () => {
  host = new ArticleHost(ca, "2.3");
  await host.add(namesOf("domain1.tld"));
});
afterEach(() => host.remove());

const at = () => ["--root", host.root, "--no-dns"];

describe("GIVEN names from a hostile host", () => {
  it("WHEN they are words of a program THEN no text ends a literal or a comment", () => {
    const evil = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        '"',
        "`${process.exit()}`",
        "*/",
        "\\",
        "\n",
        "\r",
        "\u2028",
        "\u2029",
        '");process.exit();//',
      ),
    );
    fc.assert(
      fc.property(
        fc.array(evil, { maxLength: 4 }).map((parts) => parts.join("")),
        (text) => {
          const said = new Function(`${comment(text)}\nreturn ${literal(text)};`)();
          expect(said).toBe(text);
          expect(`${comment(text)}${literal(text)}`).not.toMatch(HARMFUL);
        },
      ),
    );
  });

  it("WHEN rows and blocks have quotes, expressions and control characters THEN the stack has none of them, and is correct", async () => {
    const evil = [
      '"); process.exit(); //.tld',
      "${process.exit()}.tld",
      "`id`.tld",
      "$(id).tld",
      "*/x.tld",
      "\u001b[31mred.tld",
      "\u202eevil.tld",
      "\u2028x.tld",
      "__proto__",
    ];
    for (const name of evil) host.rows.push(`${name} imap.${name}`);
    host.rows.push("> .. domain7.tld", "domain8.tld > ../../etc", "domain9.tld > a > b");
    host.block('"x\u001b.tld"', "domain1.tld");
    host.finish("domain1.tld");
    const { out, err, exitCode } = await ran(["import", ...at()]);
    expect(exitCode).toBe(1);
    expect(typeErrors([programOf(out)])).toEqual([]);
    expect(out).not.toContain("process.exit");
    for (const text of [out, err]) expect(text.replaceAll("\n", "")).not.toMatch(HARMFUL);
  });

  it("WHEN a directory's name has a line break or an escape THEN it is counted, and forges no line", async () => {
    const entries = host.path("/var/qmail/control/servercerts");
    for (const name of ["a\nf\t644\troot\troot\t9\t1:1\t/forged", "\u001b[31m"]) {
      mkdirSync(join(entries, name), { recursive: true });
      writeFileSync(join(entries, name, "servercert.pem"), "");
    }
    host.finish("domain1.tld");
    const result = await imported(at());
    expect(JSON.stringify(result)).not.toContain("forged");
    expect(result.findings.filter(({ code }) => code === "not-read").map(({ problem }) => problem)).toEqual([
      "4 paths have control characters, and were left out.",
    ]);
  });
});

describe("GIVEN files that are none", () => {
  it("WHEN there are loops, pipes, devices, huge files and garbage THEN each is named, and the others are read", async () => {
    const entries = "/var/qmail/control/servercerts";
    mkdirSync(host.path(`${entries}/pipe.tld`), { recursive: true });
    execFileSync("mkfifo", [host.path(`${entries}/pipe.tld/servercert.pem`)]);
    host.link(`${entries}/loop.tld`, "loop.tld");
    host.link(`${entries}/up.tld`, "..");
    host.link(`${entries}/zero.tld/servercert.pem`, "/dev/zero");
    host.qmail("huge.tld", "");
    truncateSync(host.path(`${entries}/huge.tld/servercert.pem`), 64 * 1024 ** 3);
    host.qmail("garbage.tld", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    host.qmail("binary.tld", String.fromCharCode(...Array.from({ length: 5000 }, (_, index) => index % 256)));
    const der = Buffer.alloc(3000, 0x30).toString("base64").replace(/.{64}/g, "$&\n");
    host.qmail("der.tld", `-----BEGIN CERTIFICATE-----\nMIIBAjA${der}\n-----END CERTIFICATE-----\n`);
    const { keyPem, pem } = await ca.leaf(["domain2.tld"]);
    host.qmail("domain2.tld", keyPem + pem);
    host.finish("domain1.tld");
    const result = await imported(at());
    for (const name of ["pipe.tld", "zero.tld", "huge.tld"])
      expect(about(result, "pem-missing", name), name).toHaveLength(1);
    for (const name of ["garbage.tld", "binary.tld", "der.tld"])
      expect(about(result, "pem-invalid", name).length, name).toBeGreaterThan(0);
    expect(about(result, "pem-invalid", "domain2.tld")).toEqual([]);
    expect(about(result, "files-without-row", "domain2.tld")).toHaveLength(1);
  });

  it("WHEN configuration files are links, pipes or binary THEN the command ends, with what it could read", async () => {
    host.finish("domain1.tld");
    rmSync(host.path("/etc/dehydrated/config"));
    symlinkSync("/dev/zero", host.path("/etc/dehydrated/config"));
    execFileSync("mkfifo", [host.path("/etc/cron.d-pipe")]);
    host.write(
      "/etc/letsencrypt/renewal/x.conf",
      "\0\0[[[[]]]]\n= = =\nfullchain = \n[renewalparams\nserver = javascript:x\n",
    );
    host.write("/root/.lego/certificates/x.json", '{"domain": "\u0000"');
    host.write("/root/.acme.sh/y/y.conf", "Le_Domain='y'\nLe_Alt=',,,'\nLe_Webroot='\n");
    host.write("/etc/postfix/main.cf", "tls_server_sni_maps = hash:/etc/postfix/none, regexp:/x\n = x\n");
    const result = await imported(at());
    expect(result.findings.some(({ code }) => code === "row-without-files")).toBe(true);
  });

  it.each([
    ["prints 100 MB", 'exec yes "local_name a.tld {" | head -c 100000000'],
    ["prints 100 MB that are left out", "exec yes secret | head -c 100000000"],
    ["fails", "echo '# 2.4.1'; exit 89"],
    ["is another version", "echo '# 9.9'; echo '}'"],
  ])("WHEN doveconf %s THEN the files are read instead", async (_, script) => {
    host.block("imap.domain1.tld", "domain1.tld");
    host.finish("domain1.tld");
    const result = await withDoveconf(script, () => imported(at()));
    expect(result.found).toContain("Dovecot 2.3 (1 block)");
  });

  it("WHEN files belong to others and may not be read THEN they are named, by a user who is not root", async () => {
    if (process.getuid?.() !== 0) return;
    host.finish("domain1.tld");
    const { keyPem, pem } = await ca.leaf(["other.tld"]);
    host.qmail("other.tld", keyPem + pem, 0o600);
    for (const path of ["/var/qmail/control/servercerts/other.tld/servercert.pem"])
      chownSync(host.path(path), 65533, 65533);
    const result = await asNobody(() => imported(at()));
    expect(about(result, "not-read", "other.tld/servercert.pem")).toHaveLength(1);
    expect(about(result, "pem-invalid", "other.tld")).toEqual([]);
  });
});

describe("GIVEN 10,000 entries", () => {
  it("WHEN they are imported THEN all are there", { timeout: 240_000 }, async () => {
    const { keyPem, pem } = await ca.leaf(["many.tld"]);
    for (let index = 0; index < 10_000; index++) host.qmail(`n${index}.tld`, pem + keyPem);
    host.finish("domain1.tld");
    const result = await imported(at());
    expect(result.found[0]).toBe("qmail (10000 names)");
    const [finding] = result.findings.filter(({ code }) => code === "files-without-row");
    expect(finding?.names).toHaveLength(10_000);
  });
});

async function withDoveconf<T>(script: string, work: () => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "mail-sni-doveconf-"));
  writeFileSync(join(directory, "doveconf"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const before = process.env.PATH;
  process.env.PATH = `${directory}:${before}`;
  try {
    return await work();
  } finally {
    process.env.PATH = before;
    rmSync(directory, { recursive: true });
  }
}

/** Runs the shell of the host as another user. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "mail-sni-nobody-"));
  chmodSync(directory, 0o755);
  const real = execFileSync("sh", ["-c", "command -v timeout"], { encoding: "utf8" }).trim();
  const script = `#!/bin/sh\nif [ "$(id -u)" = 0 ]; then exec setpriv --reuid 65534 --clear-groups ${real} "$@"; fi\nexec ${real} "$@"\n`;
  writeFileSync(join(directory, "timeout"), script, { mode: 0o755 });
  const before = process.env.PATH;
  process.env.PATH = `${directory}:${before}`;
  try {
    return await work();
  } finally {
    process.env.PATH = before;
    rmSync(directory, { recursive: true });
  }
}
