import { describe, expect, it } from "vitest";
import { titleOf } from "../../../../lib/cli/verify/judgement/judgement";
import { type ExpectationOptions, questionsOfTable } from "../../../../lib/cli/verify/questions/expectations";
import type { SniTableDocument, SniTableService } from "../../../../lib/shared/sni-table/document";

const SERVICE: SniTableService = {
  service: "dovecot",
  endpoints: [{ port: 993, protocol: "tls", sni: true }],
  default: "domain1.tld",
  names: [
    { name: "domain1.tld", certificate: "domain1.tld", entry: "e" },
    { name: "imap.domain1.tld", certificate: "domain1.tld", entry: "e" },
    { name: "pop.domain1.tld", certificate: "domain1.tld", entry: "e", optional: true },
  ],
};

function questions(service: Partial<SniTableService> = {}, options: Partial<ExpectationOptions> = {}) {
  const table: SniTableDocument = {
    version: 1,
    hosts: [{ stack: "mail", host: "mx1", services: [{ ...SERVICE, ...service }] }],
    acknowledged: [],
    leftOut: [],
  };
  const given = { places: () => [{ address: "192.0.2.1" }], current: () => new Map(), deep: false };
  return [...questionsOfTable(table, { ...given, ...options })];
}

describe("questionsOfTable", () => {
  it("GIVEN names THEN each is asked for once, and the first in other ways too", () => {
    expect(questions().map(titleOf)).toEqual([
      "(no name)",
      "(unlisted name)",
      "domain1.tld",
      "DOMAIN1.TLD",
      "domain1.tld (TLS 1.2)",
      "domain1.tld (TLS 1.3)",
      "imap.domain1.tld",
      "pop.domain1.tld",
    ]);
  });

  it("GIVEN --deep THEN every name is asked for in every way", () => {
    expect(questions({}, { deep: true })).toHaveLength(2 + 3 * 4);
  });

  it("GIVEN names of a certificate THEN it has to be for those that are not optional", () => {
    const expected = questions(
      {},
      {
        current: (stack) =>
          new Map(stack === "mail" ? [["domain1.tld", { fingerprint: "ab", notAfter: null }]] : []),
      },
    ).map((one) => one.expected);
    expect(expected[2]).toEqual({
      domain: "domain1.tld",
      fingerprint: "ab",
      notAfter: null,
      said: null,
      domainNames: ["domain1.tld", "imap.domain1.tld"],
      covers: "required",
      isRefused: false,
      answer: "required",
    });
    expect(expected.at(-1)).toMatchObject({ covers: "optional" });
    expect(expected[0]).toMatchObject({ domain: "domain1.tld", covers: "not-needed" });
  });

  it("GIVEN an optional endpoint THEN it need not answer, and the others have to", () => {
    const endpoints = [
      { port: 993, protocol: "tls", sni: true },
      { port: 110, protocol: "pop3", sni: true, optional: true },
    ] as const;
    const answers = questions({ endpoints }).map(
      ({ endpoint: { port }, expected: { answer } }) => `${port} ${answer}`,
    );
    expect(new Set(answers)).toEqual(new Set(["993 required", "110 optional"]));
  });

  it("GIVEN an endpoint without SNI THEN it is asked once, without a name", () => {
    const endpoints = [{ port: 465, protocol: "tls", sni: false }] as const;
    expect(questions({ endpoints }).map(titleOf)).toEqual(["(no name)"]);
  });

  it("GIVEN a name by default, one that is not ours, and one that is refused THEN each is expected so", () => {
    const names = [
      { name: "a.tld", reason: "r" },
      { name: "b.tld", file: "/etc/ssl/b.pem", entry: "e" },
      { name: "c.tld", refused: true, reason: "r" },
    ] as const;
    expect(
      questions({ names })
        .slice(2)
        .map(({ expected }) => expected),
    ).toMatchObject([
      { domain: "domain1.tld", covers: "not-needed" },
      { domain: null, covers: "required", isRefused: false },
      { domain: null, covers: "not-needed", isRefused: true },
    ]);
  });

  it("GIVEN a wildcard THEN a name below it is asked for, where it leads to a certificate", () => {
    const names = [
      { name: "*.a.tld", certificate: "a.tld", entry: "e" },
      { name: "*.b.tld", reason: "no entry" },
      { name: "imap?.c.tld", file: "/etc/ssl/c.pem" },
    ];
    const asked = questions({ names }).filter(({ asked }) => asked.kind === "name");
    expect(asked.map((one) => one.asked)).toEqual([
      { kind: "name", name: "*.a.tld", serverName: "mail-sni-check.a.tld" },
    ]);
    expect(asked[0]?.expected).toMatchObject({ covers: "required", domainNames: ["*.a.tld"] });
  });

  it("GIVEN several addresses, or none THEN each is asked", () => {
    const places: ExpectationOptions["places"] = (_, name) =>
      (name === "imap.domain1.tld" ? [null] : ["192.0.2.1", "192.0.2.2"]).map((address) => ({ address }));
    const asked = questions({}, { places });
    const of = (title: string) => asked.filter((one) => titleOf(one) === title).map(({ address }) => address);
    expect(of("domain1.tld")).toEqual(["192.0.2.1", "192.0.2.2"]);
    expect(of("imap.domain1.tld")).toEqual([null]);
  });
});
