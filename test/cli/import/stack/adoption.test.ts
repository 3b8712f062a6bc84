import { expect, it } from "vitest";
import { Certificates } from "../../../../lib/cli/import/findings/certificates";
import type { Declaration } from "../../../../lib/cli/import/findings/declarations";
import { printedAdoption } from "../../../../lib/cli/import/stack/adoption";
import { issue } from "../../../support/certificates";

it("GIVEN files with braces in their paths THEN the stack adopts none of them, which the constructs would refuse", async () => {
  const { pem } = await issue({ dnsNames: ["a.tld"] });
  const here = { kind: "here", pathOf: (path: string) => path, isThere: () => true } as const;
  const printed = (certificate: string, key: string, accountKey: string) => {
    const file = { certificates: [pem], keys: [], broken: 0 };
    const facts = { pems: new Map([[certificate, file]]), publicKeys: new Map<string, string>() };
    const certificates = new Certificates({ ...facts, listing: undefined as never }, new Date());
    facts.publicKeys.set(key, certificates.leafAt(certificate)?.spkiSha256 ?? "");
    const row = { accountKey };
    const declaration = {
      domain: "a.tld",
      names: ["a.tld"],
      pair: { certificate, key },
      row,
    } as unknown as Declaration;
    const { ofIssuer, ofDomain } = printedAdoption([declaration], certificates, here, new Set());
    return [...ofIssuer, ...ofDomain(declaration)].join("\n");
  };
  expect(printed("/a/c.pem", "/a/k.pem", "/a/account")).toMatch(
    /adoptAccountKey: "\/a\/account",\nadoptFrom: .*k\.pem/s,
  );
  for (const evil of ['/${file("/etc/shadow")}', "/{domain}", "/%{x}", "/\u001b[2J"]) {
    expect(printed(evil, "/a/k.pem", "/a/account")).not.toContain("adoptFrom");
    expect(printed("/a/c.pem", evil, "/a/account")).not.toContain("adoptFrom");
    expect(printed("/a/c.pem", "/a/k.pem", evil)).not.toContain("adoptAccountKey");
  }
});
