import { domainToUnicode } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MailSniError } from "../../lib/shared/errors";
import {
  covers,
  hasName,
  isWildcard,
  parseCertificateName,
  parseHostName,
  withoutCovered,
} from "../../lib/shared/host-name";

function errorOf(action: () => unknown): MailSniError {
  try {
    action();
  } catch (error) {
    if (error instanceof MailSniError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const codeOf = (name: string) => errorOf(() => parseHostName(name)).code;

const ldhLabel = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/).filter((l) => !/^..--/.test(l));
const idnLabel = fc.constantFrom("bücher", "münchen", "faß", "ελληνικά", "пример", "例え", "東京", "aé");
const topLevelDomain = fc.constantFrom("tld", "org", "co.uk", "test", "рф");
const writtenName = fc
  .tuple(fc.array(fc.oneof(ldhLabel, idnLabel), { minLength: 1, maxLength: 4 }), topLevelDomain)
  .map(([labels, tld]) => [...labels, tld].join("."));

describe("parseHostName", () => {
  it.each([
    ["domain1.tld", "domain1.tld"],
    ["Mail.EXAMPLE.Co.UK", "mail.example.co.uk"],
    ["domain1.tld.", "domain1.tld"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["BÜCHER.Example", "xn--bcher-kva.example"],
    ["faß.de", "xn--fa-hia.de"],
    ["XN--BCHER-KVA.example", "xn--bcher-kva.example"],
    ["bücher。example。", "xn--bcher-kva.example"],
    ["1und1.de", "1und1.de"],
    ["a--b.tld", "a--b.tld"],
    [`${"a".repeat(63)}.tld`, `${"a".repeat(63)}.tld`],
  ])("GIVEN %j THEN it is %j", (input, expected) => {
    expect(parseHostName(input)).toBe(expected);
  });

  it.each([
    ["", "HOST_NAME_EMPTY"],
    [".", "HOST_NAME_EMPTY"],
    ["..", "HOST_NAME_INVALID"],
    ["a..tld", "HOST_NAME_INVALID"],
    [".domain1.tld", "HOST_NAME_INVALID"],
    ["domain1.tld..", "HOST_NAME_INVALID"],
    ["domain1 .tld", "HOST_NAME_INVALID"],
    [" domain1.tld", "HOST_NAME_INVALID"],
    ["domain1.tld\n", "HOST_NAME_INVALID"],
    ["domain1.tld\0", "HOST_NAME_INVALID"],
    ["../../etc/passwd", "HOST_NAME_INVALID"],
    ["bücher.tld/x", "HOST_NAME_INVALID"],
    ["x@bücher.tld", "HOST_NAME_INVALID"],
    ["bücher.tld:25", "HOST_NAME_INVALID"],
    ["a%2e.bücher.tld", "HOST_NAME_INVALID"],
    ["_dmarc.domain1.tld", "HOST_NAME_INVALID"],
    ["ü.a＿b.tld", "HOST_NAME_INVALID"],
    ["-a.tld", "HOST_NAME_INVALID"],
    ["a-.tld", "HOST_NAME_INVALID"],
    ["-ä.tld", "HOST_NAME_INVALID"],
    ["ab--cd.tld", "HOST_NAME_INVALID"],
    ["xn--.tld", "HOST_NAME_INVALID"],
    ["xn--abc-.tld", "HOST_NAME_INVALID"],
    ["xn--a.tld", "HOST_NAME_INVALID"],
    ["xn--_b-uia.tld", "HOST_NAME_INVALID"],
    ["xn--ä.tld", "HOST_NAME_INVALID"],
    ["a\u200d.tld", "HOST_NAME_INVALID"],
    ["192.0.2.1", "HOST_NAME_IP_ADDRESS"],
    ["0x7f.1", "HOST_NAME_IP_ADDRESS"],
    ["０x7f.1", "HOST_NAME_IP_ADDRESS"],
    ["2130706433", "HOST_NAME_IP_ADDRESS"],
    ["mail.0x10", "HOST_NAME_IP_ADDRESS"],
    ["::1", "HOST_NAME_IP_ADDRESS"],
    ["[2001:db8::1]", "HOST_NAME_IP_ADDRESS"],
    ["localhost", "HOST_NAME_SINGLE_LABEL"],
    ["mail.", "HOST_NAME_SINGLE_LABEL"],
    ["*.domain1.tld", "HOST_NAME_WILDCARD"],
    ["*", "HOST_NAME_WILDCARD"],
    [`\${TfToken[TOKEN.1]}`, "HOST_NAME_NOT_LITERAL"],
    [`\${TfToken[TOKEN.1]}.tld`, "HOST_NAME_NOT_LITERAL"],
    [`${"a".repeat(64)}.tld`, "HOST_NAME_TOO_LONG"],
    [`${"ü".repeat(62)}.tld`, "HOST_NAME_TOO_LONG"],
    [`${"a.".repeat(126)}tld`, "HOST_NAME_TOO_LONG"],
    ["ü".repeat(1_000_000), "HOST_NAME_TOO_LONG"],
  ])("GIVEN %.40j THEN it is refused with %s", (input, code) => {
    expect(codeOf(input)).toBe(code);
  });

  it("GIVEN 253 characters THEN they are accepted, the trailing dot not counted", () => {
    const name = `${"a.".repeat(125)}tld`;
    expect(name).toHaveLength(253);
    expect(parseHostName(`${name}.`)).toBe(name);
  });

  it.each([
    ["https://mail.domain1.tld/webmail", "mail.domain1.tld"],
    ["postmaster@domain1.tld", "domain1.tld"],
    ["IMAP.domain1.tld:993", "imap.domain1.tld"],
    [" domain1.tld ", "domain1.tld"],
  ])("GIVEN %j THEN the error says to write %j", (input, meant) => {
    expect(errorOf(() => parseHostName(input)).remedy).toContain(`: ${meant}.`);
  });

  it("GIVEN any text THEN it gives a host name or an error with a code, which names the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.domain(), fc.webUrl(), fc.ipV6()), (input) => {
        let name: string;
        try {
          name = parseHostName(input);
        } catch (error) {
          expect(error).toBeInstanceOf(MailSniError);
          expect((error as MailSniError).message.length).toBeLessThan(700);
          return;
        }
        expect(name).toMatch(
          /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*$/,
        );
      }),
    );
  });

  it("GIVEN any name as people write it THEN parsing again, in Unicode or in capitals, gives the same", () => {
    fc.assert(
      fc.property(writtenName, (written) => {
        const name = parseHostName(written);
        expect(parseHostName(name)).toBe(name);
        expect(parseHostName(`${name.toUpperCase()}.`)).toBe(name);
        expect(parseHostName(domainToUnicode(name))).toBe(name);
      }),
    );
  });
});

