import { TerraformStack, TerraformVariable, Testing } from "cdktf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Certificate,
  Dovecot,
  HostNames,
  type IMailService,
  MailHost,
  MailSni,
  PrivateCa,
  Qmail,
  Service,
} from "../../../lib";
import { type Json, testApp } from "../../support/synthesized";

/** A stack whose program declares it in an order of its own. */
interface Declaration {
  readonly hosts: readonly HostDeclaration[];
  /** The first one is the default, on all hosts. */
  readonly domains: readonly DomainDeclaration[];
}

interface HostDeclaration {
  readonly id: string;
  /** At least one. */
  readonly services: readonly ServiceName[];
}

interface DomainDeclaration {
  readonly domain: string;
  /** Below the domain; at least one. */
  readonly labels: readonly string[];
  /** Of the hosts, by their place in the list; those of the default, and none, are all. */
  readonly hosts: readonly number[];
  /** Whether the certificate is obtained elsewhere. */
  readonly elsewhere: boolean;
}

const SERVICES = {
  qmail: () => Qmail.standard(),
  dovecot: () => Dovecot.v23(),
  exim: () => Service.custom({ name: "exim", pemPath: "/exim/{name}.pem", defaultPemPath: "/exim.pem" }),
} satisfies Record<string, () => IMailService>;
type ServiceName = keyof typeof SERVICES;
const SERVICE_NAMES = Object.keys(SERVICES) as ServiceName[];
const LABELS = ["mail", "imap", "pop3", "smtp", "eu.imap"];

// Few letters, so that domains often differ in a dot alone. None of them is a label of LABELS.
const domainName = fc
  .array(fc.stringMatching(/^[ab]{1,2}(-[ab])?$/), { minLength: 1, maxLength: 3 })
  .map((labels) => `${labels.join(".")}.tld`);
const domain: fc.Arbitrary<DomainDeclaration> = fc.record({
  domain: domainName,
  labels: fc.subarray(LABELS, { minLength: 1 }),
  hosts: fc.subarray([0, 1, 2]),
  elsewhere: fc.boolean(),
});
const host: fc.Arbitrary<HostDeclaration> = fc.record({
  id: fc.constantFrom("mx1", "mx2", "mx-1", "mx.1", "a.b.tld", "b.tld", "ab"),
  services: fc.subarray(SERVICE_NAMES, { minLength: 1 }),
});
const declaration: fc.Arbitrary<Declaration> = fc.record({
  hosts: fc.uniqueArray(host, { minLength: 1, maxLength: 3, selector: ({ id }) => id }),
  domains: fc.uniqueArray(domain, { minLength: 1, maxLength: 6, selector: ({ domain: name }) => name }),
});

/** The stack's JSON, byte by byte. */
function synthesized(
  { hosts, domains }: Declaration,
  order: (ids: MailHost[]) => MailHost[] = (all) => all,
): string {
  const stack = new TerraformStack(testApp(), "mail");
  const declared = hosts.map(({ id, services }) =>
    MailHost.local(stack, id, { root: `/srv/${id}`, services: services.map((name) => SERVICES[name]()) }),
  );
  const key = new TerraformVariable(stack, "key", { sensitive: true });
  const elsewhere = Certificate.fromPem({
    privateKey: key.stringValue,
    certificate: '${file("/etc/ssl/chain.pem")}',
  });
  const defaultDomain = domains[0]?.domain;
  const sni = new MailSni(stack, "sni", {
    hosts: order(declared),
    issuer: new PrivateCa(stack, "ca"),
    defaultDomain,
  });
  for (const { domain: name, labels, hosts: some, elsewhere: isElsewhere } of domains) {
    const on = declared.filter((_, index) => some.includes(index));
    sni.addDomain(name, {
      names: HostNames.subdomains(...labels),
      hosts: name === defaultDomain || on.length === 0 ? declared : order(on),
      certificate: isElsewhere ? elsewhere : undefined,
    });
  }
  stack.prepareStack();
  return Testing.synth(stack, true);
}

