import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DER_OCTET_STRING, derEncoded, derValues } from "../../lib/shared/der";

describe("a value in DER", () => {
  // X.690 §8.1.3 and §10.1: one byte up to 127, else a count of bytes and as many of them, none to spare.
  it.each([
    [0, "0400"],
    [0x7f, "047f"],
    [0x80, "048180"],
    [0xff, "0481ff"],
    [0x100, "04820100"],
    [0xffff, "0482ffff"],
    [0x10000, "0483010000"],
  ])("GIVEN contents of %i bytes THEN its length has the shortest form", (length, head) => {
    const encoded = derEncoded(DER_OCTET_STRING, Buffer.alloc(length));
    expect(encoded.subarray(0, encoded.length - length).toString("hex")).toBe(head);
  });

  it("GIVEN more values than are allowed THEN they are refused", () => {
    const values = Buffer.from("050005000500", "hex");
    expect(derValues(values, 3)).toHaveLength(3);
    expect(() => derValues(values, 2)).toThrow(RangeError);
  });

  it("GIVEN any values THEN they are read as they were written", () => {
    const value = fc.record({
      tag: fc.integer({ min: 0, max: 0x1e }),
      contents: fc.uint8Array({ maxLength: 300 }),
    });
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const encoded = Buffer.concat(values.map(({ tag, contents }) => derEncoded(tag, contents)));
        expect(derValues(encoded)).toEqual(
          values.map(({ tag, contents }) => ({ tag, contents: Buffer.from(contents) })),
        );
      }),
    );
  });
});
