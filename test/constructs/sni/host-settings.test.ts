import { LocalBackend, TerraformVariable } from "cdktf";
import { describe, expect, it } from "vitest";
import { HostNames, type IMailService, MailHost, MailSni, PrivateCa } from "../../../lib";
import { synthesized, testStack } from "../../support/synthesized";
import { quietServices } from "./support/declare";

type Settings = Readonly<{
  address: string;
  become?: string;
  canary?: boolean;
  domains?: readonly string[];
  defaultDomain?: string;
  services?: IMailService[];
}>;

/** The output of a stack with two hosts, of which the first one is set up so. */
function hashes({
  become,
  canary,
  domains = ["a.tld"],
  defaultDomain = "a.tld",
  services = quietServices(),
  ...props
}: Settings): Readonly<Record<string, string>> {
  const stack = testStack();
  // Wherever the tests run: the stack's own directory is closed.
  new LocalBackend(stack, { path: "terraform.tfstate" });
  const address =
    props.address === "" ? new TerraformVariable(stack, "address", {}).stringValue : props.address;
  const hosts = [
    MailHost.ssh(stack, "mx1", { address, become, canary, services }),
    MailHost.ssh(stack, "mx2", { address: "mx2.tld", services: quietServices() }),
  ];
  const sni = new MailSni(stack, "sni", {
    hosts,
    issuer: new PrivateCa(stack, "ca"),
    defaultDomain,
  });
  for (const domain of domains) sni.addDomain(domain, { names: HostNames.of(domain) });
  return synthesized(stack).output.mail_sni_hosts.value;
}

describe("the output mail_sni_hosts", () => {
  const before = hashes({ address: "mx1.tld" });

  it("GIVEN two hosts THEN it has a hash of each", () => {
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(before).toEqual({ mx1: hash, mx2: hash });
    expect(before.mx1).not.toBe(before.mx2);
  });

  it.each<[string, Settings]>([
    ["address", { address: "other.tld" }],
    ["way to get privileges", { address: "mx1.tld", become: "sudo -n" }],
  ])("GIVEN another %s THEN the hash of that host alone is another one", (_, settings) => {
    const after = hashes(settings);
    expect(after.mx1).not.toBe(before.mx1);
    expect(after.mx2).toBe(before.mx2);
  });

  it("GIVEN a host that becomes a canary THEN nothing is different: what it gets and runs is the same", () => {
    expect(hashes({ address: "mx1.tld", canary: true })).toEqual(before);
  });

  it("GIVEN the same servers in another order THEN nothing is different", () => {
    expect(hashes({ address: "mx1.tld", services: quietServices().reverse() })).toEqual(before);
  });

  it("GIVEN other domains THEN nothing is different", () => {
    expect(hashes({ address: "mx1.tld", domains: ["a.tld", "b.tld"] })).toEqual(before);
  });

  it("GIVEN another default domain THEN the hash of each host is another one: the state does not have it", () => {
    const [domains, address] = [["a.tld", "b.tld"], "mx1.tld"];
    const after = hashes({ address, domains, defaultDomain: "b.tld" });
    expect(after.mx1).not.toBe(before.mx1);
    expect(after.mx2).not.toBe(before.mx2);
  });

  it("GIVEN an address that is an expression THEN it is the same at each synth", () => {
    expect(hashes({ address: "" })).toEqual(hashes({ address: "" }));
  });
});