/** Each resource by its address, without what is said of its place in the tree. */
function resources(of: Declaration): Map<string, string> {
  const { resource } = JSON.parse(synthesized(of)) as Json;
  return new Map(
    Object.entries(resource).flatMap(([type, byId]) =>
      Object.entries(byId as object).map(([id, body]) => [`${type}.${id}`, JSON.stringify(body)]),
    ),
  );
}

/** Addresses that only one of them has, or that differ. */
function differences(one: Declaration, other: Declaration): string[] {
  const [before, after] = [resources(one), resources(other)];
  const addresses = [...new Set([...before.keys(), ...after.keys()])];
  return addresses.filter((address) => before.get(address) !== after.get(address)).sort();
}

const undotted = (name: string) => name.replaceAll(".", "_");

function addressesOfDomain(
  { domain: name, hosts, elsewhere }: DomainDeclaration,
  all: Declaration,
): string[] {
  const on = all.hosts.filter((_, index) => hosts.includes(index));
  return [
    ...(elsewhere ? [] : [`mailsni_private_certificate.c_${undotted(name)}`]),
    ...(on.length === 0 ? all.hosts : on).map(
      ({ id }) => `mailsni_host_files.d_${undotted(name)}__${undotted(id)}`,
    ),
  ].sort();
}

/** Each is a synth or two. */
const RUNS = { numRuns: 40 };

