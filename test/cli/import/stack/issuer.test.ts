import { expect, it } from "vitest";
import type { Declaration } from "../../../../lib/cli/import/findings/declarations";
import { printedIssuer } from "../../../../lib/cli/import/stack/issuer";

const NO_ADOPTION = { imports: [], ofIssuer: [], ofDomain: () => [], findings: [] };

/** What is printed for a domain that a client orders of a CA. */
function issuerFor(directoryUrl: string) {
  const row = { client: "certbot", directoryUrl, challenge: null, source: "/etc/a.conf" };
  const declaration = { domain: "a.tld", names: ["a.tld"], row } as unknown as Declaration;
  return printedIssuer([declaration], NO_ADOPTION, null);
}

function linesFor(directoryUrl: string): string {
  return issuerFor(directoryUrl).lines.join("\n");
}

it.each([
  "https://ca.tld/directory",
  "https://[2001:db8::1]:14000/dir",
  "https://ca.tld",
  "https://ca.tld/a%20b?c=d&e",
])("GIVEN the CA %s THEN the stack has it", (url) => {
  expect(linesFor(url)).toContain(`AcmeIssuer.directory(stack, "ca", ${JSON.stringify(url)}`);
});

it.each([
  'https://ca.tld/${file("/etc/shadow")}',
  "https://ca.tld/%{ if true }x%{ endif }",
  "https://${path.cwd}.ca.tld/directory",
  "https://ca.tld/${TfToken[TOKEN.0]}",
  "https://ca.tld/a b",
  "javascript:alert(1)",
  "http://ca.tld/directory",
])(
  "GIVEN a host that names the CA %s THEN nothing of it is in the stack, which the engine would evaluate, and it asks for the right one",
  (url) => {
    expect(linesFor(url)).not.toContain("ca.tld");
    expect(linesFor(url)).toContain("new PrivateCa(");
    expect(issuerFor(url).findings).toMatchObject([
      { code: "ca-unknown", state: "decision", names: [], places: ["/etc/a.conf"] },
    ]);
  },
);
