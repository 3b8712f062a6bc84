import { resolve } from "node:path";
import { TerraformStack, TerraformVariable } from "cdktf";
import { describe, expect, it } from "vitest";
import {
  Dovecot,
  MailHost,
  MailSni,
  OnUnreachable,
  Ownership,
  PrivateCa,
  Qmail,
  type SshMailHostProps,
} from "../../../lib";
import { type Json, synthesized, testApp, testStack } from "../../support/synthesized";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPbQG5IAr4rqGQzcmdGNWeK1eTaM6wGZUZGWKhBkxTCP";
const services = [Qmail.standard()];

function serve(stack: TerraformStack, ...hosts: MailHost[]): MailSni {
  const sni = new MailSni(stack, "sni", {
    hosts,
    issuer: new PrivateCa(stack, "ca"),
    defaultDomain: "a.tld",
  });
  sni.addDomain("a.tld");
  return sni;
}

/** The host's entry in the provider's block, without its services. */
function blockOf(props: Partial<SshMailHostProps>, stack = testStack()): Json {
  serve(stack, MailHost.ssh(stack, "mx1", { address: "root@mx1.example.org", services, ...props }));
  const { services: _, ...block } = synthesized(stack).provider.mailsni[0].hosts.mx1;
  return block;
}

describe("MailHost.ssh", () => {
  it("says no more than it was told, so that ssh goes by the user's own configuration", () => {
    expect(blockOf({})).toEqual({ address: "root@mx1.example.org" });
  });

  it("hands over what it was told", () => {
    const block = blockOf({
      address: "admin@[2001:db8::1]:2222",
      sshConfigFile: "/etc/mail-ssh/config",
      identityFile: "~/.ssh/id_ed25519",
      knownHostsFile: "/etc/mail-ssh/known_hosts",
      hostKeys: [`${KEY} root@mx1\n`],
      proxyJump: "jo@bastion,inner:2222",
      become: "sudo  -n",
      root: "/srv/jail",
      ownership: Ownership.APPLY,
      stateDirectory: "/srv/mail-sni",
      onUnreachable: OnUnreachable.WARN,
    });

    expect(block).toEqual({
      address: "admin@[2001:db8::1]:2222",
      ssh_config_file: "/etc/mail-ssh/config",
      identity_file: "~/.ssh/id_ed25519",
      known_hosts_file: "/etc/mail-ssh/known_hosts",
      host_keys: [`${KEY} root@mx1`],
      proxy_jump: "jo@bastion,inner:2222",
      become: ["sudo", "-n"],
      root: "/srv/jail",
      ownership: "apply",
      state_directory: "/srv/mail-sni",
      on_unreachable: "warn",
    });
  });

  it("takes relative files from the project, and writes them for engines, which run in the stack's directory", () => {
    const app = testApp();
    const { identity_file: file } = blockOf(
      { identityFile: "keys/id 100%{" },
      new TerraformStack(app, "stack"),
    );

    expect(file).toMatch(/^\.\.\//);
    expect(resolve(app.outdir, "stacks/stack", file)).toBe(resolve("keys/id 100%%{"));
  });

  it("takes what is known to the engine only as it is", () => {
    const stack = testStack();
    const variable = (name: string) => new TerraformVariable(stack, name, { type: "string" }).stringValue;
    const block = blockOf(
      { address: variable("address"), identityFile: variable("identity"), hostKeys: [variable("key")] },
      stack,
    );

    expect(block).toEqual({
      address: "${var.address}",
      identity_file: "${var.identity}",
      host_keys: ["${var.key}"],
    });
  });

  it("takes a list of host keys that is known to the engine only", () => {
    const stack = testStack();
    const hostKeys = new TerraformVariable(stack, "keys", { type: "list(string)" }).listValue;

    expect(blockOf({ hostKeys }, stack).host_keys).toBe("${var.keys}");
  });

  it.each<[string, Partial<SshMailHostProps>, string]>([
    ["an address that ssh would read as an option", { address: "-oProxyCommand=id" }, "SSH_ADDRESS_INVALID"],
    ["hosts on the way that are none", { proxyJump: "bastion,,inner" }, "SSH_ADDRESS_INVALID"],
    ["a file that ssh would take for another one", { knownHostsFile: 'a"b' }, "SSH_FILE_INVALID"],
    ["a fingerprint for a key", { hostKeys: ["SHA256:abc"] }, "HOST_KEY_INVALID"],
    ["a command that needs a shell", { become: "sudo -n; id" }, "BECOME_INVALID"],
    ["an option for a command", { become: "-n" }, "BECOME_INVALID"],
    ["a relative root", { root: "srv" }, "PATH_INVALID"],
    ["a former id that was none", { renamedFrom: "mx_1" }, "ID_INVALID"],
  ])("refuses %s", (_, props, code) => {
    expect(() => MailHost.ssh(testStack(), "mx1", { address: "mx1", services, ...props })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it.each([
    ["root@MX.example.org", "admin@mx.example.org:22"],
    ["[2001:db8::1]:2222", "root@[2001:DB8::1]:2222"],
  ])("refuses to be where another host is: %s and %s", (one, other) => {
    const stack = testStack();
    MailHost.ssh(stack, "mx1", { address: one, services });

    expect(() => MailHost.ssh(stack, "mx2", { address: other, services: [Dovecot.v24()] })).toThrow(
      expect.objectContaining({ code: "HOST_PLACE_TWICE" }),
    );
  });

  it("lets a machine have several roots", () => {
    const stack = testStack();
    for (const root of ["/srv/a", "/srv/b"]) {
      MailHost.ssh(stack, root.slice(-1), { address: "mx1", root, services });
    }
  });
});

describe("a host that is gone", () => {
  it("is known to the provider, and nothing is declared for it or said to be served", () => {
    const stack = testStack();
    const gone = MailHost.ssh(stack, "mx1", { address: "root@mx1", gone: true, services });
    const mx2 = MailHost.ssh(stack, "mx2", { address: "root@mx2", services });
    const sni = serve(stack, gone, mx2);

    const { provider, resource } = synthesized(stack);

    expect(provider.mailsni[0].hosts.mx1).toMatchObject({ address: "root@mx1", gone: true });
    expect(Object.keys(resource.mailsni_host_files).filter((id) => id.endsWith("__mx1"))).toEqual([]);
    expect(new Set(sni.table().rows.map(({ host }) => host))).toEqual(new Set(["mx2"]));
  });

  it("needs no default any more", () => {
    const stack = testStack();
    MailHost.ssh(stack, "mx1", { address: "root@mx1", gone: true, services });

    expect(synthesized(stack).resource).not.toHaveProperty("mailsni_host_files");
  });
});

describe("a host with another id", () => {
  it("has its resources moved to their new addresses, each of them", () => {
    const stack = testStack();
    serve(stack, MailHost.ssh(stack, "mx.new", { address: "root@mx", services, renamedFrom: "mx.old" }));

    const { moved, resource } = synthesized(stack);

    expect(moved).toEqual(
      ["base", "d_a_tld", "default"].map((part) => ({
        from: `mailsni_host_files.${part}__mx_old`,
        to: `mailsni_host_files.${part}__mx_new`,
      })),
    );
    expect(Object.keys(resource.mailsni_host_files)).toHaveLength(3);
  });
});
