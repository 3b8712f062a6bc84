import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLI_ERROR_CODES } from "../../lib/cli/errors/cli-error";
import { VERIFY_SCHEMA } from "../../lib/cli/verify/reports/json-schema";
import { type IssuedCertificate, issue } from "../support/certificates";
import { freePort } from "../support/ports";
import { ran } from "./support/ran";
import { TlsServers } from "./support/tls-servers";

const DAY_MS = 86_400_000;
const YEAR = { notBefore: new Date(Date.now() - 30 * DAY_MS), notAfter: new Date(Date.now() + 335 * DAY_MS) };

const servers = new TlsServers();
let directory: string;
let ca: string[];
let one: IssuedCertificate;
let two: IssuedCertificate;
let port: number;
let closed: number;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-cli-"));
  const root = await issue({ subject: "CN=Root", ca: true, ...YEAR });
  one = await issue({
    subject: "CN=one",
    issuer: root,
    dnsNames: ["domain1.tld", "imap.domain1.tld"],
    ...YEAR,
  });
  two = await issue({ subject: "CN=two", issuer: root, dnsNames: ["domain2.tld"], ...YEAR });
  port = await servers.start({ leaf: one }, { "domain2.tld": { leaf: two } });
  closed = await freePort();
  ca = ["--no-system-roots", "--ca", written("root.pem", root.pem)];
});

afterAll(async () => {
  await servers.close();
  rmSync(directory, { recursive: true });
});

function written(name: string, text: string): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** A table of the server above. */
function table(changes: { names?: object[]; hosts?: object[] } = {}): string {
  const names = changes.names ?? [
    { name: "domain1.tld", certificate: "domain1.tld", entry: "e" },
    { name: "imap.domain1.tld", certificate: "domain1.tld", entry: "e" },
    { name: "domain2.tld", certificate: "domain2.tld", entry: "e" },
  ];
  const endpoints = [{ port, protocol: "tls", sni: true }];
  const host = {
    stack: "mail",
    host: "mx1",
    services: [{ service: "dovecot", endpoints, default: "domain1.tld", names }],
  };
  const document = { version: 1, hosts: [host, ...(changes.hosts ?? [])], acknowledged: [], leftOut: [] };
  return written("table.json", JSON.stringify(document));
}

function facts(of: Readonly<Record<string, string>>): string {
  const certificates = Object.fromEntries(
    Object.entries(of).map(([domain, fingerprint_sha256]) => [domain, { fingerprint_sha256 }]),
  );
  const output = { sensitive: false, type: "dynamic", value: { version: 1, certificates, pending: {} } };
  return written("facts.json", JSON.stringify({ mail_sni: output }));
}

/** A project that was synthesized, with the table above. */
function synthesized(): string {
  table();
  written("cdktf.json", JSON.stringify({ context: { "mail-sni:table": "tables" } }));
  written("tables/sni-table.json", readFileSync(join(directory, "table.json"), "utf8"));
  written(
    "cdktf.out/manifest.json",
    JSON.stringify({ stacks: { mail: { workingDirectory: "stacks/mail" } } }),
  );
  mkdirSync(join(directory, "cdktf.out/stacks/mail"), { recursive: true });
  return directory;
}

const verify = (...args: string[]) => ran(["verify", ...args]);
const here = () => [...ca, "--connect", "127.0.0.1"];

