import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { caaRefusal } from "../../../../../lib/cli/doctor/checks/names/caa-set";

const QUESTION = { identities: ["ca.test"], isWildcard: false, challenge: "http-01" as const };
const issue = (value: string) => ({ flags: 0, tag: "issue", value });

describe("caaRefusal", () => {
  it.each([
    ["the CA in capital letters", "CA.Test"],
    ["an account", "ca.test; accounturi=https://ca.test/1"],
    ["both challenges", "ca.test;validationmethods=dns-01, http-01"],
  ])("GIVEN %s THEN it may issue", (_, value) => {
    expect(caaRefusal([issue(value)], QUESTION)).toBeNull();
  });

  it.each([
    ["a name that only begins like it", "ca.test.other"],
    ["a name below it", "www.ca.test"],
    ["nothing", ""],
  ])("GIVEN %s THEN it may not", (_, value) => {
    expect(caaRefusal([issue(value)], QUESTION)).not.toBeNull();
  });

  it("GIVEN records about other things alone THEN it may issue; a tag in capital letters counts", () => {
    expect(caaRefusal([{ flags: 0, tag: "iodef", value: "mailto:a@b.test" }], QUESTION)).toBeNull();
    expect(caaRefusal([{ flags: 0, tag: "ISSUE", value: "other.test" }], QUESTION)).toBe(
      "allow only other.test",
    );
    expect(caaRefusal([{ flags: 128, tag: "issue", value: "ca.test" }], QUESTION)).toBeNull();
  });

  it("GIVEN records without end THEN what is said of them is short", () => {
    const [endless, critical] = ["x".repeat(60_000), { flags: 128, tag: "y".repeat(60_000), value: "" }];
    const many = Array.from({ length: 20 }, (_, index) => issue(`${index}${endless}`));
    expect(caaRefusal(many, QUESTION)).toMatch(/^allow only 0x+…, 1x+…, .{1,1000}$/);
    expect(caaRefusal([critical], QUESTION)).toMatch(/^have the critical property y{1,300}…, which no CA/);
  });

  it("GIVEN any records THEN it may issue as soon as one more allows it, unless one is critical", () => {
    const records = fc.array(fc.record({ flags: fc.constant(0), tag: fc.string(), value: fc.string() }));
    fc.assert(
      fc.property(records, fc.boolean(), (found, isWildcard) => {
        const more = [issue("ca.test"), { ...issue("ca.test"), tag: "issuewild" }];
        expect(caaRefusal([...found, ...more], { ...QUESTION, isWildcard })).toBeNull();
      }),
    );
  });
});
