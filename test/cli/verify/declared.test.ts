import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type IssuedCertificate, issue } from "../../support/certificates";
import { CdktfProject } from "../support/project";
import { ran } from "../support/ran";
import { TlsServers } from "../support/tls-servers";

const DAY_MS = 86_400_000;
const YEAR = { notBefore: new Date(Date.now() - 30 * DAY_MS), notAfter: new Date(Date.now() + 335 * DAY_MS) };
const NAMES = [{ name: "domain1.tld", certificate: "domain1.tld", entry: "e" }];

describe("mail-sni verify, in a project", () => {
  const servers = new TlsServers();
  let leaf: IssuedCertificate;
  let rootPem: string;
  let port: number;
  let files: CdktfProject;

  beforeAll(async () => {
    const root = await issue({ subject: "CN=Root", ca: true, ...YEAR });
    rootPem = root.pem;
    leaf = await issue({ subject: "CN=one", issuer: root, dnsNames: ["domain1.tld"], ...YEAR });
    port = await servers.start({ leaf });
  });
  afterAll(() => servers.close());
  beforeEach(() => {
    files = new CdktfProject({ mail: "", web: "" });
    files.writeTable({ mail: NAMES, web: NAMES }, port);
    files.write("root.pem", rootPem);
  });
  afterEach(() => files.remove());

  const certificates = (fingerprint: string) =>
    JSON.stringify({ certificates: { "domain1.tld": { fingerprint_sha256: fingerprint } }, pending: {} });

  /** Says another certificate in each stack. */
  const engine = (mail: string, web: string) =>
    files.engine(`touch ${files.directory}/ran\ncase $(pwd) in */mail) echo '${mail}' ;; *) ${web} ;; esac`);

  const verify = (...args: string[]) =>
    ran(
      [
        ...[
          "verify",
          "--project",
          files.directory,
          "--no-system-roots",
          "--ca",
          join(files.directory, "root.pem"),
        ],
        ...["--connect", "mx-mail=127.0.0.1", "--connect", "mx-web=127.0.0.1", ...args],
      ],
      { environment: process.env },
    );

  it("GIVEN two stacks THEN each is compared with the certificates of its own deploy", async () => {
    const path = engine(certificates(leaf.fingerprint), `echo '${certificates("ab".repeat(32))}'`);
    const { exitCode, out, err } = await verify("--engine", path);
    expect(err).toBe("");
    expect(out).toMatch(/^error {3}domain1\.tld at mx-web .*\[VERIFY_WRONG_CERTIFICATE\]$/m);
    expect(out).not.toContain("at mx-mail");
    expect(exitCode).toBe(1);
  });

  it("GIVEN no access to a stack's state THEN one line says so, and all the rest is checked", async () => {
    const path = engine(certificates(leaf.fingerprint), "echo 'Error: no token' >&2; exit 1");
    const { exitCode, out, err } = await verify("--engine", path);
    expect(err.split("\n")).toEqual([
      expect.stringMatching(
        /^mail-sni: The certificates of stack web are not compared with those of its last deploy\. .*: no token\. .*\[CLI_ENGINE_FAILED\]$/,
      ),
      "",
    ]);
    expect(out).toMatch(/^12 of 12 handshakes are right/);
    expect(exitCode).toBe(0);
  });

  it("GIVEN --stack THEN its hosts alone are asked, and its state alone is read", async () => {
    const path = engine("", `echo '${certificates("ab".repeat(32))}'`);
    const { out, err } = await ran(
      ["verify", "--project", files.directory, "--stack", "web", "--engine", path, "--connect", "127.0.0.1"],
      { environment: process.env },
    );
    expect(err).toBe("");
    expect(out).toContain("of 6 handshakes are right");
  });

  it.each(["--no-facts", "--show-commands"])("GIVEN %s THEN no engine runs", async (option) => {
    const { exitCode, err } = await verify("--engine", engine("", ""), option);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(existsSync(join(files.directory, "ran"))).toBe(false);
  });

  it("GIVEN facts that the constructs did not write THEN the exit status is 2", async () => {
    const { exitCode, err } = await verify("--engine", engine("[]", "echo '[]'"));
    expect(exitCode).toBe(2);
    expect(err).toContain("[CLI_FACTS_INVALID]");
  });
});
