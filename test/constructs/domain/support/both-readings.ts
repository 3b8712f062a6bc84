import fc from "fast-check";
import { domainsTxtFiles } from "../../../../lib/constructs/domain/domains-txt-files";
import { directoryOf, readDomainsTxt } from "../../../../lib/shared/dehydrated/domains-txt";
import { type DehydratedCertificate, readByDehydrated } from "../../../support/dehydrated";

interface Reading {
  readonly certificates: readonly DehydratedCertificate[];
  /** Whether dehydrated ends at a row. */
  readonly ends: boolean;
}

/** What the library and a real dehydrated read, up to the row that dehydrated ends at: what is behind it is not seen. */
export async function readByBoth(
  script: string,
  path: string,
): Promise<{ readonly ours: Reading; readonly theirs: Reading }> {
  const { certificates, refusal } = await readByDehydrated(script, path);
  const rows = domainsTxtFiles(path).flatMap((file) => readDomainsTxt(file.text, file.path));
  const end = rows.findIndex(({ aliasFault }) => aliasFault === "several" || aliasFault === "wildcard");
  const ours = (end === -1 ? rows : rows.slice(0, end)).map((row) => ({
    directory: directoryOf(row),
    names: row.names,
  }));
  return {
    ours: { certificates: ours, ends: end !== -1 },
    theirs: { certificates, ends: refusal !== undefined },
  };
}

const NAMES = [
  "a.tld",
  "IMAP.A.tld",
  "*.a.tld",
  "ip:192.0.2.1",
  "192.0.2.1",
  "bücher.example",
  "b.tld.",
  "-n",
  "$(id)",
];
const name = fc.constantFrom(...NAMES);
const blank = fc.constantFrom(" ", "  ", "\t", " \t ", "\v", "\f");
const around = fc.constantFrom("", "", " ", "\t", " \v");
const alias = fc.constantFrom(
  "> star",
  ">Star_RSA",
  " >star",
  "> ü",
  ">",
  "> a > b",
  ">>c",
  "> *.a.tld",
  "> two words",
);
const tail = fc.oneof(
  { weight: 5, arbitrary: fc.constant("") },
  { weight: 3, arbitrary: alias },
  { weight: 1, arbitrary: fc.constantFrom(" \\", "\\", " # shop", "#x", "\u00a0", " \ufeff") },
);
const row = fc
  .tuple(around, fc.array(name, { minLength: 1, maxLength: 3 }), blank, tail, around)
  .map(([before, names, between, end, after]) => before + names.join(between) + end + after);
const comment = fc.constantFrom("", "  ", "# a comment", "\t#a.tld", "# C:\\", "# a.tld > b > c");
const line = fc.oneof({ weight: 4, arbitrary: row }, { weight: 1, arbitrary: comment });
const ending = fc.constantFrom("\n", "\r\n", "\n\n", "\r\r\n");
/** Any file that a user may have written. */
export const domainsTxt = fc
  .tuple(
    fc.array(fc.tuple(line, ending), { minLength: 1, maxLength: 6 }),
    fc.constantFrom("", "z.tld", "# end"),
  )
  .map(([lines, last]) => lines.flat().join("") + last);
