import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { HostNames, MailHost } from "../../../lib";
import { Postfix } from "../../service/postfix";
import { describeIf } from "../../support/requirements";
import { engineOfSuites } from "./engine-choice";
import { type Domains, ServedHost } from "./served-host";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const DOMAINS: Domains = {
  "domain1.tld": { names: HostNames.of("domain1.tld", "smtp.domain1.tld") },
  "bücher.example": { names: HostNames.of("bücher.example", "smtp.bücher.example") },
  "wild.test": { names: HostNames.of("*.wild.test") },
};

/** As `postmap -F` of Postfix 3.4 does: the table has the contents of the files that its source names, in base64. */
const POSTMAP = `#!/bin/sh
set -eu
[ "$1" = -F ]
source=\${2#hash:}
while read -r key file; do
  printf '%s %s\\n' "$key" "$(base64 -w 0 "$file")"
done <"$source" >"$source.db.new"
mv "$source.db.new" "$source.db"
`;

/** Asked in another place: nothing is confirmed by handshake. */
class PostfixWithoutPorts extends Postfix {
  override readonly endpoints = [];
}

describeIf(engineOfSuites.requirement, "Postfix, which the library does not know", () => {
  let directory: string;
  let mail: ServedHost;
  let withPrograms: { readonly env: Readonly<Record<string, string>> };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-postfix-"));
    mkdirSync(join(directory, "bin"));
    program("postmap", POSTMAP);
    program("postfix", `#!/bin/sh\necho "$1" >>${join(directory, "journal")}\n`);
    withPrograms = { env: { PATH: [join(directory, "bin"), process.env.PATH].join(delimiter) } };
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
  function table(): Record<string, string[]> {
    const rows = readFileSync(join(directory, "mail-sni/table.db"), "utf8").trimEnd().split("\n");
    return Object.fromEntries(
      rows.map((row) => {
        const [key, content] = row.split(" ") as [string, string];
        const pem = Buffer.from(content, "base64").toString();
        const leaf = new X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE")));
        return [key, (leaf.subjectAltName ?? "").replaceAll("DNS:", "").split(", ")];
      }),
    );
  }

  const DOMAIN1 = ["domain1.tld", "smtp.domain1.tld"];
  const BUECHER = ["xn--bcher-kva.example", "smtp.xn--bcher-kva.example"];

  it("THEN its table has each name's certificate, and it was told to read it", () => {
    expect(table()).toEqual({
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

  it("THEN the table of who is served what has the same", () => {
    const keys = table();
    for (const { name, certificate, entry } of mail.table.rows) {
      if (name !== undefined)
        expect(keys[entry as string], name).toContain(certificate?.replace("wild", "*.wild"));
    }
  });

  it("WHEN a certificate is issued anew THEN the table is built again, since it holds copies", async () => {
    const names = HostNames.of("domain1.tld", "smtp.domain1.tld", "mail.domain1.tld");
    await mail.deploy({ ...DOMAINS, "domain1.tld": { names } }, withPrograms);
    const all = ["domain1.tld", "mail.domain1.tld", "smtp.domain1.tld"];
    expect(table()).toMatchObject({ "domain1.tld": all, "mail.domain1.tld": all });
  });

  it("WHEN a domain is no longer declared THEN its names leave the table", async () => {
    const { "wild.test": _, ...others } = DOMAINS;
    await mail.deploy(others, withPrograms);
    expect(Object.keys(table())).not.toContain(".wild.test");
  });

  it("GIVEN a table that cannot be built WHEN applied THEN the error says why, and the old one stays", async () => {
    await mail.deploy(DOMAINS, withPrograms);
    const before = table();
    program("postmap", "#!/bin/sh\necho 'fatal: no space left' >&2\nexit 1\n");
    const run = await mail.attempt({ ...DOMAINS, "new.test": {} }, withPrograms);
    program("postmap", POSTMAP);
    expect(run.errors).toEqual([expect.stringContaining("fatal: no space left")]);
    expect(table()).toEqual(before);
  });
});
