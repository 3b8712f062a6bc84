import { describe, expect, it } from "vitest";
import { parseDoveconfListing } from "../../../lib/constructs/service/doveconf-listing";

const HEAD_23 = "# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf\n# Hostname: mx1\n";
const HEAD_24 = "# 2.4.1-4 (7d8c0e5759): /etc/dovecot/dovecot.conf\ndovecot_config_version = 2.4.0\n";

const parse = (text: string) => parseDoveconfListing(text, "mx1.txt");

function refusal(code: string, ...mentioned: string[]) {
  const problem = expect.stringMatching(new RegExp(mentioned.map((text) => `(?=.*${text})`).join(""), "s"));
  return expect.objectContaining({ code, problem });
}

/** As 2.3 prints a block. */
function block(names: string, certificate: string): string {
  return `local_name ${names} {
  ssl_cert = <${certificate}
  ssl_key = # hidden, use -P to show it
}
`;
}

describe("what doveconf -n prints", () => {
  it("GIVEN Dovecot 2.3 THEN names in one string are several, and the sign in front of the path is gone", () => {
    const text = `${HEAD_23}ssl_cert = </etc/ssl/global.pem
service imap-login {
  inet_listener imaps {
    port = 993
  }
}
${block("A.test  b.test", "/etc/ssl/a.pem")}${block("*.c.test", "/etc/ssl/c.pem")}`;

    expect(parse(text)).toEqual([
      { names: ["A.test", "b.test"], certificate: "/etc/ssl/a.pem" },
      { names: ["*.c.test"], certificate: "/etc/ssl/c.pem" },
    ]);
  });

  it("GIVEN Dovecot 2.4 THEN the file in the block ssl_server, however that is written", () => {
    const text = `${HEAD_24}ssl_server {
  cert_file = /etc/ssl/global.pem
}
local_name a.test {
  mail_debug = yes
  ssl_server {
    cert_file = /etc/ssl/a.pem
    key_file = /etc/ssl/a.key
  }
}
local_name b.test {
  ssl_server_cert_file = /etc/ssl/b.pem
}
`;

    expect(parse(text)).toEqual([
      { names: ["a.test"], certificate: "/etc/ssl/a.pem" },
      { names: ["b.test"], certificate: "/etc/ssl/b.pem" },
    ]);
  });

  it("leaves out blocks that present nothing, since Dovecot takes the certificate of the next one", () => {
    expect(parse(`${HEAD_23}local_name a.test {\n  mail_debug = yes\n}\n`)).toEqual([]);
  });

  it("leaves out blocks of this library, and says on which side of them the others are", () => {
    const text = [
      HEAD_23,
      block("*.a.test", "/etc/ssl/before.pem"),
      block("a.test imap.a.test a.test", "/etc/dovecot/mail-sni/a.test.pem"),
      block("b.test b.test", "/etc/dovecot/mail-sni/b.test.pem"),
      block("*.b.test", "/etc/ssl/after.pem"),
    ];

    expect(parse(text.join(""))).toEqual([
      { names: ["*.a.test"], certificate: "/etc/ssl/before.pem", place: "before" },
      { names: ["*.b.test"], certificate: "/etc/ssl/after.pem", place: "after" },
    ]);
  });

  it("keeps a wildcard with a PEM of this library, which never writes one", () => {
    expect(parse(HEAD_23 + block("*.a.test", "/etc/dovecot/mail-sni/a.test.pem"))).toEqual([
      { names: ["*.a.test"], certificate: "/etc/dovecot/mail-sni/a.test.pem" },
    ]);
  });

  it("refuses a block among those of this library, of which it cannot be told where it stood", () => {
    const ours = (name: string) => block(name, `/etc/dovecot/mail-sni/${name}.pem`);
    const text = HEAD_23 + ours("a.test") + block("*.a.test", "/etc/ssl/a.pem") + ours("b.test");

    expect(() => parse(text)).toThrow(
      refusal("DOVECONF_UNCLEAR", "mx1\\.txt:8", "local_name \\*\\.a\\.test"),
    );
  });

  it.each([
    ["protocol imap {\n  ssl_cert = </a\n}\n", '"protocol imap"'],
    ["local 10.0.0.1 {\n  ssl_cert = </a\n}\n", '"local 10.0.0.1"'],
    [
      "local_name a.test {\n  protocol imap {\n    ssl_cert = </a\n  }\n}\n",
      '"local_name a.test" in "protocol imap"',
    ],
    [
      "local 10.0.0.1 {\n  local_name a.test {\n    ssl_cert = </a\n  }\n}\n",
      '"local 10.0.0.1" in "local_name a.test"',
    ],
    ["protocol imap {\n  ssl_server {\n    cert_file = /a\n  }\n}\n", '"protocol imap"'],
  ])("refuses a certificate that depends on more than the name: %j", (text, where) => {
    expect(() => parse(HEAD_23 + text)).toThrow(refusal("DOVECONF_CONDITIONAL", "mx1\\.txt:\\d", where));
  });

  it.each([
    ["DOVECONF_CONDITIONAL", `${"local_name a.test {\n".repeat(90)}ssl_cert = </a\n${"}\n".repeat(90)}`],
    [
      "DOVECONF_UNCLEAR",
      block("a.test", "/etc/dovecot/mail-sni/a.test.pem") +
        block(`*.${"b".repeat(50_000)}`, "/etc/ssl/b.pem") +
        block("c.test", "/etc/dovecot/mail-sni/c.test.pem"),
    ],
  ])("GIVEN endless names and blocks WHEN %s is thrown THEN its message is readable", (code, text) => {
    const message = expect.stringMatching(/^.{1,1000}$/s);
    expect(() => parse(HEAD_23 + text)).toThrow(expect.objectContaining({ code, message }));
  });

  it.each([
    ["a configuration file", "ssl_cert = </etc/ssl/global.pem\n!include conf.d/*.conf\n"],
    ["nothing", ""],
    ["an output that is cut off", `${HEAD_23}local_name a.test {\n  ssl_cert = </a\n`],
    ["blocks that nest without end", `${HEAD_23}${"a {\nb = c\n".repeat(20_000)}${"}\n".repeat(20_000)}`],
    ["an end without a beginning", `${HEAD_23}}\n`],
    [
      "what doveconf prints of a configuration with a fault",
      `${HEAD_23}# Pigeonhole version 0.5.19 (4eae2f79)\n`,
    ],
  ])("refuses %s", (_, text) => {
    expect(() => parse(text)).toThrow(refusal("DOVECONF_INVALID", "mx1\\.txt"));
  });

  it("GIVEN a value with a long run of blanks in it THEN it is read in the time that a line takes", () => {
    const blanks = " ".repeat(300_000);
    const [block] = parse(`${HEAD_23}local_name a.test {\n  ssl_cert = </a${blanks}b${blanks}\n}\n`);
    expect(block?.certificate).toBe(`/a${blanks}b`);
  });
});
