import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { SniTableDocument, SniTableEndpoint } from "../../../lib/shared/sni-table/document";
import { type Ran, ran } from "../../cli/support/ran";
import { combinedPem, type IssuedCertificate, type IssueOptions, issue } from "../../support/certificates";
import { describeIf, type Requirement } from "../../support/requirements";

/** A mail server that is configured by hand, as its own documentation has it. */
export interface RealServer {
  readonly endpoints: readonly SniTableEndpoint[];
  /** Writes key, leaf and chain of each name, and the configuration. The server is not told. */
  put(byDefault: string, byName: Readonly<Record<string, string>>): void;
  /** Starts it, or has it take what was written. It may do so a little later. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

type Domain = "domain1.tld" | "domain2.tld";
type Certificates = Readonly<Record<Domain, IssuedCertificate>>;
/** Which domain's certificate is written for each name. */
type Written = Readonly<Record<string, Domain>>;

const DAY_MS = 86_400_000;
const YEAR = { notBefore: new Date(Date.now() - 30 * DAY_MS), notAfter: new Date(Date.now() + 335 * DAY_MS) };
const NAMES: Written = {
  "domain1.tld": "domain1.tld",
  "mail.domain1.tld": "domain1.tld",
  "domain2.tld": "domain2.tld",
  "mail.domain2.tld": "domain2.tld",
};

/** What `mail-sni verify` says of a real server that is right, and of one that is wrong in the ways in which servers are. */
export function realServerScenarios(
  requirement: Requirement,
  title: string,
  start: () => Promise<RealServer>,
): void {
  describeIf(requirement, `verify, with a real ${title}`, () => {
    let directory: string;
    let server: RealServer;
    let root: IssuedCertificate;
    let intermediate: IssuedCertificate;
    let certificates: Certificates;

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), "mail-sni-verify-"));
      root = await issue({ subject: "CN=Root", ca: true, ...YEAR });
      intermediate = await issue({ subject: "CN=Intermediate", issuer: root, ca: true, ...YEAR });
      certificates = {
        "domain1.tld": await certificateOf("domain1.tld"),
        "domain2.tld": await certificateOf("domain2.tld"),
      };
      writeFileSync(join(directory, "root.pem"), root.pem);
      server = await start();
      put(certificates);
      await server.reload();
    });

    afterAll(async () => {
      await server?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    const certificateOf = (domain: Domain, changes: IssueOptions = {}) =>
      issue({
        subject: `CN=${domain}`,
        issuer: intermediate,
        dnsNames: [domain, `mail.${domain}`],
        ...YEAR,
        ...changes,
      });

    function put(served: Certificates, written: Written = NAMES): void {
      const pem = (domain: Domain) => combinedPem(served[domain], intermediate);
      const byName = Object.entries(written).map(([name, domain]) => [name, pem(domain)]);
      server.put(pem("domain1.tld"), Object.fromEntries(byName));
    }

    /** Whatever is served: these are declared. */
    function verify(declared: Certificates = certificates): Promise<Ran> {
      const service = {
        service: "mail",
        endpoints: server.endpoints,
        default: "domain1.tld",
        names: Object.entries(NAMES).map(([name, certificate]) => ({ name, certificate, entry: "a file" })),
      };
      const table: SniTableDocument = {
        version: 1,
        hosts: [{ stack: "mail", host: "mx1", services: [service] }],
        acknowledged: [],
        leftOut: [],
      };
      const facts = Object.entries(declared).map(([domain, { fingerprint, certificate }]) => [
        domain,
        {
          fingerprint_sha256: fingerprint,
          issuer: "ca",
          not_after: certificate.notAfter.toISOString(),
          renew_at: null,
        },
      ]);
      const value = { certificates: Object.fromEntries(facts), pending: {} };
      writeFileSync(join(directory, "sni-table.json"), JSON.stringify(table));
      writeFileSync(join(directory, "facts.json"), JSON.stringify({ mail_sni: { value } }));
      return ran([
        ...["verify", "--table", join(directory, "sni-table.json"), "--facts", join(directory, "facts.json")],
        ...["--connect", "127.0.0.1", "--no-system-roots", "--ca", join(directory, "root.pem")],
      ]);
    }

    /** Has the server take what was written, and waits until it presents it. */
    async function reloaded(said: (ran: Ran) => void, declared?: Certificates): Promise<void> {
      await server.reload();
      await vi.waitFor(async () => said(await verify(declared)), { timeout: 30_000, interval: 200 });
    }

    const wrongLines = ({ out }: Ran) => out.split("\n").filter((line) => /^(error|warning)/.test(line));

    const right = (run: Ran) => {
      expect(wrongLines(run)).toEqual([]);
      expect(run.exitCode).toBe(0);
    };

    /** That each port has one such line of each name, and no other name has any. */
    const wrong = (code: string, names: readonly string[], text: string) => (run: Ran) => {
      const lines = wrongLines(run);
      expect(lines.filter((line) => !line.includes(`[${code}]`))).toEqual([]);
      for (const { port, protocol } of server.endpoints) {
        const there = lines.filter((line) =>
          line.includes(` at mx1 (127.0.0.1) port ${port} (${protocol}): `),
        );
        expect(there.map((line) => line.split(/ +/)[1]).sort()).toEqual([...names].sort());
      }
      for (const line of lines) expect(line).toContain(text);
      expect(run.exitCode).toBe(1);
    };

    it("GIVEN what is declared THEN nothing is wrong with any name on any port", async () => {
      const run = await verify();
      right(run);
      const handshakes = server.endpoints.length * (Object.keys(NAMES).length + 5);
      expect(run.out).toContain(`${handshakes} of ${handshakes} handshakes are right; 0 errors, 0 warnings,`);
    });

    it("GIVEN a renewed certificate and a server that was not reloaded THEN each name has a finding, and after a reload none", async () => {
      const renewed = { ...certificates, "domain2.tld": await certificateOf("domain2.tld") };
      put(renewed);
      const { "domain2.tld": old } = certificates;
      wrong(
        "VERIFY_WRONG_CERTIFICATE",
        ["domain2.tld", "mail.domain2.tld"],
        `(SHA-256 ${old.fingerprint.slice(0, 16)}…); declared is that of domain2.tld (SHA-256 ${renewed["domain2.tld"].fingerprint.slice(0, 16)}…).`,
      )(await verify(renewed));
      await reloaded(right, renewed);
      certificates = renewed;
    });

    it("GIVEN a name that moved to the certificate of another domain THEN it alone has a finding, with both domains", async () => {
      put(certificates, { ...NAMES, "mail.domain2.tld": "domain1.tld" });
      await reloaded(
        wrong(
          "VERIFY_WRONG_CERTIFICATE",
          ["mail.domain2.tld"],
          "presents the certificate for domain1.tld, mail.domain1.tld (SHA-256",
        ),
      );
      put(certificates);
      await reloaded(right);
    });

    it("GIVEN an expired certificate THEN its names have a finding", async () => {
      const notAfter = new Date(Date.now() - 2.5 * DAY_MS);
      const expired = { ...certificates, "domain2.tld": await certificateOf("domain2.tld", { notAfter }) };
      put(expired);
      const names = ["domain2.tld", "mail.domain2.tld"];
      await reloaded(wrong("VERIFY_EXPIRED", names, "expired 2 days ago"), expired);
      put(certificates);
      await reloaded(right);
    });

    it("GIVEN a certificate that lacks a name of its domain THEN that name has a finding", async () => {
      const lacking = {
        ...certificates,
        "domain2.tld": await certificateOf("domain2.tld", { dnsNames: ["domain2.tld"] }),
      };
      put(lacking);
      await reloaded(
        wrong("VERIFY_NAME_NOT_COVERED", ["mail.domain2.tld"], "which is not for mail.domain2.tld"),
        lacking,
      );
      put(certificates);
      await reloaded(right);
    });
  });
}
