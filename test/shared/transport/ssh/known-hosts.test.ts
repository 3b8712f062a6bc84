import { describe, expect, it } from "vitest";
import { parseProxyJump } from "../../../../lib/shared/ssh-destination";
import { knownHosts } from "../../../../lib/shared/transport/ssh/known-hosts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPbQG5IAr4rqGQzcmdGNWeK1eTaM6wGZUZGWKhBkxTCP";

describe("knownHosts", () => {
  it("GIVEN a key without a host name THEN it is trusted for every name of the host", () => {
    expect(knownHosts([`${KEY} a comment`], [])).toBe(`* ${KEY}\n`);
  });

  it("GIVEN hosts on the way THEN that key is not trusted for them", () => {
    expect(knownHosts([KEY], parseProxyJump("jo@bastion,inner:2222"))).toBe(
      `*,!bastion,![bastion]:22,!inner,![inner]:2222 ${KEY}\n`,
    );
  });

  it("GIVEN whole lines THEN they stand as they are", () => {
    const line = `@cert-authority *.example.org ${KEY}`;
    expect(knownHosts([line, KEY], [])).toBe(`${line}\n* ${KEY}\n`);
  });
});
