import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type IssuedCertificate, issue } from "../../support/certificates";
import { CdktfProject } from "../support/project";
import { ran } from "../support/ran";
import { TlsServers } from "../support/tls-servers";

const DAY_MS = 86_400_000;
const at = (days: number) => new Date(Date.now() + days * DAY_MS);
const YEAR = { notBefore: at(-30), notAfter: at(335) };
const NAMES = [{ name: "domain1.tld", certificate: "domain1.tld", entry: "e" }];
const ENDED = "2026-11-29T10:00:00Z";
const time = (date: Date) => `${date.toISOString().slice(0, 19)}Z`;
/** What no report may have: the host has it in a file beside the result. */
const SECRET = "a-secret-beside-the-result";

describe("mail-sni verify, of certificates that a host issues itself", () => {
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
    files = new CdktfProject({ mail: "" });
    files.writeTable({ mail: NAMES }, port);
    files.write("root.pem", rootPem);
    mkdirSync(join(files.directory, "host"));
    files.write("host/privkey.pem", `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----\n`);
    declare();
  });
  afterEach(() => files.remove());

  const resultFile = () => join(files.directory, "host", "result");

  const jobOf = (host: string) => ({
    host,
    command: ["/etc/renewal", "run"],
    result_file: resultFile(),
    certificates: { "domain1.tld": { names: ["domain1.tld"], services: ["dovecot"] } },
  });

  /** Synthesizes a stack whose host is this machine, unless it is reached otherwise. */
  function declare({
    hosts = { "mx-mail": {} },
    job = {},
    others = {},
  }: {
    readonly hosts?: object;
    readonly job?: object;
    readonly others?: object;
  } = {}): void {
    files.write(
      "cdktf.out/stacks/mail/cdk.tf.json",
      JSON.stringify({
        provider: { mailsni: [{ hosts }] },
        resource: { mailsni_host_job: { "dehydrated__mx-mail": { ...jobOf("mx-mail"), ...job }, ...others } },
      }),
    );
  }

  const row = (status: string, fingerprint: string, { notAfter = YEAR.notAfter, message = "" } = {}) =>
    `row\tdomain1.tld\t${status}\t${time(notAfter)}\t${fingerprint}\t${message}\n`;
  /** Writes the result of a run on the host. */
  const says = (rows: string, exitStatus = 0) =>
    writeFileSync(resultFile(), `mail-sni-job-result\t1\n${rows}end\t${exitStatus}\t${ENDED}\n`);

  /** The state has nothing of such a certificate but its host. */
  const FACTS = {
    certificates: { "domain1.tld": { hosts: ["mx-mail"], issuer: "https://ca.test" } },
    pending: {},
  };

  const verify = (...args: string[]) =>
    ran(
      [
        ...["verify", "--project", files.directory, "--no-system-roots"],
        ...["--ca", join(files.directory, "root.pem"), "--connect", "127.0.0.1"],
        ...["--engine", files.engine(`echo '${JSON.stringify(FACTS)}'`), ...args],
      ],
      { environment: process.env },
    );
  const json = async (...args: string[]) => {
    const { exitCode, out, err } = await verify("--json", ...args);
    const { results } = JSON.parse(out);
    const named = results.find(({ asked }: { asked: string }) => asked === "name");
    return { exitCode, err, expected: named.expected, findings: named.findings };
  };

  it("GIVEN what the host has installed is presented THEN all is right, and the report has what it says", async () => {
    says(row("ok", leaf.fingerprint));
    const { exitCode, err, expected, findings } = await json();
    expect({ exitCode, err, findings }).toEqual({ exitCode: 0, err: "", findings: [] });
    expect(expected).toMatchObject({
      domain: "domain1.tld",
      fingerprintSha256: leaf.fingerprint,
      issuedOn: { host: "mx-mail", status: "ok", message: null, finishedAt: ENDED },
    });
  });

  it("GIVEN an earlier certificate is presented THEN it is wrong, and what to run on the host is told", async () => {
    says(row("ok", "ab".repeat(32), { notAfter: at(400) }));
    const { exitCode, out } = await verify();
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^error {3}domain1\.tld at mx-mail .*\[VERIFY_WRONG_CERTIFICATE\]$/m);
    expect(out).toContain(
      "declared is that of domain1.tld (SHA-256 abababababababab…), which mx-mail says it has installed.",
    );
    expect(out).toContain("run `/etc/renewal run` on mx-mail, which prints what is wrong.");
  });

  it("GIVEN a newer one than the host has told of yet THEN it is a warning: a run is in progress", async () => {
    says(row("ok", "ab".repeat(32), { notAfter: at(60) }));
    const { exitCode, out } = await verify();
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^warning domain1\.tld at mx-mail .*in the result of the last run on mx-mail\./m);
  });

  it("GIVEN a renewal that has failed THEN one line says why, and what is installed is compared", async () => {
    says(row("failed", leaf.fingerprint, { message: "dehydrated has ordered no certificate: DNS." }), 1);
    const { exitCode, err, expected } = await json();
    expect(exitCode).toBe(0);
    expect(err).toBe(
      `mail-sni: The last run on mx-mail, which ended at ${ENDED}, has not succeeded for domain1.tld (failed: dehydrated has ordered no certificate: DNS).
`,
    );
    expect(expected.issuedOn).toMatchObject({
      status: "failed",
      message: "dehydrated has ordered no certificate: DNS.",
    });
    says(row("pending", "ab".repeat(32), { notAfter: at(400), message: "dovecot does not serve it yet" }), 1);
    const { out } = await verify();
    expect(out).toContain("which mx-mail says it has installed; it is pending there.");
    expect(out).toContain("Correct what mx-mail says about it, and run `/etc/renewal run` there.");
    says(row("failed", "ab".repeat(32), { notAfter: at(400), message: "x" }), 1);
    expect((await verify()).out).toContain("the last run on mx-mail has failed for it.");
  });

  it("GIVEN a run that has failed for no row THEN its exit status is told", async () => {
    says(row("ok", leaf.fingerprint), 1);
    const { exitCode, err } = await verify();
    expect(exitCode).toBe(0);
    expect(err).toContain("has failed with exit status 1. Its log says why.");
  });

  it.each<[string, () => unknown, RegExp]>([
    ["no run has ended", () => {}, /there is no \S+\/host\/result: no run has ended there yet\./],
    ["its result has no such row", () => says(""), /the result of the last run has no such certificate/],
    [
      "its result is a link to a key",
      () => symlinkSync(join(files.directory, "host", "privkey.pem"), resultFile()),
      /cannot be read: line 1: "" is not the heading of version 1\./,
    ],
    ["its result is a directory", () => mkdirSync(resultFile()), /there is no /],
    ["its result was cut off", () => writeFileSync(resultFile(), "mail-sni-job-result\t1\n"), /cut off/],
    [
      "nothing listens there",
      () =>
        declare({
          hosts: {
            "mx-mail": { address: "127.0.0.1:1", ssh_config_file: files.write("ssh", ""), host_keys: [KEY] },
          },
        }),
      /nothing listens on port 1 /,
    ],
    [
      "its connection is an expression",
      () => declare({ hosts: { "mx-mail": { address: "${local.address}" } } }),
      /its connection has an expression/,
    ],
    ["the stack does not declare it", () => declare({ hosts: {} }), /does not connect to it/],
    ["its job is an expression", () => declare({ job: { result_file: "${local.file}" } }), /cdktf synth/],
    ["there is no project", () => rmSync(join(files.stackDirectory("mail"), "cdk.tf.json")), /cdktf synth/],
  ])(
    "GIVEN %s THEN the rest is checked, and one line and each row say what is not",
    async (_, make, reason) => {
      make();
      const { exitCode, err, expected, findings } = await json();
      expect({ exitCode, findings }).toEqual({ exitCode: 0, findings: [] });
      expect(err.trimEnd().split("\n")).toEqual([expect.stringMatching(reason)]);
      expect(err).not.toContain(SECRET);
      expect(expected.fingerprintSha256).toBe(null);
      expect(expected.issuedOn).toMatchObject({ status: "unknown", finishedAt: null });
      expect(expected.issuedOn.message).toMatch(reason);
    },
  );

  it("GIVEN other hosts that issue one each for the same domain THEN each is compared with its own", async () => {
    says(row("ok", leaf.fingerprint));
    const elsewhere = files.write("other-result", "");
    writeFileSync(
      elsewhere,
      `mail-sni-job-result\t1\n${row("ok", "ab".repeat(32), { notAfter: at(400) })}end\t0\t${ENDED}\n`,
    );
    // More than are asked at a time, so that the first one is not the last to answer.
    const names = Array.from({ length: 10 }, (_, index) => `mx${index}`);
    const others = names.map((name) => [name, { ...jobOf(name), result_file: elsewhere }]);
    const hosts = Object.fromEntries(["mx-mail", ...names].map((name) => [name, {}]));
    declare({ hosts, others: Object.fromEntries(others) });
    const { exitCode, err, expected } = await json();
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(expected.issuedOn).toMatchObject({ host: "mx-mail" });
  });

  it("GIVEN --no-facts THEN no host is asked", async () => {
    says(row("ok", "ab".repeat(32)));
    expect(await verify("--no-facts")).toMatchObject({ exitCode: 0, err: "" });
  });

  it("GIVEN --no-ssh THEN no host is asked, each row says so, and no line", async () => {
    says(row("ok", "ab".repeat(32)));
    const { exitCode, err, expected } = await json("--no-ssh");
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(expected.issuedOn).toMatchObject({ status: "unknown", message: "it was not asked (--no-ssh)." });
  });

  it("GIVEN no access to the state THEN the host is asked all the same", async () => {
    says(row("ok", "ab".repeat(32), { notAfter: at(400) }));
    const engine = files.write("failing-engine", "#!/bin/sh\nexit 1\n");
    chmodSync(engine, 0o755);
    const { exitCode, err } = await verify("--engine", engine);
    expect(err).toContain("[CLI_ENGINE_FAILED]");
    expect(exitCode).toBe(1);
  });

  it("GIVEN any result THEN it ends with a report on one line for each finding, without control characters", async () => {
    const field = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.constantFrom(
        "ok",
        "failed",
        "-",
        ENDED,
        "\u001b[2J",
        "a\u202eb",
        "x".repeat(5000),
        leaf.fingerprint,
      ),
    );
    const line = fc.oneof(
      fc.array(field, { maxLength: 7 }).map((fields) => fields.join("\t")),
      fc
        .tuple(fc.constantFrom("ok", "failed", "pending"), field)
        .map(([status, message]) => row(status, leaf.fingerprint, { message }).trimEnd()),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), fc.boolean(), async (lines, isWhole) => {
        const end = isWhole ? `\nend\t1\t${ENDED}\n` : "";
        writeFileSync(resultFile(), `mail-sni-job-result\t1\n${lines.join("\n")}${end}`);
        const { exitCode, out, err } = await verify();
        expect([0, 1]).toContain(exitCode);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it is about
        expect(`${out}${err}`).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/);
        for (const each of err.trimEnd().split("\n").filter(Boolean)) {
          expect(each).toMatch(/^mail-sni: /);
          expect(each.length).toBeLessThan(2000);
        }
      }),
      { numRuns: 40 },
    );
  });
});

/** Of no server. */
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHGYv7sVtaVV4l2BTWlWKwxWl1fkXV9hqPXU2pX4v1hD";
