import { dnsNamesOf, fingerprintOf } from "../../../shared/certificate-facts";
import { printableLine } from "../../../shared/text/printable";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { issuerOf, subjectOf } from "../../../shared/tls/leaf-wording";
import type { HostStatement } from "../../inputs/host-statements";
import { type Result, type Summary, worst } from "../judgement/summary";
import { type Question, serverNameOf } from "../questions/question";
import type { Report } from "./report";

/** One JSON document, with one line for each handshake; its schema is `verify.schema.json` beside the program. */
export class JsonReport implements Report {
  #isFirst = true;

  constructor(private readonly at: Date) {}

  begin(): string {
    return `{"version":1,"at":${JSON.stringify(rfc3339(this.at))},"results":[`;
  }

  add(result: Result): string {
    const separator = this.#isFirst ? "\n" : ",\n";
    this.#isFirst = false;
    // Control characters are escaped as JSON, so that the values do not change.
    return separator + printableLine(JSON.stringify(resultObject(result)));
  }

  end({ handshakes, unused, right, findings, exitCode }: Summary): string {
    const summary = {
      handshakes,
      unused,
      right,
      errors: findings.error,
      warnings: findings.warning,
      notes: findings.note,
    };
    return `\n],"summary":${JSON.stringify({ ...summary, exitCode })}}\n`;
  }
}

function resultObject({ question, outcome, findings }: Result): object {
  const { endpoint, address, through, asked, expected } = question;
  return {
    ...endpoint,
    address,
    throughSsh: through !== undefined,
    asked: asked.kind,
    name: "name" in asked ? asked.name : null,
    serverName: serverNameOf(question) ?? null,
    status: worst(findings) ?? "ok",
    expected: expectedObject(expected),
    presented: outcome.kind === "presented" ? presentedObject(outcome.presentation) : null,
    failure: failureObject(outcome),
    findings,
  };
}

function expectedObject({
  domain,
  fingerprint,
  covers,
  isRefused,
  said,
  answer,
}: Question["expected"]): object {
  return {
    domain,
    fingerprintSha256: fingerprint,
    covers,
    answer,
    refused: isRefused,
    issuedOn: said && statementObject(said),
  };
}

function statementObject({ host, status, message, finishedAt }: HostStatement): object {
  return { host, status, message: message || null, finishedAt };
}

function presentedObject({ version, certificates }: PresentedOutcome["presentation"]): object {
  const [leaf, ...chain] = certificates;
  return {
    tlsVersion: version,
    subject: subjectOf(leaf),
    issuer: issuerOf(leaf),
    names: dnsNamesOf(leaf),
    fingerprintSha256: fingerprintOf(leaf),
    notBefore: timeOrNull(leaf.validFrom),
    notAfter: timeOrNull(leaf.validTo),
    chain: chain.map((certificate) => ({
      subject: subjectOf(certificate),
      fingerprintSha256: fingerprintOf(certificate),
      notAfter: timeOrNull(certificate.validTo),
    })),
  };
}

/** A date in RFC 3339; null if it is invalid. OpenSSL loads such certificates, and one of them must not break the report. */
function timeOrNull(date: string): string | null {
  const time = new Date(date);
  return Number.isNaN(+time) ? null : rfc3339(time);
}

type PresentedOutcome = Extract<Result["outcome"], { readonly kind: "presented" }>;

function failureObject(outcome: Result["outcome"]): object | null {
  if (outcome.kind === "presented") return null;
  if (outcome.kind === "no-address") return { kind: "no-address", phase: null, alert: null, isAsked: false };
  const { failure, phase, alert } = outcome.error;
  return { kind: failure, phase, alert: alert?.number ?? null, isAsked: outcome.kind === "failed" };
}
