import { describe, expect, it } from "vitest";
import {
  type InstalledCertificate,
  InstalledCertificates,
} from "../../../../lib/provider/host/served/installed-certificates";

const certificate = (name: string, fingerprint = "aa"): InstalledCertificate => ({
  isDefault: false,
  names: [name],
  leaves: { dovecot: fingerprint },
});

describe("what the state says is installed on a host", () => {
  it("GIVEN a plan THEN what it changes is left out, and so is what it has only read", () => {
    const installed = new InstalledCertificates();
    for (const id of ["same", "changed", "removed"]) installed.noteRead(id, certificate(`${id}.tld`));
    installed.notePlanned("same", certificate("same.tld"));
    installed.notePlanned("changed", null);

    expect(installed.settled).toEqual([certificate("same.tld")]);
  });

  it("GIVEN a plan in which everything changes THEN there is nothing", () => {
    const installed = new InstalledCertificates();
    installed.noteRead("changed", certificate("changed.tld"));
    installed.notePlanned("changed", null);

    expect(installed.settled).toEqual([]);
  });

  it("GIVEN a refresh without a plan THEN it is what was read, in an order that does not depend on the engine", () => {
    const installed = new InstalledCertificates();
    installed.noteRead("b", certificate("b.tld"));
    installed.noteRead("default", { ...certificate("z.tld"), isDefault: true });
    installed.noteRead("a", certificate("a.tld"));

    expect(installed.settled.map(({ names }) => names[0])).toEqual(["z.tld", "a.tld", "b.tld"]);
  });
});
