import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explain } from "../../../lib/provider/acme/explanation";
import { parseProblem } from "../../../lib/provider/acme/problem";

const acme = (kind: string) => `urn:ietf:params:acme:error:${kind}`;

describe("the explanation of a CA's error", () => {
  it("GIVEN a rate limit with a time THEN the time is what to do", () => {
    const problem = parseProblem({ type: acme("rateLimited"), detail: "too many certificates" });
    const failure = explain(problem, new Date("2026-03-01T12:00:00.500Z"));
    expect(failure.message).toBe('The CA\'s rate limit is reached ("too many certificates").');
    expect(failure.remedy).toBe("Apply again after 2026-03-01T12:00:00Z.");
  });

  it("GIVEN subproblems THEN each name is told with its reason, and each remedy once", () => {
    const identifier = (value: string) => ({ type: "dns", value });
    const problem = parseProblem({
      type: acme("malformed"),
      detail: "Some identifiers failed",
      subproblems: [
        { type: acme("caa"), detail: "no", identifier: identifier("a.test") },
        { type: acme("caa"), detail: "no", identifier: identifier("b.test") },
        { type: acme("rejectedIdentifier"), detail: "high risk", identifier: identifier("c.test") },
      ],
    });
    const { message, remedy } = explain(problem);
    for (const name of ["a.test: ", "b.test: ", "c.test: "]) expect(message).toContain(name);
    expect(remedy.match(/CAA records/g)).toHaveLength(1);
    expect(remedy).toContain("Remove the name");
  });

  it.each([
    [
      "Boulder's account that was deactivated",
      "unauthorized",
      'Account is not valid, has status "deactivated"',
      /^The CA has closed the account/,
      /Replace the account.*-replace=/,
    ],
    [
      "Pebble's account that was deactivated",
      "unauthorized",
      "Account has been deactivated",
      /^The CA has closed the account/,
      /Replace the account/,
    ],
    [
      "CAA records that name servers do not answer for",
      "caa",
      "While processing CAA for imap.d.tld: DNS problem: SERVFAIL looking up CAA for d.tld - the domain's nameservers may be malfunctioning",
      /name servers fail/,
      /repair its name servers.*No CAA record is needed/,
    ],
    [
      "CAA records that forbid it",
      "caa",
      "CAA record for d.tld prevents issuance",
      /a CAA record in DNS forbids/i,
      /add the CA to the CAA records/,
    ],
    [
      "a name beside its wildcard",
      "malformed",
      'Domain name "imap.d.tld" is redundant with a wildcard domain in the same request. Remove one or the other from the certificate request.',
      /wildcard that covers it/,
      /Remove the name from names/,
    ],
    [
      "a firewall that lets only some countries pass",
      "connection",
      "During secondary validation: 192.0.2.1: Fetching http://d.tld/.well-known/acme-challenge/x: Timeout during connect (likely firewall problem)",
      /could not connect.*from another place/,
      /all countries and networks/,
    ],
  ])("GIVEN %s THEN that is said, and what to do", (_, type, detail, message, remedy) => {
    const failure = explain(parseProblem({ type: acme(type), detail, identifier: { value: "imap.d.tld" } }));
    expect(failure.message.replace(/^imap\.d\.tld: t/, "T")).toMatch(message);
    expect(failure.remedy).toMatch(remedy);
    expect(failure.names).toEqual(["imap.d.tld"]);
  });

  it("GIVEN a limit whose text says until when, and where to read of it, THEN both are told", () => {
    const detail =
      "too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-12-05 12:30:00 UTC: see https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-identifiers";
    const problem = parseProblem({ type: acme("rateLimited"), detail });
    const expected = `Apply again after 2026-12-05T12:30:00Z. See https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-identifiers for the limit.`;
    expect(explain(problem).remedy).toBe(expected);
    expect(explain(problem, new Date("2026-12-01")).remedy).toBe(expected);
    expect(explain(problem, new Date("2026-12-06")).retryAt).toEqual(new Date("2026-12-06"));
  });

  it("GIVEN an account that is paused THEN the link that ends that is whole, on a line of its own, however long it is", () => {
    const link = `https://portal.letsencrypt.org/sfe/v1/unpause?jwt=${"eyJhbGciOiJIUzI1NiJ9".repeat(150)}`;
    const detail = `Your account is temporarily prevented from requesting certificates for imap.d.tld and possibly others. Please visit: ${link}`;
    const { remedy, message } = explain(parseProblem({ type: acme("rateLimited"), detail }), new Date());
    expect(remedy.split("\n")).toContain(link);
    expect(remedy).toMatch(/^Waiting does not help/);
    expect(message).toContain(link);
  });

  it("GIVEN an unknown problem type THEN the message has it unchanged", () => {
    const failure = explain(parseProblem({ type: "https://ca.test/odd", detail: "so" }));
    expect(failure.message).toContain('https://ca.test/odd) ("so")');
  });

  it("GIVEN the name of a property of every object, such as constructor, THEN it is an unknown problem type", () => {
    const { message, remedy } = explain(parseProblem({ type: acme("constructor"), detail: "so" }));
    expect(message).toBe('The CA refused (constructor) ("so").');
    expect(remedy).toContain("Apply again");
  });

  it("GIVEN as many long subproblems as fit into an answer THEN the message has the first of them, and no megabyte", () => {
    const detail = `of an account https://ca.test/${"account/".repeat(1000)}`;
    const part = { type: acme("unauthorized"), detail };
    const { message } = explain(parseProblem({ ...part, subproblems: new Array(100).fill(part) }));
    expect(message).toContain(detail);
    expect(message.length).toBeLessThan(100_000);
  });

  it("GIVEN a hundred names that are refused with long reasons THEN all are told", () => {
    const subproblems = Array.from({ length: 100 }, (_, index) => ({
      type: acme("dns"),
      detail: `DNS problem: ${"x".repeat(400)}`,
      identifier: { type: "dns", value: `n${index}.test` },
    }));
    expect(explain(parseProblem({ type: acme("malformed"), subproblems })).names).toHaveLength(100);
  });

  it("GIVEN any response THEN there is a message on one line, and a remedy", () => {
    const text = fc.string({ unit: "binary-ascii" });
    const problem = fc.record({ type: text, detail: text, identifier: fc.record({ value: text }) });
    fc.assert(
      fc.property(fc.oneof(fc.anything(), problem), (document) => {
        const { message, remedy } = explain(parseProblem(document));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
        expect(message).not.toMatch(/[\x00-\x1f\x7f]/);
        expect(remedy).not.toBe("");
        expect(message.length).toBeLessThan(300_000);
      }),
    );
  });
});
