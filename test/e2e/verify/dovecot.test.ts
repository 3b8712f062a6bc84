import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askWith } from "../../../lib/cli/verify/asking/probe";
import { TrustStore } from "../../../lib/cli/verify/chain/trust-store";
import { titleOf } from "../../../lib/cli/verify/judgement/judgement";
import { judged, type Result } from "../../../lib/cli/verify/judgement/summary";
import { questionsOfTable } from "../../../lib/cli/verify/questions/expectations";
import type { SniTableDocument } from "../../../lib/shared/sni-table/document";
import { answers } from "../../../lib/shared/tls/schedule";
import { Transports } from "../../../lib/shared/transport/ssh/transports";
import { combinedPem, type IssuedCertificate, issue } from "../../support/certificates";
import { certificateLines, Dovecot } from "../../support/dovecot";
import { describeIf, dovecot23 } from "../../support/requirements";
import { DovecotServer } from "./dovecot-server";
import { realServerScenarios } from "./real-server-scenarios";

realServerScenarios(dovecot23, "Dovecot 2.3", () => DovecotServer.start("2.3"));

const DAY_MS = 86_400_000;
const YEAR = { notBefore: new Date(Date.now() - 30 * DAY_MS), notAfter: new Date(Date.now() + 335 * DAY_MS) };
const DOMAINS = ["domain1.tld", "domain2.tld"] as const;

describeIf(dovecot23, "verify, with files changed behind a real Dovecot 2.3", () => {
  let root: IssuedCertificate;
  let certificates: Record<(typeof DOMAINS)[number], IssuedCertificate>;
  let dovecot: Dovecot;

  beforeAll(async () => {
    root = await issue({ subject: "CN=Root", ca: true, ...YEAR });
    const [one, two] = await Promise.all(DOMAINS.map(certificateOf));
    certificates = { "domain1.tld": one as IssuedCertificate, "domain2.tld": two as IssuedCertificate };
    dovecot = await Dovecot.start({
      globalCertificate: certificates["domain1.tld"],
      files: (directory) => ({
        ...Object.fromEntries(
          DOMAINS.map((domain) => [`private/${domain}.pem`, combinedPem(certificates[domain])]),
        ),
        "conf.d/99-names.conf": DOMAINS.map(
          (domain) =>
            `local_name "${domain} imap.${domain}" {\n${certificateLines("2.3", `${directory}/private/${domain}.pem`)}}\n`,
        ).join(""),
      }),
    });
  });

  afterAll(() => dovecot?.stop());

  const certificateOf = (domain: string) =>
    issue({ subject: `CN=${domain}`, issuer: root, dnsNames: [domain, `imap.${domain}`], ...YEAR });

  /** @param optional as the default ports are: true where no `endpoints` are declared */
  function table(optional?: true): SniTableDocument {
    const { imap, imaps, pop3, pop3s } = dovecot.ports;
    const more = { sni: true, ...(optional && { optional }) } as const;
    const service = {
      service: "dovecot",
      endpoints: [
        { port: imaps, protocol: "tls", ...more },
        { port: pop3s, protocol: "tls", ...more },
        { port: imap, protocol: "imap", ...more },
        { port: pop3, protocol: "pop3", ...more },
      ],
      default: "domain1.tld",
      names: DOMAINS.flatMap((domain) =>
        [domain, `imap.${domain}`].map((name) => ({ name, certificate: domain, entry: "a block" })),
      ),
    } as const;
    return {
      version: 1,
      hosts: [{ stack: "mail", host: "mx1", services: [service] }],
      acknowledged: [],
      leftOut: [],
    };
  }

  async function verified(optional?: true): Promise<Result[]> {
    const current = new Map(
      DOMAINS.map((domain) => [domain, { fingerprint: certificates[domain].fingerprint, notAfter: null }]),
    );
    const questions = questionsOfTable(table(optional), {
      places: () => [{ address: "127.0.0.1" }],
      current: () => current,
      deep: false,
    });
    const results: Result[] = [];
    const trust = new TrustStore([new X509Certificate(root.pem)]);
    const answered = answers(questions, { ask: askWith(new Transports(), 20_000), connections: 4 });
    for await (const result of judged(answered, { trust, at: new Date() })) results.push(result);
    return results;
  }

  const wrong = (results: readonly Result[]) =>
    results.flatMap(({ question, findings }) =>
      findings.map(({ code }) => `${titleOf(question)} ${question.endpoint.protocol} ${code}`),
    );

  it("GIVEN what the table says THEN nothing is wrong with any name on any port", async () => {
    const results = await verified();
    expect(wrong(results)).toEqual([]);
    // Each port: four names; no name, an unlisted one, capital letters, TLS 1.2 and 1.3.
    expect(results).toHaveLength(4 * (4 + 5));
  });

  it("GIVEN a file that was changed behind its back THEN its names are told on every port, and no others", async () => {
    dovecot.write("private/domain2.tld.pem", combinedPem(await certificateOf("domain2.tld")));
    await dovecot.restart();
    const expected = ["tls", "tls", "imap", "pop3"].flatMap((protocol) =>
      ["domain2.tld", "imap.domain2.tld"].map((name) => `${name} ${protocol} VERIFY_WRONG_CERTIFICATE`),
    );
    expect(wrong(await verified()).sort()).toEqual(expected.sort());
  });

  describe("GIVEN a server that speaks POP3 no more", () => {
    beforeAll(async () => {
      dovecot.write("private/domain2.tld.pem", combinedPem(certificates["domain2.tld"]));
      dovecot.write("conf.d/98-protocols.conf", "protocols = imap\n");
      await dovecot.restart(["imap"]);
    });

    afterAll(async () => {
      dovecot.write("conf.d/98-protocols.conf", "");
      await dovecot.restart();
    });

    const told = (results: readonly Result[]) =>
      new Set(
        results.flatMap(({ question, findings }) =>
          findings.map(({ severity, code }) => `${severity} ${question.endpoint.port} ${code}`),
        ),
      );

    it("WHEN its default ports are asked THEN the closed ones are notes", async () => {
      const { pop3, pop3s } = dovecot.ports;
      expect(told(await verified(true))).toEqual(
        new Set([pop3, pop3s].map((port) => `note ${port} VERIFY_PORT_UNUSED`)),
      );
    });

    it("WHEN declared ports are asked THEN the closed ones are errors", async () => {
      const { pop3, pop3s } = dovecot.ports;
      expect(told(await verified())).toEqual(
        new Set([pop3, pop3s].map((port) => `error ${port} VERIFY_NO_ANSWER`)),
      );
    });

    it("WHEN it is down THEN each default port is an error", async () => {
      await dovecot.halt();
      const ports = Object.values(dovecot.ports);
      expect(told(await verified(true))).toEqual(
        new Set(ports.map((port) => `error ${port} VERIFY_NO_ANSWER`)),
      );
    });
  });

  it("GIVEN a server that is down THEN each endpoint is told, and it does not take long", async () => {
    await dovecot.halt();
    const results = await verified();
    expect(new Set(results.flatMap(({ findings }) => findings.map(({ code }) => code)))).toEqual(
      new Set(["VERIFY_NO_ANSWER"]),
    );
    expect(results.filter(({ outcome }) => outcome.kind === "failed")).toHaveLength(4 * 2);
    await dovecot.restart();
  });
});
