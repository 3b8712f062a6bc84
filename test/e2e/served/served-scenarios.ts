import { readdirSync } from "node:fs";
import { expect, it, vi } from "vitest";
import { HostNames } from "../../../lib";
import { withDefault } from "./domains";
import { type Domains, NO_NAME, type ServedHost } from "./served-host";

export interface Scenario {
  readonly mail: ServedHost;
  /** Below which everything is that the stack writes. */
  readonly directory: string;
}

export interface ScenarioDomains {
  /** Among them `domain1.tld`, the default, `domain2.tld` with the usual names, and `single.test`. */
  readonly domains: Domains;
  /** Whose certificate a client is presented that sends each of these names. */
  readonly expected: Readonly<Record<string, string>>;
}

/**
 * Who is presented what by a server that a stack configures, whichever it is.
 *
 * @param given what a suite has set up, with `domains` deployed
 */
export function servedScenarios(given: () => Scenario, { domains, expected }: ScenarioDomains): void {
  it("THEN each name is presented its own certificate on all ports, and all others the default", async () => {
    expect(await given().mail.presented(Object.keys(expected))).toEqual(expected);
  });

  it("THEN the table has what is presented, and so has the rule that it comes from", async () => {
    const { mail } = given();
    const predicted = mail.predicted();
    expect(await mail.presented(Object.keys(predicted))).toEqual(predicted);
    for (const [name, owner] of Object.entries(expected)) {
      if (name !== NO_NAME) expect(mail.lookedUp(name), name).toBe(owner);
    }
  });

  it("THEN nothing is left to be done", async () => {
    expect((await given().mail.project.plan()).exitCode).toBe(0);
  });

  it("WHEN a domain gets more names, or another kind of key THEN its new certificate is presented", async () => {
    const { mail } = given();
    const { changes } = await mail.deploy({
      ...domains,
      "domain2.tld": { names: HostNames.core().plus(HostNames.subdomains("sieve")) },
      "single.test": { ...domains["single.test"], issuer: "rsa" },
    });
    expect(changes).toEqual({
      "mailsni_private_certificate.c_domain2_tld": "update",
      "mailsni_host_files.d_domain2_tld__mx1": "update",
      "mailsni_private_certificate.c_single_test": "update",
      "mailsni_host_files.d_single_test__mx1": "update",
    });
    // By fingerprint: an earlier certificate would not go by the name of its domain.
    const now = { ...expected, "sieve.domain2.tld": "domain2.tld" };
    expect(await mail.presented(Object.keys(now))).toEqual(now);
  });

  it("WHEN a domain is no longer declared THEN its names are presented the default, and its files are gone", async () => {
    const { mail, directory } = given();
    await mail.deploy({ ...domains, "gone.test": {} });
    const names = ["gone.test", "imap.gone.test"];
    expect(await mail.presented(names)).toEqual({ "gone.test": "gone.test", "imap.gone.test": "gone.test" });
    const { changes } = await mail.deploy(domains);
    expect(changes).toEqual({
      "mailsni_private_certificate.c_gone_test": "delete",
      "mailsni_host_files.d_gone_test__mx1": "delete",
    });
    const left = readdirSync(directory, { recursive: true, encoding: "utf8" });
    expect(left.filter((file) => file.includes("gone.test"))).toEqual([]);
    // A server may take a moment after it was told.
    const orphaned = { "gone.test": "domain1.tld", "imap.gone.test": "domain1.tld" };
    await vi.waitFor(async () => expect(await mail.presented(names)).toEqual(orphaned), 10_000);
    expect(await mail.presented(Object.keys(expected))).toEqual(expected);
  });

  it("WHEN another domain becomes the default THEN a certificate is presented at every moment", async () => {
    const { mail } = given();
    await mail.deploy(domains);
    const { result, seen } = await mail.watch(NO_NAME, () =>
      mail.deploy(withDefault("domain2.tld", domains)),
    );
    expect(result.changes).toEqual({ "mailsni_host_files.default__mx1": "update" });
    expect([...seen].filter((owner) => owner !== "domain1.tld" && owner !== "domain2.tld")).toEqual([]);
    const names = [NO_NAME, "unknown.test", "imap.domain1.tld", "imap.domain2.tld"];
    expect(await mail.presented(names)).toEqual({
      [NO_NAME]: "domain2.tld",
      "unknown.test": "domain2.tld",
      "imap.domain1.tld": "domain1.tld",
      "imap.domain2.tld": "domain2.tld",
    });
  });
}