describe("the stack that is synthesized", () => {
  it("GIVEN what follows the default in another order THEN the same bytes", () => {
    const shuffled = declaration.chain((one) =>
      fc
        .tuple(
          fc.shuffledSubarray([...one.domains.slice(1)], { minLength: one.domains.length - 1 }),
          fc.array(fc.shuffledSubarray(LABELS, { minLength: LABELS.length }), {
            minLength: one.domains.length,
            maxLength: one.domains.length,
          }),
          fc.boolean(),
        )
        .map(([rest, orders, isReversed]) => {
          const inOrder = (labels: readonly string[], index: number) =>
            (orders[index] as string[]).filter((label) => labels.includes(label));
          const domains = [one.domains[0] as DomainDeclaration, ...rest].map((each, index) => ({
            ...each,
            labels: inOrder(each.labels, index),
          }));
          return { one, other: { ...one, domains }, isReversed };
        }),
    );

    fc.assert(
      fc.property(shuffled, ({ one, other, isReversed }) => {
        const order = (hosts: MailHost[]) => (isReversed ? [...hosts].reverse() : hosts);
        expect(synthesized(other, order)).toBe(synthesized(one));
      }),
      RUNS,
    );
  });

  it("GIVEN a domain more or less THEN only its own addresses come or go", () => {
    fc.assert(
      fc.property(declaration, domain, (one, added) => {
        fc.pre(one.domains.every(({ domain: name }) => name !== added.domain));
        const other = { ...one, domains: [...one.domains, added] };
        expect(differences(one, other)).toEqual(addressesOfDomain(added, one));
      }),
      RUNS,
    );
  });

  it("GIVEN a domain with another name THEN only addresses of both", () => {
    fc.assert(
      fc.property(declaration, domain, domainName, (one, added, name) => {
        const names = one.domains.map(({ domain: known }) => known);
        fc.pre(![...names, name].includes(added.domain) && !names.includes(name));
        const renamed = { ...added, domain: name };
        const before = { ...one, domains: [...one.domains, added] };
        const after = { ...one, domains: [...one.domains, renamed] };
        expect(differences(before, after)).toEqual(
          [...addressesOfDomain(added, one), ...addressesOfDomain(renamed, one)].sort(),
        );
      }),
      RUNS,
    );
  });

  it("GIVEN a name more THEN no address comes or goes, and only resources of its domain are others", () => {
    fc.assert(
      fc.property(declaration, domain, (one, added) => {
        fc.pre(one.domains.every(({ domain: name }) => name !== added.domain));
        const more = { ...added, labels: [...added.labels, "autodiscover"] };
        const before = { ...one, domains: [...one.domains, added] };
        const after = { ...one, domains: [...one.domains, more] };
        expect([...resources(after).keys()]).toEqual([...resources(before).keys()]);
        expect(differences(before, after)).toEqual(addressesOfDomain(added, one));
      }),
      RUNS,
    );
  });

  it("GIVEN a host more THEN only addresses of that host come", () => {
    fc.assert(
      fc.property(declaration, host, (one, added) => {
        fc.pre(one.hosts.length < 3 && one.hosts.every(({ id }) => id !== added.id));
        // Those that say which hosts keep to them.
        const domains = one.domains.map((each, index) => ({
          ...each,
          hosts: index === 0 ? [] : each.hosts.filter((place) => place < one.hosts.length),
        }));
        const before = { ...one, domains };
        const after = { hosts: [...one.hosts, added], domains };
        const end = `__${undotted(added.id)}`;
        const everywhere = domains.filter(({ hosts }) => hosts.length === 0);
        expect(differences(before, after)).toEqual(
          [
            `mailsni_host_files.base${end}`,
            `mailsni_host_files.default${end}`,
            ...everywhere.map(({ domain: name }) => `mailsni_host_files.d_${undotted(name)}${end}`),
          ].sort(),
        );
      }),
      RUNS,
    );
  });

  it("GIVEN a service more THEN no address comes or goes, and only resources of its host are others", () => {
    fc.assert(
      fc.property(declaration, fc.constantFrom(...SERVICE_NAMES), (one, added) => {
        const [first, ...others] = one.hosts as [HostDeclaration, ...HostDeclaration[]];
        fc.pre(!first.services.includes(added));
        const after = { ...one, hosts: [{ ...first, services: [...first.services, added] }, ...others] };
        expect([...resources(after).keys()]).toEqual([...resources(one).keys()]);
        for (const address of differences(one, after)) {
          expect(address).toMatch(new RegExp(`__${undotted(first.id)}$`));
        }
      }),
      RUNS,
    );
  });

  it("GIVEN domains that differ in their dots alone THEN each has addresses of its own", () => {
    const letters = fc.stringMatching(/^[ab]{3,6}$/);
    const cuts = fc.uniqueArray(fc.nat({ max: 31 }), { minLength: 2, maxLength: 4 });

    fc.assert(
      fc.property(
        letters,
        cuts,
        fc.uniqueArray(host, { minLength: 1, maxLength: 3, selector: ({ id }) => id }),
        (text, masks, hosts) => {
          const names = [...new Set(masks.map((mask) => dotted(text, mask)))];
          const domains = names.map((name) => ({
            domain: name,
            labels: ["imap"],
            hosts: [],
            elsewhere: false,
          }));
          // A domain: its certificate and its files on each host; a host: base and default; the CA; the identity.
          const expected = names.length * (1 + hosts.length) + 2 * hosts.length + 2;
          expect(resources({ hosts, domains }).size).toBe(expected);
        },
      ),
      RUNS,
    );
  });

  it("keeps a.bc.com and ab.c.com apart, as domains and as hosts", () => {
    const hosts: HostDeclaration[] = [
      { id: "a.bc.com", services: ["qmail"] },
      { id: "ab.c.com", services: ["qmail"] },
    ];
    const domains = ["a.bc.com", "ab.c.com"].map((name) => ({
      domain: name,
      labels: ["imap"],
      hosts: [],
      elsewhere: false,
    }));

    const addresses = [...resources({ hosts, domains }).keys()];

    expect(addresses.filter((address) => address.includes(".d_")).sort()).toEqual([
      "mailsni_host_files.d_a_bc_com__a_bc_com",
      "mailsni_host_files.d_a_bc_com__ab_c_com",
      "mailsni_host_files.d_ab_c_com__a_bc_com",
      "mailsni_host_files.d_ab_c_com__ab_c_com",
    ]);
  });
});

/** `text` with a dot behind each letter whose bit is set, and a top-level domain. */
function dotted(text: string, mask: number): string {
  const inside = [...text].map((letter, index) => {
    const isLast = index === text.length - 1;
    return letter + (!isLast && (mask >> index) % 2 === 1 ? "." : "");
  });
  return `${inside.join("")}.tld`;
}
