import { describe, expect, it } from "vitest";
import { parseConnection } from "../../../lib/shared/provider-block/connection";
import { ConnectionFault } from "../../../lib/shared/provider-block/connection-faults";

const STACK = "/project/cdktf.out/stacks/mail";

describe("the connection to a host", () => {
  it("GIVEN no address THEN it is this machine, with owners", () => {
    expect(parseConnection({}, STACK)).toEqual({
      ssh: null,
      root: "/",
      stateDirectory: "/var/lib/mail-sni",
      applyOwnership: true,
    });
  });

  it("GIVEN a relative root on this machine THEN it is below the stack's folder, without owners", () => {
    expect(parseConnection({ root: "../../../out" }, STACK)).toMatchObject({
      root: "/project/out",
      applyOwnership: false,
    });
  });

  it("GIVEN an address THEN paths of the host are its own, and files of ssh are this machine's", () => {
    const connection = parseConnection(
      {
        address: "jo@mx1",
        root: "/srv/jail",
        ssh_config_file: "/etc/ssh/other",
        identity_file: "keys/id",
        known_hosts_file: "~/known",
        proxy_jump: "gate",
        become: ["sudo", "-n"],
      },
      STACK,
    );
    expect(connection).toEqual({
      ssh: {
        address: "jo@mx1",
        configFile: "/etc/ssh/other",
        identityFile: `${STACK}/keys/id`,
        knownHostsFile: `${process.env.HOME}/known`,
        hostKeys: null,
        proxyJump: "gate",
        become: ["sudo", "-n"],
      },
      root: "/srv/jail",
      stateDirectory: "/var/lib/mail-sni",
      applyOwnership: false,
    });
  });

  it.each([
    ["apply", "/srv", true],
    ["skip", "/", false],
  ] as const)("GIVEN ownership %s THEN that overrides what the root implies", (ownership, root, expected) => {
    expect(parseConnection({ ownership, root }, STACK).applyOwnership).toBe(expected);
  });

  it("GIVEN what ssh would misread THEN it is refused, naming the member", () => {
    expect(() => parseConnection({ address: "-oProxyCommand=id" }, STACK)).toThrow(ConnectionFault);
    expect(() => parseConnection({ identity_file: "id" }, STACK)).toThrow(
      /^identity_file applies to SSH only/,
    );
  });
});
