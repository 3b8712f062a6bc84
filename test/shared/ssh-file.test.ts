import { describe, expect, it } from "vitest";
import { checkSshFile } from "../../lib/shared/ssh-file";

describe("checkSshFile", () => {
  it.each(["/etc/ssh/keys/id ed25519", "keys/100%.key", "~/.ssh/id", "/srv/it's"])(
    "GIVEN %j THEN it is taken",
    (path) => {
      expect(checkSshFile("identityFile", path)).toBe(path);
    },
  );

  it.each(["", '/a"b', "/a\\b", "/a\nb", "/${HOME}"])("GIVEN %j THEN it is refused", (path) => {
    expect(() => checkSshFile("identityFile", path)).toThrow(
      expect.objectContaining({ code: "SSH_FILE_INVALID" }),
    );
  });
});
