import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MailSniError } from "../../lib/shared/errors";
import { parseProxyJump, parseSshDestination } from "../../lib/shared/ssh-destination";

describe("parseSshDestination", () => {
  it.each([
    ["mx1", { user: null, host: "mx1", port: null }],
    ["mx1.example.org:2222", { user: null, host: "mx1.example.org", port: 2222 }],
    ["root@mx1.example.org:22", { user: "root", host: "mx1.example.org", port: 22 }],
    ["root@192.0.2.1", { user: "root", host: "192.0.2.1", port: null }],
    ["root@[2001:db8::1]:22", { user: "root", host: "2001:db8::1", port: 22 }],
    ["[fe80::1%eth0]", { user: null, host: "fe80::1%eth0", port: null }],
    ["EXAMPLE\\jo@mx1", { user: "EXAMPLE\\jo", host: "mx1", port: null }],
    ["jo@example.org@mx1", { user: "jo@example.org", host: "mx1", port: null }],
  ])("GIVEN %j THEN it is read", (given, destination) => {
    expect(parseSshDestination(given)).toEqual(destination);
  });

  it.each([
    ["", "is empty"],
    ["ssh://mx1", "is a URL"],
    ["-oProxyCommand=id", 'has "-oProxyCommand=id" for a host'],
    ["-l@mx1", 'has "-l" for a user'],
    ["root@-x", 'has "-x" for a host'],
    ["@mx1", 'has "" for a user'],
    ["root@", 'has "" for a host'],
    ["mx1 mx2", 'has "mx1 mx2" for a host'],
    ["mx1\n", 'has "mx1\\n" for a host'],
    ["$(id)", 'has "$(id)" for a host'],
    ["mx1:", 'has "" for a port'],
    ["mx1:0", 'has "0" for a port'],
    ["mx1:65536", 'has "65536" for a port'],
    ["mx1:22 -v", 'has "22 -v" for a port'],
    ["2001:db8::1", "has an IPv6 address without brackets"],
    ["[mx1]", 'has "mx1" for a host'],
    ["[::1", "has no host that could be told from a port"],
  ])("GIVEN %j THEN it is refused: it %s", (given, fault) => {
    expect(() => parseSshDestination(given)).toThrow(
      expect.objectContaining({
        code: "SSH_ADDRESS_INVALID",
        problem: `The SSH address ${JSON.stringify(given)} ${fault}.`,
      }),
    );
  });

  it.each([`${"-".repeat(100_000)}@mx1`, "-".repeat(100_000), `mx1:${"1".repeat(100_000)}`])(
    "GIVEN a user, a host or a port without end THEN the message has an end",
    (given) => {
      expect(() => parseSshDestination(given)).toThrow(
        expect.objectContaining({ message: expect.stringMatching(/^.{1,600}$/) }),
      );
    },
  );

  it("GIVEN anything at all THEN nothing comes of it that ssh reads as an option, or a shell as more than a word", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "-",
        "@",
        ":",
        "[",
        "]",
        " ",
        "\n",
        "'",
        '"',
        "\\",
        "$(id)",
        "`",
        ";",
        "%h",
        "mx1",
        "22",
        "::1",
      ),
      fc.string({ unit: "binary", maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        try {
          const { user, host } = parseSshDestination(pieces.join(""));
          expect(host).toMatch(/^[\w:][\w.:%-]*$/);
          expect(user ?? "root").toMatch(/^[\w.][\w.@\\+-]*$/);
        } catch (error) {
          expect(error).toBeInstanceOf(MailSniError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("parseProxyJump", () => {
  it("GIVEN several hosts THEN they are in the order in which they are passed", () => {
    expect(parseProxyJump("jo@bastion:2222, inner").map(({ host }) => host)).toEqual(["bastion", "inner"]);
  });

  it("GIVEN a comma too many THEN it is refused", () => {
    expect(() => parseProxyJump("bastion,")).toThrow(
      expect.objectContaining({ code: "SSH_ADDRESS_INVALID" }),
    );
  });
});
