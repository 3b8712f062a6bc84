import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { domainsTxt, readByBoth } from "../../constructs/domain/support/both-readings";
import { readByDehydrated, TRIXIE_DEHYDRATED } from "../../support/dehydrated";
import { dehydratedWithDropIns, describeIf } from "../../support/requirements";

const MOST_MILLISECONDS = 300_000;

describeIf(dehydratedWithDropIns, "domains.txt.d, beside the dehydrated of Debian 13", () => {
  async function within<T>(
    files: Readonly<Record<string, string>>,
    read: (path: string) => Promise<T>,
  ): Promise<T> {
    const directory = mkdtempSync(join(tmpdir(), "domains-"));
    try {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(directory, name)), { recursive: true });
        writeFileSync(join(directory, name), text);
      }
      return await read(join(directory, "domains.txt"));
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  const terminated = domainsTxt.map((text) => (text === "" || text.endsWith("\n") ? text : `${text}\n`));
  const name = fc.constantFrom(
    "a.txt",
    "B.txt",
    "10.txt",
    "9.txt",
    ".hidden.txt",
    "a.bak",
    "a.TXT",
    "a.txt~",
  );
  const dropIns = fc.dictionary(
    name.map((file) => `domains.txt.d/${file}`),
    terminated,
    { maxKeys: 4 },
  );

  it(
    "THEN both read the same certificates out of any files, in the same order",
    async () => {
      await fc.assert(
        fc.asyncProperty(terminated, dropIns, async (text, more) => {
          const { ours, theirs } = await within({ "domains.txt": text, ...more }, (path) =>
            readByBoth(TRIXIE_DEHYDRATED, path),
          );
          expect(ours).toEqual(theirs);
        }),
        { numRuns: 60 },
      );
    },
    MOST_MILLISECONDS,
  );

  it("THEN it joins the lines of two files where no newline is between them, which is why that is refused", async () => {
    const files = { "domains.txt": "a.tld b", "domains.txt.d/a.txt": "c.tld\n" };
    const { certificates } = await within(files, (path) => readByDehydrated(TRIXIE_DEHYDRATED, path));

    expect(certificates.map(({ names }) => names)).toEqual([["a.tld", "bc.tld"]]);
  });
});
