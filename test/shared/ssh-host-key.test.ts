import { describe, expect, it } from "vitest";
import { parseHostKey } from "../../lib/shared/ssh-host-key";

const BODY = "AAAAC3NzaC1lZDI1NTE5AAAAIPbQG5IAr4rqGQzcmdGNWeK1eTaM6wGZUZGWKhBkxTCP";
const KEY = `ssh-ed25519 ${BODY}`;

describe("parseHostKey", () => {
  it.each([
    ["a key", KEY, { key: KEY }],
    ["a key with a comment and a newline, as in a file", `${KEY} root@mx1\n`, { key: KEY }],
    ["a line of a known_hosts file", `[mx1]:2222 ${KEY}`, { line: `[mx1]:2222 ${KEY}` }],
    [
      "a certificate authority",
      `@cert-authority *.example.org ${KEY}`,
      { line: `@cert-authority *.example.org ${KEY}` },
    ],
  ])("GIVEN %s THEN it is read", (_, given, parsed) => {
    expect(parseHostKey(given)).toEqual(parsed);
  });

  it.each([
    ["nothing", "", "is empty"],
    ["a fingerprint", "SHA256:yosSAPSNPu/znNQGiD6IvRRJ7wfDs0DNsOTVXq0bz40", "is a fingerprint"],
    ["a private key", "-----BEGIN OPENSSH PRIVATE KEY-----", "is a private key"],
    ["a body of another type", `ssh-rsa ${BODY}`, "is neither a public key nor"],
    ["a body that is cut off", `ssh-ed25519 ${BODY.slice(0, 8)}`, "is neither a public key nor"],
    ["two lines", `${KEY}\n* ${KEY}`, "is more than one line"],
  ])("GIVEN %s THEN it is refused", (_, given, problem) => {
    expect(() => parseHostKey(given)).toThrow(
      expect.objectContaining({ code: "HOST_KEY_INVALID", problem: expect.stringContaining(problem) }),
    );
  });
});
