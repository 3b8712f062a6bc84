import { X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askWith } from "../../../lib/cli/verify/asking/probe";
import { TrustStore } from "../../../lib/cli/verify/chain/trust-store";
import { titleOf } from "../../../lib/cli/verify/judgement/judgement";
import { judged } from "../../../lib/cli/verify/judgement/summary";
import { questionsOfTable } from "../../../lib/cli/verify/questions/expectations";
import { answers } from "../../../lib/shared/tls/schedule";
import { Transports } from "../../../lib/shared/transport/ssh/transports";
import { combinedPem, type IssuedCertificate, issue } from "../../support/certificates";
import { QmailServer } from "../../support/qmail/server";

const DAY_MS = 86_400_000;
const YEAR = { notBefore: new Date(Date.now() - 30 * DAY_MS), notAfter: new Date(Date.now() + 335 * DAY_MS) };

describe("verify, with the qmail stand-in", () => {
  let directory: string;
  let root: IssuedCertificate;
  let byDefault: IssuedCertificate;
  let domain2: IssuedCertificate;
  const servers: QmailServer[] = [];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-qmail-"));
    chmodSync(directory, 0o755);
    root = await issue({ subject: "CN=Root", ca: true, ...YEAR });
    byDefault = await issue({ subject: "CN=domain1.tld", issuer: root, dnsNames: ["domain1.tld"], ...YEAR });
    domain2 = await issue({
      subject: "CN=domain2.tld",
      issuer: root,
      dnsNames: ["domain2.tld", "smtp.domain2.tld"],
      ...YEAR,
    });
    put("control/servercert.pem", combinedPem(byDefault));
    put("control/servercerts/domain2.tld/servercert.pem", combinedPem(domain2));
    symlinkSync("domain2.tld", join(directory, "control/servercerts/smtp.domain2.tld"));
    servers.push(await QmailServer.start({ directory }));
    servers.push(await QmailServer.start({ directory, mode: "smtps" }));
    servers.push(await QmailServer.start({ directory, mode: "sslserver" }));
  });

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(directory, { recursive: true, force: true });
  });

  function put(path: string, text: string): void {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }

  /** What is said of each question that there is something to say of. */
  async function said(): Promise<string[]> {
    const [starttls, smtps, sslserver] = servers.map(({ port }) => port) as [number, number, number];
    const table = {
      version: 1,
      hosts: [
        {
          stack: "mail",
          host: "mx1",
          services: [
            {
              service: "qmail",
              endpoints: [
                { port: starttls, protocol: "smtp", sni: true },
                { port: smtps, protocol: "tls", sni: true },
                { port: sslserver, protocol: "tls", sni: false },
              ],
              default: "domain1.tld",
              names: [
                { name: "domain2.tld", certificate: "domain2.tld", entry: "a file" },
                { name: "smtp.domain2.tld", certificate: "domain2.tld", entry: "a link" },
                { name: "imap.domain2.tld", reason: "there is no file" },
              ],
            },
          ],
        },
      ],
      acknowledged: [],
      leftOut: [],
    } as const;
    const current = new Map([
      ["domain1.tld", { fingerprint: byDefault.fingerprint, notAfter: null }],
      ["domain2.tld", { fingerprint: domain2.fingerprint, notAfter: null }],
    ]);
    const questions = questionsOfTable(table, {
      places: () => [{ address: "127.0.0.1" }],
      current: () => current,
      deep: false,
    });
    const trust = new TrustStore([new X509Certificate(root.pem)]);
    const lines: string[] = [];
    for await (const { question, findings } of judged(
      answers(questions, { ask: askWith(new Transports(), 20_000), connections: 4 }),
      { trust, at: new Date() },
    )) {
      for (const { severity, code } of findings) lines.push(`${titleOf(question)}: ${severity} ${code}`);
    }
    return lines.sort();
  }

  it("GIVEN the declared certificates THEN the only finding is about upper case, which qmail does not fold", async () => {
    expect(await said()).toEqual(Array(2).fill("DOMAIN2.TLD: note VERIFY_CASE"));
  });

  it("GIVEN a certificate that cannot be loaded THEN the finding for its names is the alert, on both ports", async () => {
    put("control/servercerts/domain2.tld/servercert.pem", "");
    const lines = await said();
    expect(lines.filter((line) => line === "domain2.tld: error VERIFY_ALERT")).toHaveLength(2);
    expect(lines.filter((line) => line === "smtp.domain2.tld: error VERIFY_ALERT")).toHaveLength(2);
    expect(lines.filter((line) => line.startsWith("(") || line.startsWith("imap."))).toEqual([]);
  });

  it("GIVEN the link gone THEN the name is served the default, which is wrong for it", async () => {
    put("control/servercerts/domain2.tld/servercert.pem", combinedPem(domain2));
    rmSync(join(directory, "control/servercerts/smtp.domain2.tld"));
    expect(await said()).toEqual([
      ...Array(2).fill("DOMAIN2.TLD: note VERIFY_CASE"),
      ...Array(2).fill("smtp.domain2.tld: error VERIFY_WRONG_CERTIFICATE"),
    ]);
  });
});
