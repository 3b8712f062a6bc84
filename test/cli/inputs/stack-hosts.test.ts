import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hostsOf, type StackHost } from "../../../lib/cli/inputs/stack-hosts";
import { CdktfProject } from "../support/project";

describe("hostsOf", () => {
  let files: CdktfProject;
  beforeEach(() => {
    files = new CdktfProject();
  });
  afterEach(() => files.remove());

  function hosts(declared: object): ReadonlyMap<string, StackHost | string> {
    const directory = files.stackDirectory("mail");
    const provider = { mailsni: [{ stack: "mail", hosts: declared }] };
    files.write("cdktf.out/stacks/mail/cdk.tf.json", JSON.stringify({ provider }));
    return hostsOf({ name: "mail", directory });
  }

  it("GIVEN a host by ssh THEN its settings are those of the provider, and files are below the stack's directory", () => {
    const services = {
      qmail: {
        endpoints: [
          { port: 25, protocol: "smtp", address: "192.0.2.1" },
          { port: 465, protocol: "tls" },
        ],
      },
    };
    const found = hosts({ mx1: { address: "root@mx1.test:2222", identity_file: "keys/id", services } }).get(
      "mx1",
    );
    expect(found).toMatchObject({
      ssh: {
        address: "root@mx1.test:2222",
        identityFile: join(files.stackDirectory("mail"), "keys/id"),
        hostKeys: null,
      },
    });
    const { addressOf } = found as StackHost;
    expect([addressOf("qmail", 25), addressOf("qmail", 465), addressOf("dovecot", 25)]).toEqual([
      "192.0.2.1",
      "127.0.0.1",
      "127.0.0.1",
    ]);
  });

  it("GIVEN a host without an address THEN it is this machine", () => {
    expect(hosts({ mx1: { root: "/srv" } }).get("mx1")).toMatchObject({ ssh: null });
  });

  it("GIVEN what is escaped THEN it is itself; GIVEN an expression THEN that is the reason, and other hosts are there", () => {
    const found = hosts({
      "a$${b}": { address: "mx1.test", identity_file: "%%{x}" },
      mx2: { address: "${var.address}" },
      mx3: {
        address: "mx3.test",
        services: { s: { endpoints: [{ port: 1, protocol: "tls", address: "${var.a}" }] } },
      },
    });
    expect(found.get("a${b}")).toMatchObject({
      ssh: { identityFile: join(files.stackDirectory("mail"), "%{x}") },
    });
    const reason = "its connection has an expression, which only the engine evaluates";
    expect([found.get("mx2"), found.get("mx3")]).toEqual([reason, reason]);
  });

  it.each([
    ["an address that ssh reads as an option", { address: "-oProxyCommand=id" }],
    ["a jump host that is an option", { address: "mx1.test", proxy_jump: "-oProxyCommand=id" }],
    ["a setting of ssh without an address", { identity_file: "id" }],
  ])("GIVEN %s THEN it is refused, with the provider's reason", (_, host) => {
    expect(hosts({ mx1: host }).get("mx1")).toEqual(expect.any(String));
  });

  it.each([
    ["no object", "hosts", "x"],
    ["an address that is no text", "hosts.mx1.address", { mx1: { address: 5 } }],
    ["an invalid port", "port", { mx1: { services: { s: { endpoints: [{ port: 70_000 }] } } } }],
  ])("GIVEN %s THEN the file is refused, and where is said", (_, where, declared) => {
    expect(() => hosts(declared as object)).toThrow(
      expect.objectContaining({ code: "CLI_PROJECT_INVALID", problem: expect.stringContaining(where) }),
    );
  });

  it("GIVEN a stack without the provider THEN it has no hosts; GIVEN none that was synthesized THEN that is said", () => {
    const stack = { name: "mail", directory: files.stackDirectory("mail") };
    expect(() => hostsOf(stack)).toThrow(expect.objectContaining({ code: "CLI_PROJECT_INVALID" }));
    files.write("cdktf.out/stacks/mail/cdk.tf.json", "{}");
    expect(hostsOf(stack).size).toBe(0);
  });
});
