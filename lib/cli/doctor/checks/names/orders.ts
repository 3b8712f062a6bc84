import { CliError } from "../../../errors/cli-error";
import type { PublicFacts } from "../../../inputs/public-facts";
import { plural } from "../../../output/plural";
import type { DeclaredCertificate } from "../../declared/declared-certificates";
import type { Check } from "../../examination/check";
import { type Finding, orWell, skipped, warning } from "../../examination/finding";

/** What a stack orders from Let's Encrypt: one certificate at least. */
export interface StackOrders {
  readonly certificates: readonly DeclaredCertificate[];
  /** The public facts of the last deploy. @throws CliError */
  readonly facts: () => Promise<PublicFacts>;
  readonly now: () => Date;
}

/** https://letsencrypt.org/docs/rate-limits/. Renewals that the CA's renewal information asks for are exempt from both. */
const MOST_PER_DOMAIN_AND_WEEK = 50;
const MOST_PER_THREE_HOURS = 300;
const WEEK_MS = 7 * 86_400_000;

export const orders: Check<StackOrders> = {
  id: "orders",
  looksAt: "orders that are foreseen within seven days, against the published limits of Let's Encrypt",
  reports: `more than ${MOST_PER_DOMAIN_AND_WEEK} first certificates for a registered domain, or ${MOST_PER_THREE_HOURS} in all`,
  async findings({ certificates, facts, now }) {
    const issued = await issuedBefore(facts);
    if (issued instanceof CliError) return [skipped(`the last deploy is not known: ${withoutStop(issued)}`)];
    const { first, renewals } = foreseen(certificates, issued, now());
    return orWell(
      [...perDomain(first), ...inAll(first)],
      `${plural(first.length, "first certificate")} and ${plural(renewals.length, "renewal")} are foreseen within seven days`,
    );
  },
};

type Issued = PublicFacts["certificates"];

/** The certificates of the last deploy: none before the first, or why they are not known. */
async function issuedBefore(facts: StackOrders["facts"]): Promise<Issued | CliError> {
  try {
    return (await facts()).certificates;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return error.code === "CLI_NOT_DEPLOYED" ? new Map() : error;
  }
}

function withoutStop({ problem }: CliError): string {
  return problem.replace(/\.$/, "");
}

interface Foreseen {
  readonly first: readonly DeclaredCertificate[];
  readonly renewals: readonly DeclaredCertificate[];
}

export function foreseen(certificates: readonly DeclaredCertificate[], issued: Issued, now: Date): Foreseen {
  const factOf = ({ domain }: DeclaredCertificate) => issued.get(domain ?? "");
  const isIssued = (certificate: DeclaredCertificate) => factOf(certificate)?.fingerprintSha256 != null;
  const isDue = (certificate: DeclaredCertificate) => {
    const renewAt = factOf(certificate)?.renewAt ?? null;
    return renewAt !== null && +renewAt <= +now + WEEK_MS;
  };
  return {
    first: certificates.filter((one) => one.domain !== null && !isIssued(one)),
    renewals: certificates.filter((one) => isIssued(one) && isDue(one)),
  };
}

function perDomain(first: readonly DeclaredCertificate[]): Finding[] {
  const counts = new Map<string, number>();
  for (const { names, optionalNames } of first) {
    for (const domain of new Set([...names, ...optionalNames].map(registeredDomain)))
      counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > MOST_PER_DOMAIN_AND_WEEK)
    .map(([domain, count]) =>
      warning(
        `${count} first certificates are foreseen for names below ${domain}, and Let's Encrypt issues ${MOST_PER_DOMAIN_AND_WEEK} new ones in seven days for a registered domain. Counted by the last two labels: if ${domain} is a public suffix, such as co.uk, the limit is that of each domain below it.`,
        "Deploy them in several weeks (maxNewOrdersPerRun of the issuer limits a run), or put more names into one certificate.",
      ),
    );
}

function inAll(first: readonly DeclaredCertificate[]): Finding[] {
  if (first.length <= MOST_PER_THREE_HOURS) return [];
  return [
    warning(
      `${first.length} first certificates are foreseen, and Let's Encrypt takes ${MOST_PER_THREE_HOURS} new orders in three hours from an account: it will refuse the rest.`,
      "Deploy again three hours later, until all are there, or limit a run with maxNewOrdersPerRun of the issuer.",
    ),
  ];
}

/** At most the registered domain: no list of public suffixes is kept here, so that names are counted together rather than apart. */
function registeredDomain(name: string): string {
  return name.split(".").slice(-2).join(".");
}
