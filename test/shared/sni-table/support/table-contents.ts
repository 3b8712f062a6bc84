import fc from "fast-check";
import { Lookup, MailProtocol, type ServedCertificate } from "../../../../lib";
import type { TableContents } from "../../../../lib/constructs/sni/table/contents";

const word = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/),
  fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
  // What the writer breaks lines at, as a part of a text.
  fc.constant('},{"name":"x"'),
);
const certificate = fc.record({ name: word, names: fc.array(word), pem: fc.constant("") });

function lookups(name: string): fc.Arbitrary<Lookup> {
  return fc.oneof(
    fc
      .tuple(certificate, word, fc.boolean())
      .map(([served, entry, optional]) =>
        Lookup.found({ ...served, optionalNames: optional ? [name] : [] } as ServedCertificate, entry),
      ),
    fc.tuple(word, word, fc.option(word, { nil: undefined })).map((given) => Lookup.other(...given)),
    word.map((reason) => Lookup.byDefault(reason)),
    word.map((reason) => Lookup.refusal(reason)),
  );
}

const endpoint = fc.record(
  {
    port: fc.integer({ min: 1, max: 65_535 }),
    protocol: fc.constantFrom(...Object.values(MailProtocol)),
    sni: fc.boolean(),
  },
  { requiredKeys: ["port", "protocol"] },
);

function service(names: readonly string[]) {
  return fc.record({
    service: fc.record({ name: word, endpoints: fc.array(endpoint, { maxLength: 4 }) }),
    lookups: fc.tuple(...names.map(lookups)),
    refusesMalformedNames: fc.boolean(),
  });
}

const host = fc.uniqueArray(word, { maxLength: 6 }).chain((names) =>
  fc.record(
    {
      stack: word,
      host: word,
      names: fc.constant(names),
      services: fc.uniqueArray(service(names), {
        maxLength: 3,
        selector: (one) => one.service.name,
      }),
      defaultDomain: word,
    },
    { requiredKeys: ["stack", "host", "names", "services"] },
  ),
);

/** Any table that the constructs can come to write: of hosts and services, what the writer looks at. */
export const tableContents = fc.record({
  hosts: fc.uniqueArray(host, { maxLength: 3, selector: (one) => `${one.stack} / ${one.host}` }),
  acknowledged: fc.array(fc.record({ code: word, at: word, reason: word, subject: word }), { maxLength: 2 }),
  leftOut: fc.array(fc.record({ file: word, row: word, reason: word }), { maxLength: 2 }),
}) as unknown as fc.Arbitrary<TableContents>;
