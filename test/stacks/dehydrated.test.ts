import { describe, expect, it } from "vitest";
import { DehydratedStack } from "../../stacks/dehydrated";
import { synthesized, testApp } from "../support/synthesized";

describe("the example of a host that issues its certificates itself", () => {
  it("has a row for each domain, the default first, and no certificate in any resource", () => {
    const { resource } = synthesized(new DehydratedStack(testApp(), "dehydrated"));
    const { files } = resource.mailsni_host_files.dehydrated__mx1;
    expect(files["/etc/mail-sni/dehydrated/domains.txt"].text.split("\n").slice(1)).toEqual([
      "imap.domain1.tld pop3.domain1.tld smtp.domain1.tld > domain1.tld",
      "imap.domain2.tld pop3.domain2.tld smtp.domain2.tld > domain2.tld",
      "",
    ]);
    expect(Object.keys(resource)).not.toContain("mailsni_acme_certificate");
    expect(JSON.stringify(resource)).not.toContain("secrets");
  });
});