describe("mail-sni verify NAME --connect ADDRESS", () => {
  it("GIVEN a name that is served its certificate THEN 0, and no project is needed", async () => {
    const { exitCode, out } = await verify("domain2.tld", ...here(), "--ports", `${port}:tls`, "--verbose");
    expect(out).toContain(
      `ok      domain2.tld at 127.0.0.1 port ${port} (tls): presents the certificate for domain2.tld (SHA-256 ${two.fingerprint.slice(0, 16)}…).\n`,
    );
    expect(out).toContain("1 of 1 handshakes are right; 0 errors, 0 warnings, 0 notes.\n");
    expect(exitCode).toBe(0);
  });

  it("GIVEN a name that is served another's THEN 1, and the line says all of it", async () => {
    const { exitCode, out } = await verify("domain3.tld", ...here(), "--ports", `${port}:tls`);
    expect(exitCode).toBe(1);
    expect(out).toMatch(
      /^error {3}domain3\.tld at 127\.0\.0\.1 port \d+ \(tls\): The server presents the certificate for domain1\.tld, imap\.domain1\.tld \(SHA-256 [0-9a-f]{16}…\), which is not for domain3\.tld\. .* \[VERIFY_NAME_NOT_COVERED\]\n/,
    );
  });

  it("GIVEN nothing that answers THEN 2", async () => {
    const { exitCode, out } = await verify("domain1.tld", ...here(), "--ports", `${closed}:tls`);
    expect(exitCode).toBe(2);
    expect(out).toContain("No server could be asked.");
  });

  it("GIVEN an address for one of the names THEN it is that name's alone", async () => {
    const connect = ["--connect", "domain1.tld=127.0.0.1", "--connect", "nowhere.invalid=127.0.0.2"];
    const { out } = await verify(
      "domain1.tld",
      "nowhere.invalid",
      ...ca,
      ...connect,
      "--ports",
      `${closed}:tls`,
    );
    expect(out.match(/^error +.*? at \S+/gm)).toEqual([
      expect.stringMatching(/domain1\.tld at 127\.0\.0\.1$/),
      expect.stringMatching(/nowhere\.invalid at 127\.0\.0\.2$/),
    ]);
  });

  it("GIVEN an address or a port twice THEN it is asked once", async () => {
    const { out } = await verify("domain1.tld", ...here(), ...here(), "--ports", `${port}:tls,${port}:tls`);
    expect(out).toContain("1 of 1 handshakes are right");
  });

  it("GIVEN a name in Unicode THEN its A-label is asked for", async () => {
    const { out } = await verify("Bücher.example", ...here(), "--ports", `${port}:tls`);
    expect(out).toContain("xn--bcher-kva.example at");
  });

  it("GIVEN a name that DNS does not have THEN it is told once, not for each port", async () => {
    const { exitCode, out } = await verify("nowhere.invalid");
    expect(exitCode).toBe(2);
    expect(out.match(/VERIFY_NO_ADDRESS/g)).toHaveLength(1);
  });
});

describe("mail-sni verify", () => {
  it("GIVEN a table and the fingerprints THEN every name is right", async () => {
    const given = facts({ "domain1.tld": one.fingerprint, "domain2.tld": two.fingerprint });
    const { exitCode, out } = await verify("--table", table(), "--facts", given, ...here());
    expect(out).toBe("8 of 8 handshakes are right; 0 errors, 0 warnings, 0 notes.\n");
    expect(exitCode).toBe(0);
  });

  it("GIVEN another fingerprint THEN 1, and its name alone is told", async () => {
    const given = facts({ "domain1.tld": one.fingerprint, "domain2.tld": "ab".repeat(32) });
    const { exitCode, out } = await verify(
      "--table",
      table(),
      "--facts",
      given,
      "--connect",
      "mx1=127.0.0.1",
      ...ca,
    );
    expect(exitCode).toBe(1);
    expect(out.split("\n")).toHaveLength(3);
    expect(out).toMatch(
      /^error {3}domain2\.tld at mx1 \(127\.0\.0\.1\) port .*\[VERIFY_WRONG_CERTIFICATE\]\n7 of 8/,
    );
  });

  it("GIVEN names beside --table THEN they alone are asked for, as the table has them", async () => {
    const { out } = await verify("domain2.tld", "--table", table(), ...here(), "--verbose");
    expect(out).toContain("ok      domain2.tld at mx1");
    expect(out).not.toContain("imap.domain1.tld at");
  });

  it("GIVEN --show-commands THEN nothing is asked, and what is shown can be pasted", async () => {
    const names = [{ name: "a'; touch x; '.tld", reason: "r" }];
    const { exitCode, out } = await verify(
      "--table",
      table({ names }),
      "--connect",
      "::1",
      "--show-commands",
    );
    expect(exitCode).toBe(0);
    expect(out.split("\n")[0]).toBe(
      `openssl s_client -connect '[::1]:${port}' -noservername -showcerts </dev/null`,
    );
    expect(out).toContain(`-servername 'a'"'"'; touch x; '"'"'.tld' -showcerts </dev/null\n`);
  });

  it("GIVEN --show-commands and a name without an address THEN one line says so, instead of nothing", async () => {
    const { exitCode, out, err } = await ran(["verify", "a.invalid", "--show-commands"]);
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: "" });
    expect(err).toMatch(/No address was found for a\.invalid\. Give one with --connect\.\n$/);
  });
});

