import { describe, expect, it } from "vitest";
import { connectionFaults } from "../../../lib/shared/provider-block/connection-faults";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPbQG5IAr4rqGQzcmdGNWeK1eTaM6wGZUZGWKhBkxTCP";
/** As the provider has a value that is known only after apply. */
const UNKNOWN = Symbol("known after apply");

describe("how a host is reached", () => {
  it.each([
    ["nothing", {}],
    ["null for all that is left out", { address: null, identity_file: null, host_keys: null, root: null }],
    ["an address alone", { address: "mx1" }],
    [
      "all of it",
      { address: "jo@[::1]:22", host_keys: [KEY], proxy_jump: "a,b", identity_file: "~/k", root: "/srv" },
    ],
    [
      "what is not known yet",
      { address: UNKNOWN, host_keys: UNKNOWN, identity_file: UNKNOWN, root: UNKNOWN },
    ],
    [
      "what is not known yet without an address, and may become null",
      { identity_file: UNKNOWN, host_keys: UNKNOWN, become: UNKNOWN },
    ],
    ["a key that is not known yet", { address: "mx1", host_keys: [UNKNOWN, KEY] }],
    ["a relative root on this machine", { root: "out" }],
  ])("GIVEN %s THEN it is accepted", (_, block) => {
    expect(connectionFaults(block)).toEqual([]);
  });

  it.each([
    ["an option for an address", { address: "-oProxyCommand=id" }, "ssh", ["address"]],
    ["a fingerprint", { address: "mx1", host_keys: [KEY, "SHA256:x"] }, "ssh", ["host_keys", 1]],
    ["a URL on the way", { address: "mx1", proxy_jump: "ssh://b" }, "ssh", ["proxy_jump"]],
    ["a file with a quote", { address: "mx1", identity_file: 'a"b' }, "ssh", ["identity_file"]],
    ["a relative root by SSH", { address: "mx1", root: "srv" }, "directory", ["root"]],
    ["a relative state directory", { state_directory: "var" }, "directory", ["state_directory"]],
    ["a key without an address", { host_keys: [KEY] }, "without-address", ["host_keys"]],
  ])("GIVEN %s THEN that is a fault of its member", (_, block, kind, path) => {
    expect(connectionFaults(block)).toEqual([expect.objectContaining({ kind, path })]);
  });

  it("GIVEN several faults THEN all are found", () => {
    const faults = connectionFaults({ address: "a b", proxy_jump: "c d", root: "srv" });
    expect(faults.map(({ path: [name] }) => name)).toEqual(["address", "proxy_jump", "root"]);
  });
});
