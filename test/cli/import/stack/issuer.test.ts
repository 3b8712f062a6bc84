import { expect, it } from "vitest";
import type { Declaration } from "../../../../lib/cli/import/findings/declarations";
import { printedIssuer } from "../../../../lib/cli/import/stack/issuer";

const NO_ADOPTION = { imports: [], ofIssuer: [], ofDomain: () => [], findings: [] };

/** The printed lines for a domain that a client orders of a CA. */
function linesFor(directoryUrl: string): string {
  const row = { client: "certbot", directoryUrl, challenge: null, source: "/etc/a.conf" };
  const declaration = { domain: "a.tld", names: ["a.tld"], row } as unknown as Declaration;
  return printedIssuer([declaration], NO_ADOPTION, null).lines.join("\n");
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
])(
  "GIVEN a host that names the CA %s THEN nothing of it is in the stack, which the engine would evaluate",
  (url) => {
    expect(linesFor(url)).not.toContain("ca.tld");
    expect(linesFor(url)).toContain("new PrivateCa(");
  },
);
