import { describe, expect, it } from "vitest";
import { isPlainPath } from "../../lib/shared/plain-path";

describe("a plain path", () => {
  it.each(["/a", "/etc/dovecot/mail-sni/2.3/a.tld.conf", "/var/..hidden", "/srv/a@b,c=d:e%f+g~"])(
    "GIVEN %s THEN it is one",
    (path) => expect(isPlainPath(path)).toBe(true),
  );

  it.each(["", "/", "a", "/a/", "//a", "/a/../b", "/a/.", "/a b", "/a\n", "/$" + "{a}", "/a'b", "/ä"])(
    "GIVEN %j THEN it is refused",
    (path) => expect(isPlainPath(path)).toBe(false),
  );
});
