import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explain } from "../../../lib/provider/acme/explanation";
import { parseProblem } from "../../../lib/provider/acme/problem";

const acme = (kind: string) => `urn:ietf:params:acme:error:${kind}`;

describe("what a CA says", () => {
  it("GIVEN a rate limit with a time THEN the time is what to do", () => {
    const problem = parseProblem({ type: acme("rateLimited"), detail: "too many certificates" });
    const failure = explain(problem, new Date("2026-03-01T12:00:00.500Z"));
    expect(failure.message).toBe('The CA issues no more for now ("too many certificates").');
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
    expect(remedy).toContain("Take the name out");
  });

  it("GIVEN a kind that nobody knows THEN it is told as it is", () => {
    const failure = explain(parseProblem({ type: "https://ca.test/odd", detail: "so" }));
    expect(failure.message).toContain('https://ca.test/odd) ("so")');
  });

  it("GIVEN the name of something that every object has THEN it is a kind that nobody knows", () => {
    const { message, remedy } = explain(parseProblem({ type: acme("constructor"), detail: "so" }));
    expect(message).toBe('The CA refused (constructor) ("so").');
    expect(remedy).toContain("Apply again");
  });

  it("GIVEN whatever a server sends THEN there is a message on one line, and a remedy", () => {
    const text = fc.string({ unit: "binary-ascii" });
    const problem = fc.record({ type: text, detail: text, identifier: fc.record({ value: text }) });
    fc.assert(
      fc.property(fc.oneof(fc.anything(), problem), (document) => {
        const { message, remedy } = explain(parseProblem(document));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
        expect(message).not.toMatch(/[\x00-\x1f\x7f]/);
        expect(remedy).not.toBe("");
      }),
    );
  });
});
