import { X509Certificate } from "node:crypto";
import { TrustStore } from "../../../../lib/cli/verify/chain/trust-store";
import { judge } from "../../../../lib/cli/verify/judgement/judgement";
import { type Result, Summary } from "../../../../lib/cli/verify/judgement/summary";
import type { Question } from "../../../../lib/cli/verify/questions/question";
import { HtmlReport } from "../../../../lib/cli/verify/reports/html/report";
import { HandshakeError } from "../../../../lib/shared/tls/handshake-error";
import type { Outcome } from "../../../../lib/shared/tls/schedule";
import { type IssuedCertificate, issue } from "../../../support/certificates";
import { EXPECTED } from "./questions";

const DAY_MS = 86_400_000;

/** When the sample's servers were asked. */
export const ASKED_AT = new Date("2026-11-28T10:00:00Z");

const PORTS = [
  { port: 993, protocol: "tls", service: "dovecot" },
  { port: 995, protocol: "tls", service: "dovecot" },
  { port: 465, protocol: "tls", service: "qmail" },
  { port: 25, protocol: "smtp", service: "qmail" },
] as const;

interface SampleDomain {
  readonly domain: string;
  readonly names: readonly string[];
  readonly declared: X509Certificate;
  readonly served: X509Certificate;
}

/**
 * Results as a run on many domains has them: a domain has two names, and a name is asked for on four ports. A few domains
 * are wrong, each in a way of its own; the fifth domain is served by nothing on one port.
 */
export async function sampleResults(domains: number): Promise<Result[]> {
  const root = await issue({ subject: "CN=Root of mail hosts", ca: true, ...lasting(-400, 4000) });
  const options = { trust: new TrustStore([new X509Certificate(root.pem)]), at: ASKED_AT };
  const results: Result[] = [];
  for (let number = 1; number <= domains; number += 1) {
    const sample = await sampleDomain(number, root);
    for (const name of sample.names) {
      for (const endpoint of PORTS) {
        const question = questionOf(sample, name, endpoint);
        const outcome = outcomeOf(sample, number, endpoint.port);
        results.push({ question, outcome, findings: judge(question, outcome, options) });
      }
    }
  }
  return results;
}

/** The page of results. */
export function pageOf(results: readonly Result[]): string {
  const report = new HtmlReport(ASKED_AT);
  const summary = new Summary();
  for (const result of results) {
    summary.add(result);
    report.add(result);
  }
  return report.begin() + report.end(summary);
}

async function sampleDomain(number: number, root: IssuedCertificate): Promise<SampleDomain> {
  const domain = `domain${number}.example`;
  const names = [`imap.${domain}`, `smtp.${domain}`];
  const certificate = async (dnsNames: readonly string[], from: number, to: number) => {
    const { pem } = await issue({
      subject: `CN=${domain}`,
      issuer: root,
      keys: root.keys,
      dnsNames,
      ...lasting(from, to),
    });
    return new X509Certificate(pem);
  };
  const daysLeft = 31 + (number % 57);
  const declared = await certificate(names, daysLeft - 90, daysLeft);
  const others: Readonly<Record<number, () => Promise<X509Certificate>>> = {
    11: () => certificate(names, -92, -2),
    23: () => certificate(names, -60, 30),
    42: () => certificate([`imap.${domain}`], -10, 80),
    67: () => certificate(names, -81, 9),
  };
  return { domain, names, declared, served: (await others[number]?.()) ?? declared };
}

function questionOf(
  { domain, names, declared, served }: SampleDomain,
  name: string,
  { port, protocol, service }: (typeof PORTS)[number],
): Question {
  // The sample's domain 23 is served an earlier certificate; of the others the outputs have the one that is served.
  const fingerprint = (domain === "domain23.example" ? declared : served).fingerprint256
    .replaceAll(":", "")
    .toLowerCase();
  return {
    endpoint: { host: "mx1", service, port, protocol },
    address: "192.0.2.10",
    asked: { kind: "name", name, serverName: name },
    expected: { ...EXPECTED, domain, fingerprint, domainNames: names },
  };
}

function outcomeOf({ served }: SampleDomain, number: number, port: number): Outcome {
  if (number === 5 && port === 465) return { kind: "failed", error: HandshakeError.alert(80, null) };
  return { kind: "presented", presentation: { version: "TLSv1.3", certificates: [served] } };
}

function lasting(from: number, to: number): { notBefore: Date; notAfter: Date } {
  const at = (days: number) => new Date(+ASKED_AT + days * DAY_MS);
  return { notBefore: at(from), notAfter: at(to) };
}
