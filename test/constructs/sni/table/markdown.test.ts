import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Dovecot,
  HostNames,
  MailDomains,
  MailSni,
  PrivateCa,
  Qmail,
  SkipRows,
  SniRules,
} from "../../../../lib";
import { acmeIssuer, declare, hostOf, quietServices } from "../support/declare";
import { tableOf } from "../support/table-of";

describe("sni-table.md", () => {
  it("has a section a host, a row a name, a column a service with its ports", () => {
    const { lines } = tableOf((stack) => {
      const { sni } = declare([Qmail.standard(), Dovecot.v24()], {}, stack);
      sni.addDomain("domain2.tld", { names: HostNames.of("domain2.tld") });
    });

    expect(lines.slice(lines.indexOf("## mail / mx1"))).toEqual([
      "## mail / mx1",
      "",
      "| Name | dovecot (110, 143, 993, 995, 4190) | qmail (25, 587) |",
      "| --- | --- | --- |",
      "| `domain1.tld` | domain1.tld | domain1.tld |",
      "| `imap.domain1.tld` | domain1.tld | domain1.tld |",
      "| `mail.domain1.tld` | domain1.tld | domain1.tld |",
      "| `pop.domain1.tld` | domain1.tld | domain1.tld |",
      "| `pop3.domain1.tld` | domain1.tld | domain1.tld |",
      "| `smtp.domain1.tld` | domain1.tld | domain1.tld |",
      "| `domain2.tld` | domain2.tld | domain2.tld |",
      "| any other, or none | domain1.tld | domain1.tld |",
      "",
      "- dovecot presents nothing to a client that sends what cannot be a host name, such as `*.x` or `../x`: it ends the handshake with alert 112.",
      "- Port 465 of qmail ignores SNI: every client is presented domain1.tld.",
      "",
    ]);
  });

  it("says where and why it is the default, or not ours", () => {
    const { lines } = tableOf((stack) => {
      const otherBlocks = [{ names: ["*.domain9.tld", "Domain9.tld"], certificate: "/etc/ssl/domain9.pem" }];
      const { sni } = declare([Dovecot.v23({ otherBlocks }), Qmail.standard()].slice(0, 1), {}, stack);
      sni.addDomain("domain2.tld", { names: HostNames.core().plus(HostNames.subdomains("*")) });
    });

    expect(lines).toContain(
      "| `*.domain2.tld` | domain1.tld, **by default**: a wildcard is no entry: only the names that are listed are |",
    );
    const block = '`local_name "*.domain9.tld Domain9.tld"`';
    for (const name of ["*.domain9.tld", "domain9.tld"]) {
      expect(lines).toContain(`| \`${name}\` | \`/etc/ssl/domain9.pem\`, **unmanaged**, by ${block} |`);
    }
  });

  it("marks the names that a certificate may turn out not to have", () => {
    const { lines } = tableOf((stack) => {
      const { sni } = declare([Dovecot.v23()], {}, stack);
      sni.addDomain("domain2.tld", { issuer: acmeIssuer(stack) });
    });

    expect(lines.filter((line) => line.includes("domain2.tld"))).toEqual([
      "| `domain2.tld` | domain2.tld, *optional* |",
      "| `imap.domain2.tld` | domain2.tld |",
      "| `mail.domain2.tld` | domain2.tld |",
      "| `pop.domain2.tld` | domain2.tld, *optional* |",
      "| `pop3.domain2.tld` | domain2.tld, *optional* |",
      "| `smtp.domain2.tld` | domain2.tld |",
    ]);
    expect(lines.filter((line) => line.includes("domain1.tld")).join()).not.toContain("optional");
  });

  it("knows what two MailSni declare for one host", () => {
    const { lines } = tableOf((stack) => {
      const { mx1, issuer } = declare([Dovecot.v24()], {}, stack);
      new MailSni(stack, "second", { hosts: [mx1], issuer }).addDomain("domain2.tld");
    });

    expect(lines.filter((line) => line.startsWith("## "))).toEqual(["## mail / mx1"]);
    expect(lines).toContain("| `imap.domain2.tld` | domain2.tld |");
  });

  it("ends with the acknowledgements: each reason, then a line for each subject", () => {
    const { lines } = tableOf((stack) => {
      const { sni, mx1 } = declare([Qmail.standard(), Dovecot.v23()], {}, stack);
      for (const domain of ["domain3.tld", "domain2.tld"]) {
        sni.addDomain(domain, { names: HostNames.core().plus(HostNames.of(`www.${domain}`)) });
      }
      sni.addDomain("domain4.tld", { names: HostNames.subdomains("mail", "imap", "smtp") });
      SniRules.of(stack).acknowledge("SNI006", "DNS has\nmail. | imap. | smtp. alone");
      SniRules.of(mx1).acknowledge("SNI009", "465 is closed.");
    });

    expect(lines.slice(lines.indexOf("## Acknowledged"))).toEqual([
      "## Acknowledged",
      "",
      "- SNI006 at mail: DNS has mail. \\| imap. \\| smtp. alone",
      "  - domain4.tld, pop3.domain4.tld, pop.domain4.tld",
      "- SNI009 at mail/mx1: 465 is closed.",
      "  - port 465 of qmail on mx1",
      "",
    ]);
  });

  it("lists the skipped rows of a list, passed as a whole or domain by domain", () => {
    const directory = mkdtempSync(join(tmpdir(), "domains-"));
    const path = join(directory, "domains.txt");
    writeFileSync(path, "domain2.tld ip:192.0.2.1 > d2\n*.domain3.tld > star\ndomain4.tld > d4_rsa\n");
    const skip = [SkipRows.withoutHostName("Web | alone."), SkipRows.aliased("*_rsa", "Old.")];
    try {
      const whole = tableOf((stack) => {
        declare(quietServices(), {}, stack).sni.addDomains(MailDomains.fromDomainsTxt(path, { skip }));
      });
      const single = tableOf((stack) => {
        const { sni } = declare(quietServices(), {}, stack);
        for (const { domain, names } of MailDomains.fromDomainsTxt(path, { skip }).entries)
          sni.addDomain(domain, { names });
      });

      expect(whole.lines.slice(whole.lines.indexOf("## Listed, and not served"))).toEqual([
        "## Listed, and not served",
        "",
        `- \`d4_rsa\` of \`${path}\`: Old.`,
        `- \`domain2.tld\` of \`${path}\`: 192.0.2.1 is left out: clients never send an address as SNI.`,
        `- \`star\` of \`${path}\`: Web \\| alone.`,
        "",
      ]);
      expect(whole.json.leftOut).toContainEqual({ file: path, row: "star", reason: "Web | alone." });
      expect(single.markdown).toBe(whole.markdown);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("shows what a terminal would obey, in the name of a row that is skipped", () => {
    const directory = mkdtempSync(join(tmpdir(), "domains-"));
    const path = join(directory, "domains.txt");
    writeFileSync(path, "domain2.tld\nevil\u001b[2j\u202etld\n");
    const skip = [SkipRows.named("evil\u001b[2j\u202etld", "Not\u0007 ours.")];
    try {
      const { markdown } = tableOf((stack) => {
        declare(quietServices(), {}, stack).sni.addDomains(MailDomains.fromDomainsTxt(path, { skip }));
      });

      expect(markdown).toContain(`- \`evil\\u001b[2j\\u202etld\` of \`${path}\`: Not\\u0007 ours.`);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("has what is acknowledged by rule and place", () => {
    const { lines } = tableOf((stack) => {
      const { sni } = declare(quietServices(), {}, stack);
      const names = HostNames.subdomains("imap");
      const domain2 = sni.addDomain("domain2.tld", { names });
      sni.addDomain("domain3.tld", { names });
      SniRules.of(domain2).acknowledge("SNI006", "Nobody reads there.");
      SniRules.of(stack).acknowledge("SNI006", "DNS has imap. alone.");
    });

    expect(lines.filter((line) => line.startsWith("- SNI"))).toEqual([
      "- SNI006 at mail: DNS has imap. alone.",
      "- SNI006 at mail/sni/domain2.tld: Nobody reads there.",
    ]);
  });

  const LABELS = ["a", "b", "ab", "a-b", "xn--bcher-kva"];
  const domain = fc
    .tuple(fc.constantFrom(...LABELS), fc.constantFrom("tld", "co.uk", "b.tld"))
    .map((labels) => labels.join("."));

  it("does not depend on the order of declarations", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(domain, { minLength: 2, maxLength: 6 }),
        fc.func(fc.integer()),
        (domains, weight) => {
          const write = (order: string[]) => tableOf((stack) => domainsOn(["mx1"], order)(stack)).markdown;
          const shuffled = [...domains].sort((one, other) => weight(one) - weight(other));

          expect(write(shuffled)).toBe(write(domains));
        },
      ),
      { numRuns: 15 },
    );
  });

  it.each([
    ["Dovecot 2.3", Dovecot.v23()],
    ["qmail", Qmail.standard()],
  ])("does not say of %s that it refuses names", (_, service) => {
    expect(tableOf((stack) => declare([service], {}, stack)).markdown).not.toContain("alert");
  });

  it("has what the server's own configuration has behind all domains", () => {
    const { lines } = tableOf((stack) => {
      const otherBlocks = [
        { names: ["*.a.tld"], certificate: "/etc/ssl/a.pem" },
        { names: ["webmail.a.tld"], certificate: "/etc/ssl/webmail.pem" },
      ];
      const { sni } = declare([Dovecot.v23({ otherBlocks })], {}, stack);
      sni.addDomain("z.tld", { names: HostNames.of("z.tld", "a.tld") });
    });

    expect(lines.filter((line) => line.startsWith("| `")).map((line) => line.split("`")[1])).toEqual([
      ...HostNames.core().resolve("domain1.tld"),
      ...["z.tld", "a.tld"],
      ...["*.a.tld", "webmail.a.tld"],
    ]);
  });

  it("has a domain more or less be one hunk for each host", () => {
    fc.assert(
      fc.property(fc.uniqueArray(domain, { minLength: 1, maxLength: 6 }), ([added, ...others]) => {
        const before = tableOf(domainsOn(["mx1", "mx2"], others)).lines;
        const after = tableOf(domainsOn(["mx1", "mx2"], [...others, added as string])).lines;
        const isNew = (line: string) => line.split(" | ").length > 1 && !before.includes(line);
        const hunks = after.filter((line, index) => isNew(line) && !isNew(after[index - 1] ?? ""));

        expect(hunks).toHaveLength(2);
      }),
      { numRuns: 15 },
    );
  });

  it("has a domain more or less change the rows of its own names alone", () => {
    fc.assert(
      fc.property(fc.uniqueArray(domain, { minLength: 1, maxLength: 6 }), ([added, ...others]) => {
        const before = tableOf(domainsOn(["mx1", "mx2"], others)).lines;
        const after = tableOf(domainsOn(["mx1", "mx2"], [...others, added as string])).lines;
        const names = HostNames.core().resolve(added as string);

        expect(after.filter((line) => !names.some((name) => line.startsWith(`| \`${name}\` |`)))).toEqual(
          before,
        );
        expect(after).toHaveLength(before.length + 2 * names.length);
      }),
      { numRuns: 15 },
    );
  });

  it("has a host more or less add a section alone", () => {
    const fewer = tableOf(domainsOn(["mx1", "mx3"], ["a.tld"])).markdown;
    const more = tableOf(domainsOn(["mx1", "mx2", "mx3"], ["a.tld"])).markdown;
    const section = /^## mail \/ mx2\n.*?(?=^## )/ms;

    expect(more).toMatch(section);
    expect(more.replace(section, "")).toBe(fewer);
  });

  /** Beside the default domain. */
  function domainsOn(hosts: readonly string[], domains: readonly string[]) {
    return (stack: Parameters<typeof hostOf>[0]) => {
      const sni = new MailSni(stack, "sni", {
        hosts: hosts.map((id) => hostOf(stack, id, quietServices())),
        issuer: new PrivateCa(stack, "ca"),
        defaultDomain: "domain1.tld",
      });
      for (const name of ["domain1.tld", ...domains]) sni.addDomain(name);
    };
  }
});
