import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MailDomains } from "../../lib";

describe("MailDomains.fromDomainsTxt", () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "domains-"));
    path = join(directory, "domains.txt");
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  it("takes the first row's domain as the default", () => {
    writeFileSync(path, "# first comes\ndomain1.tld imap.domain1.tld\ndomain2.tld\n");

    const domains = MailDomains.fromDomainsTxt(path);

    expect(domains.defaultDomain).toBe("domain1.tld");
    expect(domains.entries.map(({ domain }) => domain)).toEqual(["domain1.tld", "domain2.tld"]);
  });

  it("takes another default where one is given, in any spelling", () => {
    writeFileSync(path, "domain1.tld\nbücher.example\n");

    expect(MailDomains.fromDomainsTxt(path, { defaultDomain: "BÜCHER.example" }).defaultDomain).toBe(
      "xn--bcher-kva.example",
    );
  });

  it("refuses a default that is not listed", () => {
    writeFileSync(path, "domain1.tld\n");

    expect(() => MailDomains.fromDomainsTxt(path, { defaultDomain: "domain3.tld" })).toThrow(
      expect.objectContaining({ code: "DEFAULT_NOT_DECLARED", problem: expect.stringContaining(path) }),
    );
  });

  it("refuses a domain with two rows, and names both", () => {
    writeFileSync(path, "a.tld\nb.tld\nA.tld imap.a.tld\n");

    expect(() => MailDomains.fromDomainsTxt(path)).toThrow(
      expect.objectContaining({
        code: "DOMAIN_TWICE",
        problem: expect.stringMatching(/domains\.txt:3.*domains\.txt:1.*domains\.txt:3/s),
      }),
    );
  });

  it("says which file cannot be read", () => {
    expect(() => MailDomains.fromDomainsTxt(path)).toThrow(
      expect.objectContaining({ code: "DOMAINS_TXT_UNREADABLE", problem: expect.stringContaining(path) }),
    );
  });
});