describe("--json", () => {
  it("GIVEN results of every kind THEN they follow the schema, and are cleaned", async () => {
    const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true, validateFormats: false }).compile(
      VERIFY_SCHEMA,
    );
    const names = [
      { name: "domain2.tld", certificate: "domain2.tld", entry: "e" },
      { name: "gone.tld", certificate: "gone.tld", entry: "e", optional: true },
      { name: "refused.tld", refused: true, reason: "r" },
      { name: "evil\u001b[2J\u202e.tld", reason: "r" },
    ];
    const { exitCode, out } = await verify("--table", table({ names }), ...here(), "--json");
    const document = JSON.parse(out);
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(out).not.toMatch(/[\p{Bidi_Control}]|(?!\n)\p{Cc}/u);
    expect(document.results.map(({ name }: { name: string }) => name)).toContain("evil\u001b[2J\u202e.tld");
    expect(document.summary).toMatchObject({ handshakes: document.results.length, exitCode });
    const failed = await verify("domain1.tld", "nowhere.invalid", "--ports", `${closed}:tls`, "--json");
    expect(validate(JSON.parse(failed.out)), JSON.stringify(validate.errors)).toBe(true);
    expect(
      JSON.parse(failed.out).results.every(({ presented }: { presented: unknown }) => presented === null),
    ).toBe(true);
    const refused = await verify("a.tld", ...here(), "--ports", `${closed}:tls`, "--json");
    expect(validate(JSON.parse(refused.out)), JSON.stringify(validate.errors)).toBe(true);
    expect(JSON.parse(refused.out).results[0].failure).toMatchObject({ kind: "refused", isAsked: true });
  });

  it("GIVEN a member that is missing THEN the schema refuses it", async () => {
    const validate = new Ajv2020({ allowUnionTypes: true, validateFormats: false }).compile(VERIFY_SCHEMA);
    const { out } = await verify("domain1.tld", ...here(), "--ports", `${port}:tls`, "--json");
    const document = JSON.parse(out);
    delete document.results[0].presented.fingerprintSha256;
    expect(validate(document)).toBe(false);
  });
});

