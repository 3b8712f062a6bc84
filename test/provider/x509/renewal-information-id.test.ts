import "reflect-metadata";
import { AuthorityKeyIdentifierExtension, Extension } from "@peculiar/x509";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renewalInformationId } from "../../../lib/provider/x509/renewal-information-id";
import { type IssueOptions, issue } from "../../support/certificates";

const idOf = async (options: IssueOptions) => renewalInformationId((await issue(options)).pem);
const KEY_ID = "69885b6b87464041e1b37b847ba0ae2cde01c8d4";
const authorityKeyIdentifier = (hex: string) => new Extension("2.5.29.35", false, Buffer.from(hex, "hex"));

describe("renewalInformationId", () => {
  it("GIVEN the key identifier and the serial number of RFC 9773's example THEN it is the id there", async () => {
    const extensions = [new AuthorityKeyIdentifierExtension(KEY_ID)];
    expect(await idOf({ serialNumber: "87654321", extensions })).toBe("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
  });

  it("GIVEN an issuer's name and serial number beside the key identifier THEN they do not matter", async () => {
    const extensions = [authorityKeyIdentifier(`30228014${KEY_ID}a10682047465737482020102`)];
    expect(await idOf({ serialNumber: "7f", extensions })).toBe("aYhba4dGQEHhs3uEe6CuLN4ByNQ.fw");
  });

  it.each([
    ["no authority key identifier", []],
    ["one without a key identifier", [authorityKeyIdentifier("30048202ffff")]],
    ["one that is not DER", [authorityKeyIdentifier("30820101")]],
  ])("GIVEN %s THEN there is no id", async (_, extensions) => {
    expect(await idOf({ extensions })).toBeNull();
  });

  it("GIVEN any bytes in the place of an authority key identifier THEN it never throws", async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      // A sequence whose first value is a key identifier of another length than it says.
      fc.uint8Array({ maxLength: 40 }).map((rest) => Uint8Array.of(0x30, rest.length + 2, 0x80, 20, ...rest)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (value) => {
        const extensions = [authorityKeyIdentifier(Buffer.from(value).toString("hex"))];
        const id = await idOf({ serialNumber: "7f", extensions });
        if (id !== null) expect(id).toMatch(/^[\w-]*\.fw$/);
      }),
      { numRuns: 100 },
    );
  });
});
