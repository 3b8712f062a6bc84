import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clientHello } from "../wire-client";
import { readClientHello } from "./client-hello";

describe("readClientHello", () => {
  it.each([[undefined], [""], ["a.tld"], ["UPPER.tld."], [Buffer.from([0xff, 0x00, 0x2f])]])(
    "GIVEN the SNI %j THEN its very bytes",
    (serverName) => {
      const expected = serverName === undefined ? null : Buffer.from(serverName as string);
      expect(readClientHello(clientHello(serverName))).toEqual({ serverName: expected });
    },
  );

  it("GIVEN a ClientHello cut anywhere THEN it is incomplete", () => {
    const hello = clientHello("a.tld");
    for (let length = 0; length < hello.length; length++) {
      expect(readClientHello(hello.subarray(0, length))).toBe("incomplete");
    }
  });

  it("GIVEN one in several records THEN it is one ClientHello", () => {
    const hello = clientHello("a.tld");
    const message = hello.subarray(5);
    const records = [message.subarray(0, 1), message.subarray(1, 60), message.subarray(60)].flatMap(
      (part) => [Buffer.from([22, 3, 1, 0, part.length]), part],
    );
    expect(readClientHello(Buffer.concat(records))).toEqual({ serverName: Buffer.from("a.tld") });
  });

  it("GIVEN any bytes THEN it never throws", () => {
    const hello = clientHello("a.tld");
    const damaged = fc
      .tuple(fc.nat(hello.length - 1), fc.nat(255))
      .map(([at, byte]) => Buffer.from(hello.map((original, index) => (index === at ? byte : original))));
    const garbage = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(damaged, garbage), (bytes) => {
        readClientHello(bytes);
      }),
    );
  });
});
