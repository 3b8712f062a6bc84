import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type App, TerraformStack, TerraformVariable } from "cdktf";
import { describe, expect, it } from "vitest";
import {
  Certificate,
  DehydratedChallenge,
  DehydratedIssuer,
  Dovecot,
  MailHost,
  MailSni,
  PrivateCa,
  Qmail,
} from "../../lib";
import { type Json, synthesized, testApp } from "../support/synthesized";

const EXAMPLES = join(__dirname, "../../stacks");
const CONTRACT = "contract";
const LIST = join(__dirname, "addresses.txt");

const EXAMPLE_NAMES = readdirSync(EXAMPLES)
  .filter((file) => file.endsWith(".ts") && file !== "main.ts")
  .map((file) => basename(file, ".ts"));

describe("addresses, by which states know what there is", () => {
  const listed = readFileSync(LIST, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));

  it.each([...EXAMPLE_NAMES, CONTRACT])(
    "of %s are those that are listed, or lead there by `moved`",
    async (name) => {
      const make = name === CONTRACT ? contractStack : await exampleStack(name);
      const own = listed
        .filter((line) => line.startsWith(`${name} `))
        .map((line) => line.slice(name.length + 1));

      // A new address: list it. A lost one: leave its line, and have the stack say where it has gone.
      expect(discrepancies(own, synthesized(make(testApp(), name)))).toEqual({ notListed: [], lost: [] });
    },
  );

  it("are listed for no other stack, each once and sorted", () => {
    const stacks = [...EXAMPLE_NAMES, CONTRACT];
    expect(listed.filter((line) => !stacks.includes(line.split(" ")[0] as string))).toEqual([]);
    expect(listed).toEqual([...new Set(listed)].sort());
  });
});

describe("the comparison with the list", () => {
  const resource = { a: { new: {} } };

  it("finds an address that is not listed, and one that is lost", () => {
    expect(discrepancies(["a.old"], { resource })).toEqual({ notListed: ["a.new"], lost: ["a.old"] });
  });

  it("takes one that was moved, over several changes too", () => {
    const moved = [
      { from: "a.oldest", to: "a.old" },
      { from: "a.old", to: "a.new" },
    ];
    expect(discrepancies(["a.new", "a.old", "a.oldest"], { resource, moved })).toEqual({
      notListed: [],
      lost: [],
    });
  });

  it("does not take one that was moved to nowhere", () => {
    const moved = [{ from: "a.old", to: "a.other" }];
    expect(discrepancies(["a.new", "a.old"], { resource, moved }).lost).toEqual(["a.old"]);
  });
});

function discrepancies(listed: readonly string[], { resource, moved = [] }: Json) {
  const present = new Set(
    Object.entries(resource).flatMap(([type, byId]) =>
      Object.keys(byId as object).map((id) => `${type}.${id}`),
    ),
  );
  const successors = new Map<string, string>(moved.map(({ from, to }: Json) => [from, to]));
  const isThere = (address: string): boolean => {
    const next = successors.get(address);
    return present.has(address) || (next !== undefined && isThere(next));
  };
  return {
    notListed: [...present].filter((address) => !listed.includes(address)).sort(),
    lost: listed.filter((address) => !isThere(address)),
  };
}

type StackMaker = (app: App, name: string) => TerraformStack;

/** The stack that a file in `stacks/` exports. */
async function exampleStack(name: string): Promise<StackMaker> {
  const exported: Record<string, unknown> = await import(join(EXAMPLES, `${name}.ts`));
  const Stack = Object.values(exported).find(isStackClass);
  if (Stack === undefined) throw new Error(`stacks/${name}.ts exports no stack`);
  return (app, id) => new Stack(app, id);
}

function isStackClass(value: unknown): value is new (app: App, id: string) => TerraformStack {
  return value instanceof Function && value.prototype instanceof TerraformStack;
}

/** What the examples leave out: several hosts and MailSni, dots and hyphens in names, a certificate from elsewhere. */
function contractStack(app: App, name: string): TerraformStack {
  const stack = new TerraformStack(app, name);
  const hosts = ["mx1", "mx-2.example.org"].map((id) =>
    MailHost.local(stack, id, { root: `/srv/${id}`, services: [Qmail.standard(), Dovecot.v24()] }),
  );
  const mx3 = MailHost.local(stack, "mx3", { root: "/srv/mx3", services: [Dovecot.v23()] });
  const issuer = new PrivateCa(stack, "ca.example");
  const sni = new MailSni(stack, "sni", { hosts, issuer, defaultDomain: "domain1.tld" });
  for (const domain of ["domain1.tld", "a.bc.com", "ab.c.com", "my-domain.co.uk", "bücher.example"]) {
    sni.addDomain(domain);
  }
  const key = new TerraformVariable(stack, "key", { sensitive: true });
  const certificate = Certificate.fromPem({
    privateKey: key.stringValue,
    certificate: '${file("/etc/ssl/chain.pem")}',
  });
  sni.addDomain("elsewhere.tld", { certificate, hosts: hosts.slice(0, 1) });
  const inner = new MailSni(stack, "inner", { hosts: [mx3], defaultDomain: "domain1.tld" });
  for (const domain of sni.domains.slice(0, 1)) {
    inner.addDomain(domain.name, { certificate: domain.certificate });
  }
  const mx4 = MailHost.ssh(stack, "mx4.example.org", { address: "mx4", services: [Dovecot.v24()] });
  const onHost = DehydratedIssuer.letsEncrypt(stack, "dehydrated", {
    host: mx4,
    challenge: DehydratedChallenge.dnsHook("/usr/local/bin/dns"),
  });
  new MailSni(stack, "on-host", { hosts: [mx4], issuer: onHost, defaultDomain: "d.com" }).addDomain("d.com");
  return stack;
}
