import { describe, expect, it } from "vitest";
import { servedChanges } from "../../../../lib/cli/plan/changes/served-changes";
import { rows, table } from "../support/plans";

const A = rows("a.tld", "a.tld", "imap.a.tld");
const B = rows("b.tld", "b.tld", "imap.b.tld");
const certificate = (domain: string) => ({ kind: "certificate", domain, isOptional: false });
const byDefault = (domain: string) => ({ kind: "default", domain });
const place = (host: string, service: string) => ({ stack: "mail", host, service });

describe("servedChanges", () => {
  it("GIVEN the same table THEN nothing is served differently", () => {
    const same = table({ mx1: { dovecot: [...A, ...B] } });
    expect(servedChanges({ before: same, after: same })).toEqual({
      names: [],
      defaults: [],
      endpoints: [],
      services: [],
      refusals: [],
    });
  });

  it("GIVEN a domain that goes from two hosts THEN its names are one change, to the default", () => {
    const before = table({
      mx1: { dovecot: [...A, ...B], qmail: [...A, ...B] },
      mx2: { dovecot: [...A, ...B] },
    });
    const after = table({ mx1: { dovecot: A, qmail: A }, mx2: { dovecot: A } });
    expect(servedChanges({ before, after }).names).toEqual([
      {
        change: "removed",
        names: ["b.tld", "imap.b.tld"],
        before: certificate("b.tld"),
        after: byDefault("a.tld"),
        places: [place("mx1", "dovecot"), place("mx1", "qmail"), place("mx2", "dovecot")],
      },
    ]);
  });

  it("GIVEN a name that moves to another domain, and one that a service refuses THEN both are changes", () => {
    const before = table({ mx1: { dovecot: [...A, ...rows("b.tld", "b.tld", "x.tld", "y.tld")] } });
    const after = table({
      mx1: {
        dovecot: [
          ...A,
          ...rows("b.tld", "b.tld"),
          ...rows("c.tld", "x.tld"),
          { name: "y.tld", refused: true, reason: "it cannot be served" },
        ],
      },
    });
    const found = servedChanges({ before, after }).names;
    expect(found.map(({ change, names, after: to }) => [change, names, to])).toEqual([
      ["changed", ["x.tld"], certificate("c.tld")],
      ["changed", ["y.tld"], { kind: "refused" }],
    ]);
  });

  it("GIVEN a name of a wildcard that gets a row of its own THEN it was served by the wildcard", () => {
    const wild = rows("a.tld", "*.a.tld");
    const before = table({ mx1: { dovecot: wild } }, "z.tld");
    const after = table({ mx1: { dovecot: [...wild, ...rows("b.tld", "imap.a.tld")] } }, "z.tld");
    expect(servedChanges({ before, after }).names).toEqual([
      expect.objectContaining({ change: "added", before: certificate("a.tld"), after: certificate("b.tld") }),
    ]);
    expect(servedChanges({ before: after, after: before }).names).toEqual([
      expect.objectContaining({
        change: "removed",
        before: certificate("b.tld"),
        after: certificate("a.tld"),
      }),
    ]);
  });

  it("GIVEN another default THEN it is one line, whatever names get it", () => {
    const unserved = [{ name: "*.a.tld", reason: "qmail knows no wildcards" }];
    const { names, defaults } = servedChanges({
      before: table({ mx1: { qmail: [...A, ...unserved], dovecot: A } }, "a.tld"),
      after: table({ mx1: { qmail: [...A, ...unserved], dovecot: A } }, "b.tld"),
    });
    expect(names).toEqual([]);
    expect(defaults).toEqual([
      {
        before: byDefault("a.tld"),
        after: byDefault("b.tld"),
        places: [place("mx1", "qmail"), place("mx1", "dovecot")],
      },
    ]);
  });

  it("GIVEN a host more and one fewer THEN each of their services is one line", () => {
    const { services, names } = servedChanges({
      before: table({ mx1: { dovecot: A } }),
      after: table({ mx2: { dovecot: A } }),
    });
    expect(services).toEqual([
      { place: place("mx2", "dovecot"), change: "new", names: 2 },
      { place: place("mx1", "dovecot"), change: "gone", names: 2 },
    ]);
    expect(names).toEqual([]);
  });

  it("GIVEN ports that come, go, and stop to serve by name THEN each is there", () => {
    const withPorts = (...endpoints: readonly (readonly [port: number, sni: boolean])[]) => {
      const document = table({ mx1: { dovecot: A } });
      const [host] = document.hosts;
      const services = host?.services.map((service) => ({
        ...service,
        endpoints: endpoints.map(([port, sni]) => ({ port, protocol: "tls" as const, sni })),
      }));
      return { ...document, hosts: [{ stack: "mail", host: "mx1", services: services ?? [] }] };
    };
    const { endpoints } = servedChanges({
      before: withPorts([993, true], [465, false], [995, true]),
      after: withPorts([993, false], [465, true], [4190, true]),
    });
    expect(endpoints.map(({ port, change }) => [port, change])).toEqual([
      [993, "sni off"],
      [465, "sni on"],
      [4190, "added"],
      [995, "removed"],
    ]);
  });
});
