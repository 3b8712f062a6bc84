import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Hosts } from "../../../lib/provider/remote/hosts";
import { certificate, withoutCertificate } from "./support/changes";
import { TestHost } from "./support/test-host";

let on: TestHost;
let hosts: Hosts;
beforeEach(() => {
  on = new TestHost();
  hosts = new Hosts(
    "stack",
    new Map([
      ["mx1", on.settings],
      ["later", null],
    ]),
  );
});
afterEach(async () => {
  await hosts.close();
  await on.remove();
});

describe("Hosts", () => {
  it("THEN a declared host is opened once; one not known yet is null; one not declared is undefined", () => {
    expect(hosts.find("mx1")).toBe(hosts.find("mx1"));
    expect(hosts.find("mx1")?.settings.name).toBe("mx1");
    expect(hosts.find("later")).toBeNull();
    expect(hosts.find("other")).toBeUndefined();
  });

  it("GIVEN a host that is no longer declared THEN it is reached where it was, without its services", async () => {
    await hosts.find("mx1")?.change(certificate("a.test", "x"));
    const { root, stateDirectory, applyOwnership } = on.settings;
    const connection = { root, stateDirectory, applyOwnership };
    const without = new Hosts("stack", new Map());
    const before = without.formerly("mx1", connection);
    on.calls();
    expect((await before.change(withoutCertificate("a.test"))).errors).toEqual([]);
    expect([on.has("/etc/served/pem"), on.calls()]).toEqual([false, []]);
    expect(without.formerly("mx1", connection)).toBe(before);
    await without.close();
  });

  it("GIVEN a host that has another name by now THEN it is that one, with its services", () => {
    const { root, stateDirectory, applyOwnership } = on.settings;
    expect(hosts.formerly("mx0", { root, stateDirectory, applyOwnership })).toBe(hosts.find("mx1"));
  });
});
