import { chmodSync, chownSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeyPassphrases } from "../../../../lib/provider/keys/key-passphrases";
import { hostFiles } from "../../../../lib/provider/resources/host-files";
import { describeIf, root } from "../../../support/requirements";
import { ResourceLifecycle, type Values } from "../../../support/resource-lifecycle";
import { OLD, TABLE } from "../../host/support/old-renewers";
import { OldHost, retiredOf } from "../retired-renewers/support/old-host";

let on: OldHost;
beforeEach(() => {
  on = new OldHost();
});
afterEach(() => on.remove());

describe("mailsni_host_files, GIVEN a client that runs and has a hook for paths of the base", () => {
  const base: Values = {
    host: "mx1",
    role: "base",
    directories: { "/etc/served/pems": { mode: null, owner: null, group: null } },
    files: {
      "/etc/served/conf.d/10-main.conf": {
        text: "include /etc/served/certs/*\n",
        service: "served",
        mode: null,
        owner: null,
        group: null,
        on_destroy: null,
        sha256: null,
      },
    },
  };
  const prepared = () => new ResourceLifecycle(hostFiles(KeyPassphrases.takenFrom({})), on.hosts());

  it("WHEN the base is created THEN it is refused with what runs it and what to do, and nothing is changed", async () => {
    const before = on.tree();
    const { state, diagnostics } = await prepared().apply(base);
    expect(state).toBeNull();
    expect([...diagnostics].sort()).toEqual([
      expect.stringMatching(
        /dehydrated is active on host "mx1".*cron\.d\/dehydrated:3 runs it.*hook\.sh has served\/pems.*Renewer\.of\("dehydrated"\)/s,
      ),
      expect.stringMatching(
        /lego is active on host "mx1".*cron\.daily\/renew-certificates has served\/pems/s,
      ),
    ]);
    expect(on.tree()).toEqual(before);
  });

  it.each([
    ["the clients", { programs: ["dehydrated", "lego"], hooks: [] }],
    ["a client and the other's hook", { programs: ["lego", "dehydrated"], hooks: ["/opt/deploy"] }],
  ])("WHEN %s were switched off before THEN it is created", async (_, parts) => {
    on.write("/opt/deploy", "#!/bin/sh\ncp all.pem /etc/served/pems/\n", 0o755);
    on.write("/etc/letsencrypt/cli.ini", `deploy-hook = ${parts.hooks[0] ?? "true"}\n`);
    await on.renewers().apply(retiredOf(parts));
    expect((await prepared().apply(base)).diagnostics).toEqual([]);
  });

  describeIf(root, "what belongs to another user", () => {
    it("GIVEN another user's acme.sh that claims to write there THEN it is created", async () => {
      const claim = "/home/alice/.acme.sh/x/x.conf";
      on.write(claim, "Le_RealKeyPath='/etc/served/pems/x.pem'\n");
      chownSync(on.at(claim), 12345, 12345);
      on.write("/root/claim", "Le_RealKeyPath='/etc/served/pems/x.pem'\n");
      on.write("/home/bob/.acme.sh/x/x.conf", "");
      symlinkSync(on.at("/root/claim"), on.at("/home/bob/.acme.sh/x/y.conf"));
      chownSync(on.at("/home/bob/.acme.sh"), 12345, 12345);
      await on.renewers().apply(retiredOf({ programs: ["dehydrated", "lego"] }));
      expect((await prepared().apply(base)).diagnostics).toEqual([]);
    });
  });

  it("GIVEN a dehydrated with its own configuration, whose hook has a table of files THEN it is refused", async () => {
    await on.renewers().apply(retiredOf());
    const text = (name: string) => `/etc/mail-renewal/${name}`;
    on.write(
      "/etc/cron.d/mail-renewal",
      "1 1 * * * root flock -n /run/lock dehydrated -c -f /etc/mail-renewal/config\n",
    );
    on.write(text("config"), "HOOK='/etc/mail-renewal/hook'\n");
    on.write(text("hook"), "#!/bin/sh\ntargets='/etc/mail-renewal/targets'\n", 0o755);
    on.write(text("targets"), "domain1.tld\t0600\t-\t-\t/etc/served/pems/domain1.tld.pem\n");
    expect((await prepared().apply(base)).diagnostics).toEqual([
      expect.stringMatching(/cron\.d\/mail-renewal:1 runs it.*mail-renewal\/\S+ has served\/pems/s),
    ]);
    chmodSync(on.at(text("hook")), 0o644);
    expect((await prepared().apply(base)).diagnostics).toEqual([]);
  });

  it("GIVEN one that writes nothing of the base THEN it is created", async () => {
    for (const path of [OLD.script, OLD.hook])
      writeFileSync(on.at(path), "#!/bin/sh\nlego; cp a /etc/other\n");
    expect((await prepared().apply(base)).diagnostics).toEqual([]);
    expect(existsSync(on.at("/etc/served/pems"))).toBe(true);
    expect(readFileSync(on.at(OLD.table), "utf8")).toBe(TABLE);
  });
});
