import { describe, expect, it } from "vitest";
import { orders } from "../../../../../lib/cli/doctor/checks/names/orders";
import type { DeclaredCertificate } from "../../../../../lib/cli/doctor/declared/declared-certificates";
import type { Finding } from "../../../../../lib/cli/doctor/examination/finding";
import { CliError } from "../../../../../lib/cli/errors/cli-error";
import type { CertificateFact, PublicFacts } from "../../../../../lib/cli/inputs/public-facts";

const NOW = new Date("2026-11-28T00:00:00Z");
const DAY_MS = 86_400_000;

function certificate(domain: string, names: readonly string[] = [domain]): DeclaredCertificate {
  return {
    domain,
    names,
    optionalNames: [],
    directoryUrl: "https://acme-v02.api.letsencrypt.org/directory",
    directoryCaPem: null,
    webroot: "/srv/www",
    hosts: null,
    dnsServers: null,
    reusesKey: false,
    profile: null,
    preferredChain: null,
  };
}

const issued = (renewInDays: number): CertificateFact => ({
  fingerprintSha256: "ab".repeat(32),
  issuer: null,
  hosts: [],
  notAfter: null,
  renewAt: new Date(+NOW + renewInDays * DAY_MS),
});

const many = (count: number, nameOf: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => certificate(nameOf(index)));

async function found(
  certificates: readonly DeclaredCertificate[],
  facts: Readonly<Record<string, CertificateFact>> | CliError = {},
): Promise<Finding> {
  const read = async (): Promise<PublicFacts> => {
    if (facts instanceof CliError) throw facts;
    return { certificates: new Map(Object.entries(facts)), pending: new Map() };
  };
  const [finding] = await orders.findings({ certificates, facts: read, now: () => NOW });
  return finding as Finding;
}

describe("the check `orders`", () => {
  it("GIVEN first certificates and renewals within the limits THEN how many", async () => {
    const certificates = ["new.tld", "due.tld", "soon.tld", "late.tld"].map((domain) => certificate(domain));
    const facts = { "due.tld": issued(-1), "soon.tld": issued(6), "late.tld": issued(8) };
    expect(await found(certificates, facts)).toEqual({
      state: "ok",
      fact: "1 first certificate and 2 renewals are foreseen within seven days",
    });
  });

  it("GIVEN more than 50 first certificates below one domain THEN a warning, and how it was counted", async () => {
    const finding = await found(many(51, (index) => `d${index}.example.org`));
    expect(finding).toMatchObject({
      state: "warning",
      problem: expect.stringContaining("51 first certificates are foreseen for names below example.org"),
    });
    expect(JSON.stringify(finding)).toContain("Counted by the last two labels");
    expect((await found(many(50, (index) => `d${index}.example.org`))).state).toBe("ok");
  });

  it("GIVEN as many renewals THEN nothing: they are exempt", async () => {
    const certificates = many(60, (index) => `d${index}.example.org`);
    const facts = Object.fromEntries(certificates.map(({ domain }) => [domain, issued(1)]));
    expect((await found(certificates, facts)).state).toBe("ok");
  });

  it("GIVEN more than 300 first certificates THEN a warning", async () => {
    expect(await found(many(301, (index) => `d${index}.tld`))).toMatchObject({
      problem: expect.stringContaining("301 first certificates are foreseen"),
    });
  });

  it("GIVEN no deploy so far THEN all are first; GIVEN no access to the state THEN it is skipped, and why", async () => {
    const certificates = many(301, (index) => `d${index}.tld`);
    expect((await found(certificates, new CliError("CLI_NOT_DEPLOYED", "No output.", "Deploy."))).state).toBe(
      "warning",
    );
    expect(await found(certificates, new CliError("CLI_ENGINE_FAILED", "No access.", "Init."))).toEqual({
      state: "skipped",
      reason: "the last deploy is not known: No access",
    });
  });
});
