import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonTable } from "../../../lib/constructs/sni/table/json";
import { JsonError } from "../../../lib/shared/json/json-error";
import type { SniTableDocument } from "../../../lib/shared/sni-table/document";
import { parseSniTable } from "../../../lib/shared/sni-table/parse";
import { tableContents } from "./support/table-contents";

const NAME = { name: "imap.domain1.tld", certificate: "domain1.tld", entry: "a block" };
const ENDPOINT = { port: 993, protocol: "tls", sni: true };

/** A small table, with some of one of its services' members replaced. */
function tableWith(service: object, document: object = {}): string {
  return JSON.stringify({
    version: 1,
    hosts: [
      {
        stack: "mail",
        host: "mx1",
        services: [{ service: "dovecot", endpoints: [ENDPOINT], names: [NAME], ...service }],
      },
    ],
    acknowledged: [],
    leftOut: [],
    ...document,
  });
}

function refusalOf(text: string): string {
  try {
    parseSniTable(text);
  } catch (error) {
    if (error instanceof JsonError) return error.message;
    throw error;
  }
  return "read";
}

describe("parseSniTable", () => {
  it("GIVEN what the constructs write THEN it is read as it was meant", () => {
    fc.assert(
      fc.property(tableContents, (contents) => {
        const text = jsonTable(contents);
        expect(parseSniTable(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("GIVEN the table of the quickstart THEN it is read", () => {
    const table = parseSniTable(readFileSync(join(__dirname, "../../../stacks/sni-table.json"), "utf8"));
    expect(table.hosts[0]).toMatchObject({ stack: "quickstart", host: "mx1" });
    expect(table.hosts[0]?.services.length).toBeGreaterThan(0);
  });

  it.each<[what: string, text: string, message: string]>([
    ["no text", "", "The document is not JSON."],
    ["half a text", tableWith({}).slice(0, -2), "The document is not JSON"],
    ["a list", "[]", "The document is not an object."],
    ["null", "null", "The document is not an object."],
    ["no version", "{}", "version is missing."],
    [
      "another version",
      tableWith({}, { version: 2 }),
      'version is "2", which this release cannot read: it reads version 1.',
    ],
    ["no hosts", tableWith({}, { hosts: undefined }), "hosts is missing."],
    ["hosts by name", tableWith({}, { hosts: {} }), "hosts is not a list."],
    [
      "an invalid port",
      tableWith({ endpoints: [{ ...ENDPOINT, port: 70_000 }] }),
      'hosts[0].services[0].endpoints[0].port is "70000", which is not a whole number from 1 to 65535.',
    ],
    [
      "half a port",
      tableWith({ endpoints: [{ ...ENDPOINT, port: 1.5 }] }),
      'endpoints[0].port is "1.5", which is not a whole number',
    ],
    [
      "a protocol that is not known",
      tableWith({ endpoints: [{ ...ENDPOINT, protocol: "http" }] }),
      'protocol is "http", which is not one of tls, smtp, imap, pop3, sieve.',
    ],
    [
      "a protocol that objects have by themselves",
      tableWith({ endpoints: [{ ...ENDPOINT, protocol: "__proto__" }] }),
      'protocol is "__proto__", which is not one of',
    ],
    [
      "a word for true",
      tableWith({ endpoints: [{ ...ENDPOINT, sni: "yes" }] }),
      'sni is "yes", which is not true or false.',
    ],
    [
      "a name without a name",
      tableWith({ names: [{ certificate: "domain1.tld" }] }),
      "hosts[0].services[0].names[0].name is missing.",
    ],
    ["an empty name", tableWith({ names: [{ ...NAME, name: "" }] }), 'name is "", which is empty.'],
    [
      "a name without end",
      tableWith({ names: [{ ...NAME, name: "a".repeat(5000) }] }),
      "has 5000 characters, and 1000 are allowed.",
    ],
    ["a name twice", tableWith({ names: [NAME, NAME] }), 'names has "imap.domain1.tld" twice.'],
    [
      "two certificates of a name",
      tableWith({ names: [{ ...NAME, file: "/etc/ssl/a.pem" }] }),
      "names[0] has more than one of certificate, file, refused.",
    ],
    [
      "neither a certificate nor a reason",
      tableWith({ names: [{ name: "a.tld" }] }),
      "names[0] has none of certificate, file, refused, reason.",
    ],
    [
      "something that is false",
      tableWith({ names: [{ ...NAME, optional: false }] }),
      'optional is "false", which is written only where it is true.',
    ],
    [
      "what a terminal would obey",
      tableWith({ endpoints: [{ ...ENDPOINT, protocol: "\u001b[2J\u202e" }] }),
      'is "\\u001b[2J\\u202e", which',
    ],
  ])("GIVEN %s THEN it is said where and why", (_, text, message) => {
    expect(refusalOf(text)).toContain(message);
  });

  it("GIVEN members that are not known THEN they are left out", () => {
    const text = tableWith({ weight: 7 }, { generator: "later", __proto__: { hosts: [] } });
    expect(parseSniTable(text)).toEqual(parseSniTable(tableWith({})));
  });

  it("GIVEN lists in lists without end THEN they are refused", () => {
    expect(refusalOf("[".repeat(1_000_000))).toBe("The document is not JSON.");
    const nested = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(refusalOf(tableWith({}).replace('"leftOut":[]', `"leftOut":${nested}`))).toContain(
      "leftOut[0] is not an object.",
    );
  });

  it("GIVEN any change of a character, or of a value THEN it is read, or refused by its own error", () => {
    const values = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(Number.MAX_VALUE, -1, 0, 65_536, "__proto__", "constructor", "\u0000", "\u202e"),
    );
    fc.assert(
      fc.property(
        tableContents,
        fc.nat(),
        values,
        fc.string({ unit: "binary" }),
        (contents, at, value, piece) => {
          const text = jsonTable(contents);
          const position = at % text.length;
          refusalOf(text.slice(0, position) + piece + text.slice(position + 1));
          refusalOf(JSON.stringify(withReplaced(JSON.parse(text), at, value)));
        },
      ),
    );
  });
});

/** A document in which one value, whichever `at` leads to, is another. */
function withReplaced(document: SniTableDocument, at: number, value: unknown): unknown {
  const places: [holder: Record<string, unknown>, key: string][] = [];
  const walk = (holder: unknown) => {
    if (typeof holder !== "object" || holder === null) return;
    for (const key of Object.keys(holder)) {
      places.push([holder as Record<string, unknown>, key]);
      walk((holder as Record<string, unknown>)[key]);
    }
  };
  walk(document);
  const [holder, key] = places[at % places.length] as (typeof places)[number];
  holder[key] = value;
  return document;
}
