import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorIn } from "../../../lib/cli/engine/failure";
import { withoutPasswords } from "../../../lib/cli/engine/without-passwords";

describe("withoutPasswords", () => {
  /** As Terraform 1.11.4 and OpenTofu 1.12.6 print them. */
  it.each([
    'parse "postgres://mail:hu%sh@db.test/tfstate": invalid URL escape "%sh"',
    'parse "postgres://mail:hush/hush@db.test/tfstate": invalid port ":hush" after host',
    'parse "postgres://mail:hush": invalid port ":hush" after host',
    'parse "postgres://mail:hu\\"hush@db.test": net/url: invalid userinfo',
    'Get "https://mail:hush@state.test/mail": connection refused',
    "cannot connect: host=db.test password=hush sslmode=disable",
    "cannot connect: host=db.test sslpassword = 'hush hush' user=x",
    "cannot connect: postgres://db.test/tfstate?password=hush&sslmode=disable",
  ])("GIVEN %s THEN the password is left out", (words) => {
    expect(withoutPasswords(words)).not.toContain("hush");
    expect(errorIn(`│ Error: ${words}\n`)).not.toContain("hush");
  });

  it.each([
    'pq: password authentication failed for user "mail" (28P01)',
    "At root@mx1.domain1.tld:22: its host key is not known.",
    "https://acme.test/directory: no answer; write to postmaster@domain1.tld",
  ])("GIVEN %s THEN it stays", (words) => {
    expect(withoutPasswords(words)).toBe(words);
  });

  it("GIVEN any password in a URL THEN none of it is left", () => {
    const password = fc.stringMatching(/^[A-Z0-9%#?/ ]{4,20}$/);
    fc.assert(
      fc.property(password, (secret) => {
        const words = `parse ${JSON.stringify(`postgres://mail:${secret}@db.test/t`)}: invalid port ":${secret}"`;
        expect(withoutPasswords(words)).not.toContain(secret);
      }),
    );
  });

  it.each([
    "://".repeat(350_000),
    ":".repeat(1_000_000),
    `parse "a://${"\\".repeat(1_000_000)}`,
    'parse "a://'.repeat(100_000),
    "password='".repeat(100_000),
  ])("GIVEN a megabyte of %.12s… THEN it comes to an end, and what is kept is bounded", (words) => {
    expect(withoutPasswords(words).length).toBeLessThan(20_000);
  });
});
