import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesGlob } from "../../../../../lib/cli/doctor/checks/host/glob";

const FILE = "/etc/dovecot/conf.d/99-mail-sni.conf";

describe("matchesGlob", () => {
  it.each([
    ["/etc/dovecot/conf.d/*.conf", true],
    ["/etc/dovecot/conf.d/*mail-sni*.conf", true],
    ["/etc/dovecot/*/99-mail-sni.conf", true],
    ["/etc/dovecot/conf.d/9[0-9]-????-sni.conf", true],
    [FILE, true],
    ["/etc/dovecot/conf.d/10-*.conf", false],
    ["/etc/dovecot/*.conf", false],
    ["/etc/dovecot/conf.d/*.conf.bak", false],
    ["", false],
  ])("GIVEN %s THEN %s", (pattern, isMatch) => {
    expect(matchesGlob(FILE, pattern)).toBe(isMatch);
  });

  it("GIVEN any path THEN it matches itself, and itself with anything cut out for a star", () => {
    const plain = fc.stringMatching(/^\/[a-z.-]{1,30}$/);
    fc.assert(
      fc.property(plain, fc.nat(), fc.nat(), (path, one, other) => {
        expect(matchesGlob(path, path)).toBe(true);
        const [from, to] = [1 + (one % path.length), 1 + (other % path.length)].sort((a, b) => a - b) as [
          number,
          number,
        ];
        expect(matchesGlob(path, `${path.slice(0, from)}*${path.slice(to)}`)).toBe(true);
      }),
    );
  });

  it("GIVEN a pattern that is longer than a path THEN it matches nothing, at once", () => {
    expect(matchesGlob("/a", "[".repeat(500_000))).toBe(false);
    expect(matchesGlob("/a", `/a${"*".repeat(5000)}`)).toBe(false);
  });

  it("GIVEN many stars THEN it ends", () => {
    expect(matchesGlob(`/${"a".repeat(4000)}`, `/${"*a".repeat(2000)}b`)).toBe(false);
  });
});