describe("--junit and --open-metrics", () => {
  it("GIVEN an error THEN both have it, whole, beside the text", async () => {
    const [junit, metrics] = [join(directory, "junit.xml"), join(directory, "mail-sni.prom")];
    const reports = ["--junit", junit, "--open-metrics", metrics];
    const { out } = await verify("domain2.tld", "d3.tld", ...here(), "--ports", `${port}:tls`, ...reports);
    expect(out).toContain("[VERIFY_NAME_NOT_COVERED]");
    const xml = readFileSync(junit, "utf8");
    expect(xml).toContain(
      `<testcase classname="127.0.0.1:${port}" name="domain2.tld at 127.0.0.1 port ${port} (tls)"/>`,
    );
    expect(xml.match(/<failure message="error: The server presents /g)).toHaveLength(1);
    expect(xml.endsWith("</testsuite>\n</testsuites>\n")).toBe(true);
    const text = readFileSync(metrics, "utf8");
    expect(text).toContain('asked="name",name="d3.tld"} 0\n');
    expect(text).toContain('asked="name",name="domain2.tld"} 1\n');
    expect(text).toContain('mail_sni_findings{code="VERIFY_NAME_NOT_COVERED",severity="error"} 1\n');
    expect(text).toContain(`name="domain2.tld"} ${Math.floor(+YEAR.notAfter / 1000)}\n`);
    expect(text).toContain("mail_sni_verify_exit_code 1\n");
    expect(text.endsWith("# EOF\n")).toBe(true);
    expect(text.split("\n").filter((line) => !/^(#.*|[a-z_]+(\{[^{}]*\})? [0-9.]+|)$/.test(line))).toEqual(
      [],
    );
    expect(readdirSync(directory).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

describe("--html", () => {
  it("GIVEN an error THEN the page has what the text has, and the exit status is the same", async () => {
    const path = join(directory, "verify.html");
    const { exitCode, out } = await verify("d3.tld", ...here(), "--ports", `${port}:tls`, "--html", path);
    expect(exitCode).toBe(1);
    const page = readFileSync(path, "utf8");
    expect(page.startsWith("<!DOCTYPE html>\n")).toBe(true);
    expect(page.endsWith("</html>\n")).toBe(true);
    const [line, totals] = out.trimEnd().split("\n") as [string, string];
    expect(page).toContain(line.replace(/^.*?: /, ""));
    expect(page).toContain(totals);
  });
});

describe("reports in files", () => {
  it("GIVEN one that cannot be written THEN no server is asked", async () => {
    const report = join(directory, "no/where.html");
    const asked = await verify("domain2.tld", ...here(), "--ports", `${port}:tls`, "--html", report);
    expect(asked).toMatchObject({ exitCode: 2, out: "" });
  });
});

describe("a terminal", () => {
  it("GIVEN one THEN it has colours and progress; NO_COLOR and CI switch them off", async () => {
    const args = () => ["verify", "d3.tld", ...here(), "--ports", `${port}:tls`];
    const plain = await ran(args());
    const onTerminal = await ran(args(), { isTTY: true });
    expect(plain.out + plain.err).not.toContain("\u001b");
    expect(onTerminal.out).toContain("\u001b[31merror");
    expect(onTerminal.err).toContain("1 handshakes");
    const quiet = await ran(args(), { isTTY: true, environment: { NO_COLOR: "1", CI: "true" } });
    expect(quiet.out + quiet.err).not.toContain("\u001b");
  });
});

describe("what was not understood", () => {
  it.each([
    [["verfy"], "(Did you mean verify?)", "mail-sni --help"],
    [["bogus"], "unknown command 'bogus'", "mail-sni --help"],
    [["--bogus"], "unknown option '--bogus'", "mail-sni --help"],
    [["plan", "--bogus"], "unknown option '--bogus'", "mail-sni plan --help"],
    [["status", "mx1"], "too many arguments", "mail-sni status --help"],
    [["eject"], "missing required argument 'host'", "mail-sni eject --help"],
    [["renew", "--notify"], "argument missing", "mail-sni renew --help"],
  ])("GIVEN %j THEN the error says where to read what there is", async (args, problem, help) => {
    const { exitCode, out, err } = await ran(args);
    expect(err).toContain(problem);
    expect(err.trim().split("\n").at(-1)).toContain(`${help} lists `);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
  });

  const cases: [code: string, args: () => string[], says: string][] = [
    ["CLI_OPTION", () => ["a.tld", "--ports", "993,99:http"], '--ports has "99:http"'],
    ["CLI_OPTION", () => ["a.tld", "--connect", "-oProxyCommand=x"], "--connect has"],
    [
      "CLI_OPTION",
      () => ["a.tld", "--connect", "b.tld=127.0.0.1"],
      "b.tld is not asked for. Give one of a.tld",
    ],
    ["CLI_OPTION", () => ["a.tld", "--timeout", "0"], '--timeout is "0"'],
    ["CLI_OPTION", () => ["--table", table(), "--connect", "mx9=127.0.0.1"], 'no host "mx9"'],
    [
      "CLI_OPTION",
      () => [
        "--table",
        table({ hosts: [{ stack: "mail", host: "mx2", services: [] }] }),
        "--connect",
        "127.0.0.1",
      ],
      "does not say which of the table's hosts",
    ],
    [
      "CLI_OPTION",
      () => ["a.tld", "--junit", join(directory, "r"), "--html", `${directory}/../${basename(directory)}/r`],
      "Two reports would be written to",
    ],
    ["CLI_TABLE_MISSING", () => ["--table", join(directory, "none.json")], "no such file"],
    ["CLI_TABLE_INVALID", () => ["--table", written("bad.json", "{}")], "version is missing"],
    ["CLI_NAME_UNKNOWN", () => ["a.tld", "--table", table()], 'no name "a.tld"'],
    ["CLI_FACTS_UNREADABLE", () => ["--table", table(), "--facts", join(directory, "none")], "no such file"],
    [
      "CLI_FACTS_INVALID",
      () => ["--table", table(), "--facts", written("f.json", "{}")],
      "certificates is missing",
    ],
    ["CLI_PROJECT_MISSING", () => ["--project", join(directory, "none")], "no cdktf.json in"],
    ["CLI_STACK_UNKNOWN", () => ["--table", table(), "--stack", "web"], 'no stack "web"'],
    [
      "CLI_ENGINE_MISSING",
      () => ["--project", synthesized(), "--engine", "/no/tofu"],
      "/no/tofu cannot be run",
    ],
    [
      "CLI_CA_UNREADABLE",
      () => ["a.tld", "--connect", "127.0.0.1", "--ca", written("x.pem", "x")],
      "no certificate",
    ],
    [
      "CLI_FILE_UNWRITABLE",
      () => ["a.tld", ...here(), "--ports", `${port}:tls`, "--junit", join(directory, "no/where.xml")],
      "no such file or directory",
    ],
    ["HOST_NAME_SINGLE_LABEL", () => ["localhost"], "single label"],
  ];

  it.each(cases)("%s THEN 2, with what to write instead", async (code, args, says) => {
    const { exitCode, err } = await verify(...args());
    expect(exitCode).toBe(2);
    expect(err).toContain(says);
    expect(err).toContain(`[${code}]`);
  });

  it("THEN each code has a case", () => {
    const elsewhere = [
      "CLI_PROJECT_INVALID",
      "CLI_NOT_SYNTHESIZED",
      "CLI_ENGINE_FAILED",
      "CLI_NOT_DEPLOYED",
      "CLI_PLAN_INVALID",
      "CLI_PLAN_UNSUPPORTED",
      "CLI_STATE_COPIED",
      "CLI_STATE_INVALID",
      "CLI_HOST_UNKNOWN",
      "CLI_HOST_UNREACHABLE",
      "CLI_HOST_TOOLS",
      "CLI_NOTHING_FOUND",
      "CLI_BUG",
    ];
    const covered = [...cases.map(([code]) => code).filter((code) => code.startsWith("CLI_")), ...elsewhere];
    expect(new Set(covered)).toEqual(new Set(CLI_ERROR_CODES));
  });

  it("GIVEN an option or a command that there is not THEN 2; help and version are 0", async () => {
    expect((await verify("--nope")).exitCode).toBe(2);
    expect((await ran(["nope"])).exitCode).toBe(2);
    expect((await ran([])).exitCode).toBe(2);
    expect(await ran(["--version"])).toMatchObject({ exitCode: 0, out: "1.2.3\n" });
    expect((await verify("--help")).exitCode).toBe(0);
    const { exitCode, out } = await ran(["--help"]);
    expect(exitCode).toBe(0);
    expect(Math.max(...out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(80);
  });
});