describe("parseCertificateName", () => {
  it("GIVEN a name THEN it is parsed like a host name", () => {
    expect(parseCertificateName("Bücher.example.")).toBe("xn--bcher-kva.example");
    expect(isWildcard(parseCertificateName("domain1.tld"))).toBe(false);
  });

  it("GIVEN an asterisk as the whole first label THEN it is a wildcard", () => {
    const name = parseCertificateName("*.BÜCHER.example.");
    expect(name).toBe("*.xn--bcher-kva.example");
    expect(isWildcard(name)).toBe(true);
  });

  it.each([
    ["*", "HOST_NAME_WILDCARD_MISPLACED"],
    ["a*.domain1.tld", "HOST_NAME_WILDCARD_MISPLACED"],
    ["a.*.tld", "HOST_NAME_WILDCARD_MISPLACED"],
    ["*.*.tld", "HOST_NAME_WILDCARD_MISPLACED"],
    ["*.tld", "HOST_NAME_SINGLE_LABEL"],
    ["*.", "HOST_NAME_EMPTY"],
    [`*.${"a.".repeat(125)}tld`, "HOST_NAME_TOO_LONG"],
  ])("GIVEN %.40j THEN it is refused with %s", (input, code) => {
    expect(errorOf(() => parseCertificateName(input)).code).toBe(code);
  });
});

describe("covers", () => {
  const name = parseHostName("imap.domain1.tld");

  it.each([
    [["imap.domain1.tld"], true],
    [["IMAP.Domain1.tld"], true],
    [["*.domain1.tld"], true],
    [["domain1.tld", "*.DOMAIN1.tld"], true],
    [["domain1.tld"], false],
    [["*.imap.domain1.tld"], false],
    [["*.tld"], false],
    [["*"], false],
    [["i*.domain1.tld"], false],
    [["*.*.tld"], false],
    [["imap.domain1.tld."], false],
    [["imap.*.tld"], false],
    [[], false],
  ])("GIVEN the SANs %j THEN imap.domain1.tld is covered: %s", (sans, expected) => {
    expect(covers(sans, name)).toBe(expected);
  });

  it("GIVEN a wildcard THEN neither its parent nor two labels below it are covered", () => {
    expect(covers(["*.domain1.tld"], parseHostName("domain1.tld"))).toBe(false);
    expect(covers(["*.domain1.tld"], parseHostName("a.imap.domain1.tld"))).toBe(false);
    expect(covers(["*.tld"], parseHostName("domain1.tld"))).toBe(false);
  });

  it("GIVEN any name THEN it is covered by itself and by the wildcard in its first place, and by no other name", () => {
    fc.assert(
      fc.property(writtenName.map(parseHostName), writtenName.map(parseHostName), (one, other) => {
        expect(covers([one], one)).toBe(true);
        expect(covers([`*.${one}`], parseHostName(`x.${one}`))).toBe(true);
        expect(covers([other], one)).toBe(one === other);
        expect(covers([`*.${other}`], one)).toBe(one.slice(one.indexOf(".") + 1) === other);
      }),
    );
  });
});

describe("withoutCovered", () => {
  it.each([
    [
      ["d.tld", "imap.d.tld", "*.d.tld"],
      ["d.tld", "*.d.tld"],
    ],
    [
      ["*.d.tld", "imap.d.tld", "eu.imap.d.tld"],
      ["*.d.tld", "eu.imap.d.tld"],
    ],
    [
      ["imap.d.tld", "*.imap.d.tld"],
      ["imap.d.tld", "*.imap.d.tld"],
    ],
    [["imap.d.tld"], ["imap.d.tld"]],
  ])("GIVEN %j THEN a certificate is ordered for %j", (names, ordered) => {
    expect(withoutCovered(names)).toEqual(ordered);
  });

  it("GIVEN any names THEN what is left covers all of them, and nothing in it covers another", () => {
    const label = fc.constantFrom("*", "imap", "smtp", "eu");
    const name = fc
      .tuple(label, fc.constantFrom("d.tld", "imap.d.tld", "e.tld"))
      .map(([first, parent]) => parseCertificateName(`${first}.${parent}`));
    fc.assert(
      fc.property(fc.uniqueArray(name), (names) => {
        const ordered = withoutCovered(names);
        for (const each of names) expect(hasName(ordered, each)).toBe(true);
        for (const each of ordered)
          expect(
            hasName(
              ordered.filter((other) => other !== each),
              each,
            ),
          ).toBe(false);
      }),
    );
  });
});
