import { beforeAll, describe, expect, it } from "vitest";
import { expectationsOf } from "../../../../lib/provider/host/apply/expectations";
import { Part, Work } from "../../../../lib/provider/host/apply/work";
import type { Change } from "../../../../lib/provider/host/desired/change";
import { combinedPem, type IssuedCertificate, issue } from "../../../support/certificates";
import { change, link, pem, text } from "../support/changes";

let issued: IssuedCertificate;
beforeAll(async () => {
  issued = await issue({ dnsNames: ["a.test", "imap.a.test", "pop.a.test", "elsewhere.test"] });
});

/** The part for `served` of a change with the certificate. */
function partOf(more: Partial<Change> = {}): Part {
  const file = pem("/etc/served/a.pem", combinedPem(issued), { service: "served" });
  const work = new Work(change({ names: ["a.test", "imap.a.test"], files: [file], ...more }));
  return new Part(work, "served", [], null);
}

const askedNames = (part: Part, everyName: boolean) =>
  expectationsOf(part, everyName).map(({ serverName }) => serverName);

describe("what is expected of the service of a part", () => {
  it("THEN it is the certificate, for the first name or for every name", () => {
    const part = partOf();
    expect(expectationsOf(part, false)).toEqual([
      { subject: part, serverName: "a.test", fingerprint: issued.fingerprint },
    ]);
    expect(askedNames(part, true)).toEqual(["a.test", "imap.a.test"]);
  });

  it("GIVEN names that other configuration overrides THEN those are not asked for, if there are others", () => {
    const part = partOf();
    part.takenNames.add("a.test");
    expect(askedNames(part, false)).toEqual(["imap.a.test"]);
    expect(askedNames(part, true)).toEqual(["imap.a.test"]);
    part.takenNames.add("imap.a.test");
    expect(askedNames(part, true)).toEqual(["a.test"]);
  });

  it("GIVEN further names of the certificate THEN every name includes those that the configuration or a link has", () => {
    const file = pem("/etc/served/a.pem", combinedPem(issued), { service: "served" });
    const block = text("/etc/served/a.conf", 'names "a.test pop.a.test"', { service: "served" });
    const linked = link("/etc/served/elsewhere.test/cert.pem", "../a.pem", { service: "served" });
    const foreign = link("/etc/other/elsewhere.test/cert.pem", "../a.pem", { service: "other" });
    const names = ["a.test"];
    expect(askedNames(partOf({ names, files: [file, block], links: [foreign] }), true)).toEqual([
      "a.test",
      "pop.a.test",
    ]);
    expect(askedNames(partOf({ names, links: [linked] }), true)).toEqual(["a.test", "elsewhere.test"]);
    expect(askedNames(partOf({ names, files: [file, block], links: [linked] }), false)).toEqual(["a.test"]);
  });

  it("GIVEN the default certificate THEN clients without SNI have to get it", () => {
    expect(askedNames(partOf({ role: "default" }), true)).toEqual([undefined]);
  });

  it.each<[string, () => Part]>([
    ["the base", () => partOf({ role: "base" })],
    ["wildcards alone", () => partOf({ names: ["*.a.test"] })],
    ["no certificate", () => partOf({ files: [] })],
    [
      "something else than a certificate",
      () => partOf({ files: [pem("/etc/served/a.pem", "no PEM", { service: "served" })] }),
    ],
  ])("GIVEN %s THEN nothing is expected", (_, part) => {
    expect(expectationsOf(part(), true)).toEqual([]);
  });
});
