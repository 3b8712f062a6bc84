import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalAddress } from "../../lib/shared/ip-address";

it.each([
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["2001:0db8::0001", "2001:db8::1"],
  ["fe80::1%eth0", "fe80::1"],
  ["::ffff:192.0.2.1", "::ffff:c000:201"],
  ["192.0.2.1", "192.0.2.1"],
  ["mx1.example", "mx1.example"],
  ["", ""],
])("GIVEN %j THEN it is %j", (text, canonical) => {
  expect(canonicalAddress(text)).toBe(canonical);
});

it("GIVEN an IPv6 address in any spelling THEN it has one form", () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const canonical = canonicalAddress(address);
      expect(canonicalAddress(address.toUpperCase())).toBe(canonical);
      expect(canonicalAddress(canonical)).toBe(canonical);
    }),
  );
});
