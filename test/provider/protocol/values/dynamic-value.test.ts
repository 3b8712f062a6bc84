import { ExtData, encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Attributes, attribute } from "../../../../lib/provider/protocol/schema/schema";
import {
  decodeObject,
  encodeObject,
  WireError,
} from "../../../../lib/provider/protocol/values/dynamic-value";
import { UNKNOWN } from "../../../../lib/provider/protocol/values/unknown";
import { InexactNumber, type ObjectValue } from "../../../../lib/provider/protocol/values/value";
import { anything, schemas } from "../support/arbitraries";
import { unwire, wire } from "../support/client";

const attributes = {
  text: attribute.string({ description: "", optional: true }),
  size: attribute.number({ description: "", optional: true }),
  map: attribute.map("string", { description: "", optional: true }),
} satisfies Attributes;
const EMPTY = { text: null, size: null, map: null };

const decoded = (object: object) => decodeObject(attributes, wire({ ...EMPTY, ...object })) as ObjectValue;
const encoded = (object: object) => unwire(encodeObject({ ...EMPTY, ...object } as ObjectValue));

describe("decodeObject and encodeObject", () => {
  it("GIVEN any value of any schema, unknowns and all, THEN it comes back as it was", () => {
    const values = schemas.chain((attributes) =>
      fc.record({ attributes: fc.constant(attributes), value: anything(attributes) }),
    );
    fc.assert(
      fc.property(values, ({ attributes, value }) => {
        const there = decodeObject(attributes, wire(value)) as ObjectValue;
        expect(decodeObject(attributes, encodeObject(there))).toEqual(there);
        expect(there).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });

  it("GIVEN null for the whole object THEN null both ways", () => {
    expect(decodeObject(attributes, wire(null))).toBeNull();
    expect(unwire(encodeObject(null))).toBeNull();
  });

  it.each([
    ["plain", new ExtData(0, Uint8Array.of(0))],
    ["refined as not null", new ExtData(12, Uint8Array.of(0x81, 0x01, 0xc2))],
    ["refined with a prefix", new ExtData(12, Uint8Array.of(0x82, 0x01, 0xc2, 0x02, 0xa2, 0x61, 0x62))],
    ["of a kind that is still to come", new ExtData(99, Uint8Array.of(1, 2, 3))],
  ])(
    "GIVEN an unknown value, %s, THEN it is unknown, and plainly so on the way back",
    (_title, extension) => {
      expect(decoded({ text: extension }).text).toBe(UNKNOWN);
      expect(Buffer.from(encodeObject({ text: UNKNOWN }).msgpack ?? []).toString("hex")).toContain("d40000");
    },
  );

  it.each([
    ["0.1", 0.1],
    ["-0.25", -0.25],
    ["9007199254740993.5", null],
    ["18446744073709551615", null],
    ["1000000000000000000000", 1e21],
    ["0.30000000000000004", 0.30000000000000004],
    ["0.3000000000000000444", null],
    [9007199254740993n, null],
    [9007199254740992n, 9007199254740992],
    [5, 5],
  ])(
    "GIVEN the number %s THEN it is a number where that holds it, and else kept digit by digit",
    (sent, number) => {
      const { size } = decoded({ size: sent }) as { size: number | InexactNumber };
      if (number === null) expect(size).toBeInstanceOf(InexactNumber);
      else expect(size).toBe(number);
      expect(String((encoded({ size }) as typeof EMPTY).size)).toBe(String(sent));
    },
  );

  it("GIVEN any fraction THEN its digits are those of the engine's own configuration", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (size) => {
        expect(Number((encoded({ size }) as typeof EMPTY).size) === size).toBe(true);
      }),
    );
  });

  it("GIVEN map keys that JavaScript has plans for THEN they are keys like any other", () => {
    const map = Object.fromEntries([
      ["__proto__", "a"],
      ["constructor", "b"],
      ["hasOwnProperty", "c"],
    ]);
    const { map: there } = decoded({ map }) as unknown as { map: Record<string, string> };
    expect(Object.entries(there)).toEqual(Object.entries(map));
    expect(Object.getPrototypeOf(there)).toBeNull();
    expect((encoded({ map: there }) as { map: object }).map).toEqual(map);
  });

  it.each([
    ["nothing", undefined],
    ["no bytes", { msgpack: new Uint8Array() }],
    ["half a value", { msgpack: Uint8Array.of(0x83, 0xa4) }],
    ["two values", { msgpack: Uint8Array.of(0xc0, 0xc0) }],
    ["no object", wire("s3cret")],
    ["an attribute too few", wire({ text: "s3cret", size: null })],
    ["an attribute too many", wire({ ...EMPTY, other: "s3cret" })],
    ["a wrong type", wire({ ...EMPTY, size: "s3cret" })],
    ["a byte string", { msgpack: encode({ ...EMPTY, map: Uint8Array.of(1, 2) }) }],
  ])("GIVEN %s THEN it is an error without the content", (_title, sent) => {
    const decode = () => decodeObject(attributes, sent);
    expect(decode).toThrow(WireError);
    expect(decode).not.toThrow(/s3cret/);
  });

  it("GIVEN a list that says it has four thousand million elements THEN no room is made for them", () => {
    const list = Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff);
    expect(() => decodeObject(attributes, { msgpack: list })).toThrow(/max length exceeded/i);
  });

  it("GIVEN an attribute with a name without end THEN the message has an end", () => {
    const json = Buffer.from(JSON.stringify({ ["a".repeat(100_000)]: null }));
    expect(() => decodeObject(attributes, { json })).toThrow(/^.{1,600}$/);
  });
});
