import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Hosts } from "../../../lib/provider/host/hosts";
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

  it("GIVEN a host whose ledger cannot be read THEN changes and looks there fail and say so, and the others are done", async () => {
    const other = new TestHost();
    try {
      const bad = hosts.find("mx1");
      const both = new Hosts("stack", new Map([["mx2", { ...other.settings, name: "mx2" }]]));
      on.write(`${on.settings.stateDirectory}/ledger`, "claim\tstack\tTOKEN\trelative\t.\n");
      const look = bad?.observe({ paths: ["/etc/served/served.conf"], texts: new Map() });
      const [seen, refused, done] = await Promise.allSettled([
        look,
        bad?.change(certificate("a.test", "x")),
        both.find("mx2")?.change(certificate("a.test", "x")),
      ]);
      const reason = `${on.ledgerPath} cannot be read: line 1: \`claim\` with "relative": it is not absolute`;
      expect(String(seen.status === "rejected" && seen.reason)).toContain(reason);
      expect(refused).toMatchObject({
        value: {
          errors: [{ summary: 'Host "mx1" cannot be used', detail: expect.stringContaining(reason) }],
        },
      });
      expect(done).toMatchObject({ value: { errors: [] } });
      await both.close();
    } finally {
      await other.remove();
    }
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
