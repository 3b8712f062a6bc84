import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { rowsText, withCommonNameFirst } from "../../../../lib/constructs/host/renewal/rows-text";
import { readDomainsTxt } from "../../../../lib/shared/dehydrated/domains-txt";
import { DEHYDRATED, readByDehydrated } from "../../../support/dehydrated";
import { dehydrated, describeIf } from "../../../support/requirements";

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join("."));
const rows = fc.uniqueArray(
  fc.record({
    alias: name,
    names: fc.array(
      fc.oneof(
        name,
        name.map((each) => `*.${each}`),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  { selector: ({ alias }) => alias, maxLength: 6 },
);

const scratch = mkdtempSync(join(tmpdir(), "mail-sni-rows-"));
afterAll(() => rmSync(scratch, { recursive: true }));

describe("domains.txt of a host", () => {
  it("GIVEN any rows THEN the library reads them back: each with its alias, wildcards first or not", () => {
    fc.assert(
      fc.property(rows, (given) => {
        const read = readDomainsTxt(rowsText(given), "domains.txt");
        expect(read.map(({ names, alias, aliasFault }) => ({ names, alias, aliasFault }))).toEqual(
          given.map(({ names, alias }) => ({ names: [...names], alias, aliasFault: undefined })),
        );
      }),
    );
  });
});

describeIf(dehydrated, "domains.txt of a host, beside Debian's dehydrated", () => {
  it("GIVEN a row that begins with a wildcard in front of others THEN Debian's dehydrated orders all of them", async () => {
    const given = [
      { alias: "b.tld", names: ["*.b.tld", "b.tld"] },
      { alias: "xn--bcher-kva.tld", names: ["imap.xn--bcher-kva.tld"] },
    ];
    const path = join(scratch, "domains.txt");
    writeFileSync(path, rowsText(given));
    expect(await readByDehydrated(DEHYDRATED, path)).toEqual({
      certificates: given.map(({ alias, names }) => ({ directory: alias, names })),
      refusal: undefined,
    });
  });
});

describe("the first name, which dehydrated makes a CN of", () => {
  const long = `${"a".repeat(60)}.b.tld`;

  it("is the first one that is short enough, and the others keep their order", () => {
    expect(withCommonNameFirst(["a.tld", "b.tld"])).toEqual(["a.tld", "b.tld"]);
    expect(withCommonNameFirst([long, "a.tld", "b.tld"])).toEqual(["a.tld", long, "b.tld"]);
  });

  it("GIVEN none with up to 64 characters THEN there is none", () => {
    expect(withCommonNameFirst([long])).toBeUndefined();
    expect(withCommonNameFirst([`${"a".repeat(60)}.tld`])).toHaveLength(1);
  });
});
