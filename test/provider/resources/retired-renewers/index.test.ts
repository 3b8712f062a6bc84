import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HostSettings } from "../../../../lib/provider/host/desired/host-settings";
import { Hosts } from "../../../../lib/provider/host/hosts";
import { KeyPassphrases } from "../../../../lib/provider/keys/key-passphrases";
import { Diagnostics } from "../../../../lib/provider/protocol/diagnostics";
import { hostFiles } from "../../../../lib/provider/resources/host-files";
import { retiredRenewers } from "../../../../lib/provider/resources/retired-renewers";
import { renewers as renewersOf } from "../../../../lib/provider/resources/retired-renewers/data-source";
import { fileTree } from "../../../support/file-tree";
import { describeIf, root } from "../../../support/requirements";
import { ResourceLifecycle, type Values } from "../../../support/resource-lifecycle";
import { CRONTAB, OLD, plantRenewers, TABLE } from "../../host/support/old-renewers";
import { ShellTransport } from "../../host/support/shells";
import { STATE_DIRECTORY, TestHost } from "../../host/support/test-host";

let on: TestHost;
const opened: Hosts[] = [];
beforeEach(() => {
  on = new TestHost();
  plantRenewers(on);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
  await on.remove();
});

function hosts(settings: Partial<HostSettings> = {}, stack = "stack"): Hosts {
  const configured = new Hosts(stack, new Map([["mx1", { ...on.settings, ...settings, name: "mx1" }]]));
  opened.push(configured);
  return configured;
}

const renewers = (provider = hosts()) => new ResourceLifecycle(retiredRenewers(), provider);
const ALL = ["acme.sh", "certbot", "dehydrated", "lego"];
const config = (parts: Values = {}): Values => ({ host: "mx1", programs: ALL, hooks: [OLD.hook], ...parts });
const tree = () => fileTree(on.root, [STATE_DIRECTORY]);
const mode = (path: string) => on.mode(path);

describe("mailsni_retired_renewers", () => {
  it("WHEN it is created THEN nothing runs, nothing is deleted, and the plan is empty; destroyed, all is as it was", async () => {
    const before = tree();
    const resource = renewers();
    const { state, diagnostics } = await resource.apply(config());
    expect(diagnostics).toEqual([]);
    expect(state).toMatchObject({
      pending: null,
      places: [OLD.script, OLD.table, OLD.hook, OLD.crontab, "certbot.service"].sort(),
    });
    expect(on.read(OLD.table)).toBe(TABLE.replace("17 3", "#mail-sni-retired dehydrated# 17 3"));
    expect(on.read(OLD.crontab)).toBe(
      CRONTAB.replace("12 0", "#mail-sni-retired acme.sh# 12 0").replace(
        "1 1",
        "#mail-sni-retired certbot# 1 1",
      ),
    );
    expect(on.read(OLD.dropIn)).toContain("[Unit]\nConditionPathExists=!/\n");
    expect([mode(OLD.table), mode(OLD.crontab), mode(OLD.script), mode(OLD.hook)]).toEqual([
      "0644",
      "0600",
      "0644",
      "0600",
    ]);
    await resource.read();
    expect(await resource.plan(config())).toMatchObject({ action: "no-op", diagnostics: [] });
    expect(await resource.destroy()).toEqual([]);
    expect(tree()).toEqual(before);
  });

  it("WHEN values are removed THEN only those run again", async () => {
    const resource = renewers();
    await resource.apply(config());
    await resource.read();
    const { state, diagnostics } = await resource.apply(config({ programs: ["certbot"], hooks: [] }));
    expect(diagnostics).toEqual([]);
    expect(state?.places).toEqual([OLD.crontab, "certbot.service"]);
    expect(on.read(OLD.table)).toBe(TABLE);
    expect(on.read(OLD.crontab)).toBe(CRONTAB.replace("1 1", "#mail-sni-retired certbot# 1 1"));
    expect([mode(OLD.script), mode(OLD.hook)]).toEqual(["0754", "0700"]);
  });

  it("GIVEN a package that brings its timer again WHEN planned THEN it is pending, and the next apply switches it off", async () => {
    const resource = renewers();
    await resource.apply(config());
    on.write(OLD.table, TABLE);
    chmodSync(on.at(OLD.script), 0o755);
    const { state } = await resource.read();
    expect(state?.pending).toBe(
      `dehydrated is not switched off: ${OLD.table}:3 runs it; lego is not switched off: ${OLD.script} runs it`,
    );
    expect((await resource.apply(config())).state).toMatchObject({ pending: null });
    expect(on.read(OLD.table)).toContain("#mail-sni-retired dehydrated# 17 3");
    await resource.destroy();
    expect(mode(OLD.script)).toBe("0755");
  });

  it("GIVEN a state that was lost WHEN it is created again THEN it knows what is off, and can switch it on", async () => {
    const before = tree();
    await renewers().apply(config());
    const again = renewers();
    expect((await again.apply(config())).state?.places).toHaveLength(5);
    await again.destroy();
    expect(tree()).toEqual(before);
  });

  it("GIVEN an administrator who has removed what was switched off WHEN destroyed THEN that is no error", async () => {
    const resource = renewers();
    await resource.apply(config());
    for (const path of [OLD.table, OLD.script, OLD.hook]) renameSync(on.at(path), on.at(`${path}.gone`));
    expect(await resource.destroy()).toEqual([]);
  });

  it.each([
    ["a link", () => on.link("/etc/cron.d/linked", "../dehydrated-cron"), "there is a link in its path"],
    [
      "a directory that others can change",
      () => chmodSync(on.at("/etc/cron.d"), 0o777),
      "other users can change",
    ],
  ])("GIVEN a crontab in %s THEN it is left alone, a warning, and pending", async (_, make, reason) => {
    on.write("/etc/dehydrated-cron", TABLE);
    make();
    const { state, diagnostics } = await renewers().apply(config({ programs: ["dehydrated"], hooks: [] }));
    expect(diagnostics).toEqual([
      expect.stringMatching(new RegExp(`could not be switched off: .*${reason}`)),
    ]);
    expect(state?.pending).toContain("dehydrated is not switched off");
    expect(on.read("/etc/dehydrated-cron")).toBe(TABLE);
  });

  describeIf(root, "what belongs to another user", () => {
    it("GIVEN a user's own crontab THEN it is left alone, and its lines do not matter", async () => {
      on.write("/var/spool/cron/crontabs/alice", CRONTAB, 0o600);
      chownSync(on.at("/var/spool/cron/crontabs/alice"), 12345, 12345);
      const { state, diagnostics } = await renewers().apply(config());
      expect([diagnostics, state?.pending]).toEqual([[], null]);
      expect(on.read("/var/spool/cron/crontabs/alice")).toBe(CRONTAB);
    });

    it("GIVEN a user's own hook THEN it is left alone, a warning, and pending", async () => {
      on.write("/home/alice/hook", "#!/bin/sh\n", 0o755);
      chownSync(on.at("/home/alice/hook"), 12345, 12345);
      const { state, diagnostics } = await renewers().apply(config({ hooks: ["/home/alice/hook"] }));
      expect(diagnostics).toEqual([
        expect.stringContaining("not a file of the user that the provider works as"),
      ]);
      expect([state?.pending, mode("/home/alice/hook")]).toEqual(["/home/alice/hook is executable", "0755"]);
    });
  });

  it("GIVEN hostile lines WHEN they are switched off and on THEN they are what they were", async () => {
    const hostile =
      '* * * * * root certbot `touch /tmp/x` $(id) \\\\ & / \\1 %\n#mail-sni-retired certbot# * * * * * root old\n\t * * * * * root "certbot" \'x\n* * * * * root certbot\r\n\\n certbot s/a/b/\n';
    on.write("/etc/cron.d/hostile", hostile);
    const resource = renewers();
    await resource.apply(config());
    const off = on.read("/etc/cron.d/hostile");
    expect(
      off.split("\n").filter((line) => line !== "" && !line.startsWith("#mail-sni-retired certbot# ")),
    ).toEqual([]);
    await resource.destroy();
    // A line that has the mark of before is one that was switched off.
    expect(on.read("/etc/cron.d/hostile")).toBe(hostile.replace("#mail-sni-retired certbot# ", ""));
  });

  it("GIVEN variables of a crontab that have the name of a client THEN they stay, for they are for all lines", async () => {
    const table =
      'PATH=/opt/certbot/bin:/usr/bin\n MAILTO = certbot@domain1.tld\n"X"=certbot\n-*/9 * * * * root certbot renew\n';
    on.write("/etc/cron.d/shared", table);
    const { state } = await renewers().apply(config());
    expect(state?.pending).toBeNull();
    expect(on.read("/etc/cron.d/shared")).toBe(table.replace("-*/9", "#mail-sni-retired certbot# -*/9"));
  });

  it("GIVEN backups of a client's directory THEN they go on, and lines that also run the client do not", async () => {
    const backups =
      "1 2 * * * root tar czf /backup/a.tgz /var/lib/dehydrated >/dev/null 2>&1\n@daily root /usr/bin/rsync -a /etc/certbot b:\n";
    const lines = [
      "1 2 * * * root cp -a /var/lib/dehydrated /backup; dehydrated -c",
      "1 2 * * * root certbot renew --deploy-hook 'cp a b'",
      "1 2 * * * root /opt/certbot/certbot renew --deploy-hook tar x",
    ];
    on.write("/etc/cron.d/backup", `${backups}${lines.join("\n")}\n`);
    await renewers().apply(config());
    const off = on.read("/etc/cron.d/backup");
    expect(off.startsWith(backups)).toBe(true);
    expect(off.slice(backups.length).match(/^#mail-sni-retired \w+# /gm)).toHaveLength(lines.length);
  });

  it("GIVEN a line of anacron, and units of the administrator, THEN both are switched off", async () => {
    const table = "START_HOURS_RANGE=3-22\n1 5 certificates certbot renew\n";
    on.write("/etc/anacrontab", table);
    on.write("/usr/local/lib/systemd/system/renew.service", "[Service]\nExecStart=/usr/bin/lego renew\n");
    on.write("/usr/local/lib/systemd/system/renew.timer", "[Timer]\nOnCalendar=daily\n");
    on.link(
      "/etc/systemd/system/timers.target.wants/renew.timer",
      "/usr/local/lib/systemd/system/renew.timer",
    );
    const { state } = await renewers().apply(config());
    expect(state?.places).toContain("renew.service");
    expect(on.read("/etc/anacrontab")).toBe(table.replace("1 5", "#mail-sni-retired certbot# 1 5"));
  });

  it("GIVEN more lines than fit into an argument THEN all are switched off, and on again", async () => {
    const table = "* * * * * root certbot\n".repeat(9000);
    on.write("/etc/cron.d/long", table);
    const resource = renewers();
    await resource.apply(config());
    expect(on.read("/etc/cron.d/long").match(/^#mail-sni-retired certbot# /gm)).toHaveLength(9000);
    await resource.destroy();
    expect(on.read("/etc/cron.d/long")).toBe(table);
  });

  it("GIVEN a timer of certbot's snap, and an instance of a template THEN both services are switched off", async () => {
    const units = "/etc/systemd/system";
    on.write(
      `${units}/snap.certbot.renew.service`,
      '[Service]\nExecStart=/usr/bin/snap run --timer="00:00~24:00/2" certbot.renew\n',
    );
    on.write(`${units}/renew@.service`, "[Service]\nExecStart=/usr/bin/lego --domains %i renew\n");
    for (const timer of ["snap.certbot.renew.timer", "renew@.timer"])
      on.write(`${units}/${timer}`, "[Timer]\nOnCalendar=daily\n");
    on.link(`${units}/timers.target.wants/snap.certbot.renew.timer`, "../snap.certbot.renew.timer");
    on.link(`${units}/timers.target.wants/renew@domain1.tld.timer`, "../renew@.timer");
    const resource = renewers();
    const { state } = await resource.apply(config());
    expect(state?.places).toEqual(expect.arrayContaining(["renew@.service", "snap.certbot.renew.service"]));
    expect(on.read(`${units}/renew@.service.d/zz-mail-sni-retired.conf`)).toContain("ConditionPathExists=!/");
    await resource.destroy();
    expect(existsSync(on.at(`${units}/renew@.service.d`))).toBe(false);
  });

  it.each([
    ["masked", () => on.link("/etc/systemd/system/certbot.service", "/dev/null")],
    [
      "replaced by an administrator's",
      () => on.write("/etc/systemd/system/certbot.service", "[Service]\nExecStart=/bin/true\n"),
    ],
  ])("GIVEN a service that is %s THEN it does not count as one that runs", async (_, make) => {
    make();
    const { state } = await renewers().apply(config());
    expect(state?.places).not.toContain("certbot.service");
    expect(existsSync(on.at(OLD.dropIn))).toBe(false);
  });

  it("GIVEN Debian, where cron leaves out names with a dot THEN such files do not count", async () => {
    on.write("/etc/debian_version", "13\n");
    on.write("/etc/cron.d/certbot.disabled", TABLE);
    await renewers().apply(config());
    expect(on.read("/etc/cron.d/certbot.disabled")).toBe(TABLE);
    expect(on.read(OLD.table)).toContain("#mail-sni-retired");
  });

  it("GIVEN a crontab in a directory in which all users may create files, but replace only their own THEN it is switched off", async () => {
    chmodSync(dirname(on.at(OLD.crontab)), 0o1777);
    const { state, diagnostics } = await renewers().apply(config());
    expect([diagnostics, state?.pending]).toEqual([[], null]);
  });

  it("GIVEN a crontab that is too large with its mark THEN it is left alone, a warning, and pending", async () => {
    const large = `#${"x".repeat(1024 * 1024 - 40)}\n1 1 * * * root certbot renew\n`;
    on.write("/etc/cron.d/large", large);
    const { state, diagnostics } = await renewers().apply(config());
    expect(diagnostics).toEqual([expect.stringContaining("it is too large")]);
    expect(state?.pending).toContain("/etc/cron.d/large:2 runs it");
    expect(on.read("/etc/cron.d/large") === large).toBe(true);
  });

  it.each([
    [
      "the record of who wants it off is a directory",
      `${STATE_DIRECTORY}/retired-by/x`,
      "retired-by: it cannot be written",
    ],
    ["the lock is a directory", `${STATE_DIRECTORY}/retired.lock/x`, "retired.lock: it cannot be locked"],
  ])("GIVEN that %s THEN nothing is switched off, and a warning says why", async (_, path, reason) => {
    on.write(path, "");
    const before = tree();
    const { state, diagnostics } = await renewers().apply(config());
    expect(diagnostics).toEqual([expect.stringContaining(reason)]);
    expect(state?.pending).toContain("is not switched off");
    expect(tree()).toEqual(before);
  });

  it("GIVEN a state directory that is a link THEN nothing is switched off, and a warning says why", async () => {
    mkdirSync(on.at("/elsewhere"));
    on.link(STATE_DIRECTORY, on.at("/elsewhere"));
    const before = tree();
    const { diagnostics } = await renewers().apply(config());
    expect(diagnostics).toEqual([expect.stringMatching(/not a directory of this user|cannot be used/)]);
    expect(tree()).toEqual(before);
  });

  it("GIVEN another host WHEN planned THEN it is replaced; a renamed one is not", async () => {
    const resource = renewers();
    await resource.apply(config());
    const replaced = async (provider: Hosts) => {
      const paths: unknown[] = [];
      const state = resource.state as never;
      const kept = JSON.parse(Buffer.from(resource.private ?? []).toString());
      await retiredRenewers().plan?.({
        config: { ...(state as object), planned_places: null } as never,
        prior: state,
        planned: { ...(state as object), host: "mx2" } as never,
        private: kept,
        provider,
        diagnostics: new Diagnostics(),
        signal: new AbortController().signal,
        requireReplacement: (path) => paths.push(path),
      });
      return paths;
    };
    const renamed = new Hosts("stack", new Map([["mx2", { ...on.settings, name: "mx2" }]]));
    opened.push(renamed);
    expect(await replaced(renamed)).toEqual([]);
    const other = new Hosts("stack", new Map([["mx2", { ...on.settings, name: "mx2", root: "/elsewhere" }]]));
    opened.push(other);
    expect(await replaced(other)).toEqual([["host"]]);
  });

  describe("GIVEN programs of the host that do something first", () => {
    /** The words of a shell run before a program there, whose arguments they see. */
    const doingFirst = (program: string, script: string) => {
      on.write(
        `/wrappers/${program}`,
        `#!/bin/sh\nPATH=\${PATH#*:}\n${script}\nexec ${program} "$@"\n`,
        0o755,
      );
      const host = on.open({
        transport: new ShellTransport(["sh"], `PATH='${on.at("/wrappers")}':$PATH; export PATH\n`),
      });
      return new (class extends Hosts {
        override find = () => host;
      })("stack", new Map());
    };
    const more = "2 2 * * * root certbot certonly\n";

    it("WHEN a crontab is edited while it is switched off THEN the edit stays, a warning, and pending", async () => {
      const edit = `case $* in *"-f -"*) printf '${more.replace("\n", "\\n")}' >>'${on.at(OLD.table)}' ;; esac`;
      const only = config({ programs: ["dehydrated"], hooks: [] });
      const { state, diagnostics } = await renewers(doingFirst("sed", edit)).apply(only);
      expect(diagnostics).toEqual([expect.stringContaining("it was changed meanwhile")]);
      expect(state?.pending).toContain("dehydrated is not switched off");
      expect(on.read(OLD.table)).toBe(TABLE + more);
    });

    it("WHEN another run changes a crontab before it lets go of the lock THEN that change is seen", async () => {
      const line = more.replace("certbot", "dehydrated");
      const edit = `printf '${line.replace("\n", "\\n")}' >>'${on.at(OLD.table)}'`;
      const only = config({ programs: ["dehydrated"], hooks: [] });
      const { state } = await renewers(doingFirst("flock", edit)).apply(only);
      expect(state?.pending).toBeNull();
      expect(on.read(OLD.table)).toContain(`#mail-sni-retired dehydrated# ${line}`);
    });
  });

  describe("GIVEN a host that is lost while renewers are switched", () => {
    /** Ends the shell after each rename there. */
    const losing = () => {
      const wrappers = on.at("/wrappers");
      on.write(
        "/wrappers/mv",
        `#!/bin/sh\n/bin/mv "$@"\ncase $* in *retired-by) exit 0 ;; esac\nkill -9 "$(cat ${wrappers}/shell)"\nkill -9 0\n`,
        0o755,
      );
      const prelude = `PATH='${wrappers}':$PATH; export PATH; echo $$ >'${wrappers}/shell'\n`;
      const host = on.open({ transport: new ShellTransport(["sh"], prelude) });
      return new (class extends Hosts {
        override find = () => host;
      })("stack", new Map());
    };
    const withoutWrappers = () => rmSync(on.at("/wrappers"), { recursive: true, force: true });

    it("WHEN it was created THEN the state has it, and a destroy switches all on again", async () => {
      const before = tree();
      const resource = renewers(losing());
      const { state, diagnostics } = await resource.apply(config());
      expect(diagnostics).toEqual([expect.stringContaining("error")]);
      expect(state).toMatchObject({ programs: ALL, pending: expect.stringContaining("not known") });
      withoutWrappers();
      expect(tree()).not.toEqual(before);
      const later = renewers();
      Object.assign(later, { state: resource.state, private: resource.private });
      expect(await later.destroy()).toEqual([]);
      expect(tree()).toEqual(before);
    });

    it("WHEN values are replaced THEN the state has those of before too", async () => {
      const before = tree();
      const first = renewers();
      await first.apply(config({ programs: ["dehydrated"], hooks: [] }));
      const resource = renewers(losing());
      Object.assign(resource, { state: first.state, private: first.private });
      const { state } = await resource.apply(config({ programs: ["certbot", "acme.sh"], hooks: [] }));
      expect(state).toMatchObject({ programs: ["dehydrated", "certbot", "acme.sh"] });
      withoutWrappers();
      const later = renewers();
      Object.assign(later, { state: resource.state, private: resource.private });
      await later.destroy();
      expect(tree()).toEqual(before);
    });
  });

  it("GIVEN the hook of a dehydrated that is to go on THEN it stays, a warning says what to do, and it is pending", async () => {
    const { state, diagnostics } = await renewers().apply(config({ programs: ["certbot"] }));
    expect(diagnostics).toEqual([expect.stringContaining("renews nothing if it cannot run its hook")]);
    expect(state?.pending).toBe(`${OLD.hook} is executable`);
    expect(mode(OLD.hook)).toBe("0700");
  });

  it("THEN a program that is not known, and a hook without a path, are refused", async () => {
    const refused = await renewers().validate(config({ programs: ["certbto"], hooks: ["hook.sh"] }));
    expect(refused).toEqual([
      expect.stringContaining('"certbto" is not known'),
      expect.stringContaining('"hook.sh": it is not absolute'),
    ]);
  });

  it("GIVEN a host without commands THEN nothing is switched off, and a warning says so", async () => {
    const before = tree();
    const { diagnostics } = await renewers(hosts({ applyOwnership: false })).apply(config());
    expect(diagnostics).toEqual([expect.stringContaining("are not switched off")]);
    expect(tree()).toEqual(before);
  });
});

describe("GIVEN two stacks that switch off the same on one host", () => {
  const both = { programs: ["certbot", "lego"], hooks: [OLD.hook] };
  const other = () => renewers(hosts({}, "other"));
  const owners = () => on.read(`${STATE_DIRECTORY}/retired-by`);

  it("WHEN one is destroyed THEN what both want stays off, with a warning; the last one switches it on", async () => {
    const before = tree();
    const [first, second] = [renewers(), other()];
    await first.apply(config());
    await second.apply(config(both));
    expect(await first.destroy()).toEqual(
      ["certbot", "lego", OLD.hook].map((name) =>
        expect.stringMatching(new RegExp(`^warning ${name} stays switched off on host "mx1": .*"other" has`)),
      ),
    );
    expect(on.read(OLD.table)).toBe(TABLE);
    expect(on.read(OLD.crontab)).toBe(CRONTAB.replace("1 1", "#mail-sni-retired certbot# 1 1"));
    expect([mode(OLD.script), mode(OLD.hook)]).toEqual(["0644", "0600"]);
    expect(on.read(OLD.dropIn)).toContain("ConditionPathExists=!/");
    await second.read();
    expect(await second.plan(config(both))).toMatchObject({ action: "no-op" });
    expect(await second.destroy()).toEqual([]);
    expect([tree(), owners()]).toEqual([before, ""]);
  });

  it("WHEN one no longer wants a program THEN that comes back only if the other does not want it", async () => {
    const [first, second] = [renewers(), other()];
    await first.apply(config());
    await second.apply(config(both));
    await first.read();
    const { diagnostics } = await first.apply(config({ programs: ["lego"], hooks: [OLD.hook] }));
    expect(diagnostics).toEqual([expect.stringContaining("certbot stays switched off")]);
    expect(on.read(OLD.crontab)).toBe(CRONTAB.replace("1 1", "#mail-sni-retired certbot# 1 1"));
    expect(await second.destroy()).toEqual([
      expect.stringContaining("lego stays switched off"),
      expect.stringContaining(`${OLD.hook} stays switched off`),
    ]);
    expect(on.read(OLD.crontab)).toBe(CRONTAB);
  });

  it("WHEN one switches off what the other switches on meanwhile THEN it is off", async () => {
    const second = other();
    await second.apply(config(both));
    const renewersThere = hosts().find("mx1")?.renewers;
    if (!renewersThere) throw new Error("no host");
    const facts = await renewersThere.observe({ programs: [], hooks: [OLD.hook] });
    await second.destroy();
    // As if it had looked before.
    renewersThere.observe = async () => facts;
    const before = { programs: [], hooks: [] };
    await renewersThere.settle({ stack: "stack", wanted: both, before, planned: null });
    expect(on.read(OLD.crontab)).toContain("#mail-sni-retired certbot# 1 1");
    expect(on.read(OLD.dropIn)).toContain("ConditionPathExists=!/");
  });
});

describe("GIVEN an apply that was killed before its state was saved", () => {
  it("WHEN the next one wants less THEN what only the first one wanted runs again", async () => {
    const before = tree();
    await renewers().apply(config());
    const next = renewers();
    expect((await next.apply(config({ programs: ["certbot"], hooks: [] }))).diagnostics).toEqual([]);
    expect(on.read(OLD.table)).toBe(TABLE);
    expect([mode(OLD.script), mode(OLD.hook)]).toEqual(["0754", "0700"]);
    await next.destroy();
    expect(tree()).toEqual(before);
  });

  describeIf(root, "by hand", () => {
    it("WHEN the commands of the documentation are run THEN all is as it was, and no stack wants anything off", async () => {
      const before = tree();
      await renewers().apply(config());
      const docs = readFileSync("docs/operations.md", "utf8");
      const [, commands = ""] = /#### Switching on by hand\n.*?```sh\n(.*?)```/s.exec(docs) ?? [];
      const here = commands.replace(/(?<=[ "<])\/(?=(etc|var|run)\/)/g, `${on.root}/`);
      const run = () =>
        spawnSync("sh", ["-c", here.replaceAll("$path", `${on.root}$path`)], { encoding: "utf8" });
      for (const _ of ["once", "and again"])
        expect(run()).toMatchObject({ status: 0, stdout: "", stderr: "" });
      rmdirSync(dirname(on.at(OLD.dropIn)));
      expect(tree()).toEqual(before);
      expect(await renewers(hosts({}, "other")).plan(config())).toMatchObject({ action: "create" });
      expect(readdirSync(on.at(STATE_DIRECTORY)).filter((name) => /^retired-(by|modes)$/.test(name))).toEqual(
        [],
      );
    });
  });
});

describe("what a plan names", () => {
  const found = async (parts: Values = {}, provider = hosts()) => {
    const { host, programs, hooks } = config(parts) as Record<"host" | "programs" | "hooks", never>;
    const diagnostics = new Diagnostics();
    const read = await renewersOf().read({
      config: { host, programs, hooks, places: null },
      provider,
      diagnostics,
      signal: new AbortController().signal,
    });
    const said = diagnostics.all.map(({ severity, summary }) => `${severity}: ${summary}`);
    return { places: (read?.places ?? null) as string[] | null, said };
  };
  const planned = async (parts: Values = {}) =>
    config({ ...parts, planned_places: (await found(parts)).places });

  it("THEN it is each file with its lines, each service and hook, and how, before and after the apply", async () => {
    const before = tree();
    const { places, said } = await found();
    expect([places, said]).toEqual([
      [
        `${OLD.table}: a mark in front of the line that runs dehydrated (line 3)`,
        `${OLD.script}: runs lego; its execute permission is removed`,
        `${OLD.hook}: a hook; its execute permission is removed`,
        `${OLD.crontab}: a mark in front of the line that runs acme.sh (line 1)`,
        `${OLD.crontab}: a mark in front of the line that runs certbot (line 3)`,
        "certbot.service: runs certbot; systemd skips the service, and its timer stays",
      ],
      [],
    ]);
    expect(tree()).toEqual(before);
    const resource = renewers();
    const plan = await resource.plan(config({ planned_places: places }));
    expect([plan.planned.planned_places, plan.unknown]).toEqual([places, ["places", "pending"]]);
    expect((await resource.apply(config({ planned_places: places }))).diagnostics).toEqual([]);
    expect((await found()).places).toEqual(places);
    await resource.read();
    expect(await resource.plan(await planned())).toMatchObject({ action: "no-op" });
  });

  it.each([
    [
      "a line",
      () => on.write("/etc/cron.d/more", "1 1 * * * root certbot renew\n"),
      "/etc/cron.d/more: a mark",
    ],
    ["a second line", () => on.write(OLD.table, TABLE + TABLE), `${OLD.table}: a mark in front of 2 lines`],
    ["a hook", () => on.write("/opt/hook", "", 0o755), "/opt/hook: a hook"],
  ])(
    "GIVEN %s since the plan WHEN applied THEN nothing is changed, and it asks for another plan",
    async (_, more, names) => {
      const hooks = [OLD.hook, "/opt/hook"];
      const values = await planned({ hooks });
      more();
      const before = tree();
      const resource = renewers();
      const { state, diagnostics } = await resource.apply(values);
      expect(state).toBeNull();
      expect(diagnostics).toEqual([expect.stringMatching(/error .*changed since the plan.*Plan again/)]);
      expect(diagnostics[0]).toContain(names);
      expect(tree()).toEqual(before);
      expect((await resource.apply(await planned({ hooks }))).diagnostics).toEqual([]);
    },
  );

  it("GIVEN less since the plan, or other lines above WHEN applied THEN it is", async () => {
    const values = await planned();
    rmSync(on.at(OLD.script));
    on.write(OLD.table, `# a comment\n${TABLE}`);
    const { state, diagnostics } = await renewers().apply(values);
    expect([diagnostics, state?.pending]).toEqual([[], null]);
  });

  it("GIVEN lines that were moved, or are gone, after the apply THEN the plan is empty; a new one is named", async () => {
    const resource = renewers();
    await resource.apply(await planned());
    on.write(OLD.table, `# a comment\n${on.read(OLD.table)}`);
    rmSync(on.at(OLD.script));
    await resource.read();
    // `places` has what is off now.
    expect(await resource.plan(await planned())).toMatchObject({ action: "no-op" });
    on.write("/etc/cron.d/more", "1 1 * * * root certbot renew\n");
    await resource.read();
    const plan = await resource.plan(await planned());
    expect(plan.planned.planned_places).toContain(
      "/etc/cron.d/more: a mark in front of the line that runs certbot (line 1)",
    );
    expect((await resource.apply(await planned())).diagnostics).toEqual([]);
  });

  it("GIVEN a host that cannot be asked THEN a warning, and the plan names nothing; later it is not emptied", async () => {
    const host = on.open({ transport: new ShellTransport(["false"]) });
    const lost = new (class extends Hosts {
      override find = () => host;
    })("stack", new Map());
    const { places, said } = await found({}, lost);
    expect([places, said]).toEqual([
      null,
      ['warning: The plan does not name what is switched off on host "mx1"'],
    ]);
    const resource = renewers();
    expect((await resource.plan(config({ planned_places: null }))).unknown).toContain("planned_places");
    await resource.apply(config({ planned_places: null }));
    expect(resource.state?.planned_places).toHaveLength(6);
    await resource.read();
    expect(await resource.plan(config({ planned_places: null }))).toMatchObject({ action: "no-op" });
  });

  it("GIVEN a plan of an engine, which asks for both at once THEN one question is enough", async () => {
    const provider = hosts();
    const resource = renewers(provider);
    await resource.apply(config());
    const [, { places }] = await Promise.all([resource.read(), found({ hooks: [] }, provider)]);
    expect([resource.state?.pending, places?.length]).toEqual([null, 5]);
  });

  it("GIVEN a host that is not declared THEN an error; one that is gone, or without commands, has nothing", async () => {
    expect(await found({ host: "mx2" })).toMatchObject({ said: ['error: Host "mx2" is not known'] });
    expect(await found({}, hosts({ gone: true }))).toEqual({ places: null, said: [] });
    expect(await found({}, hosts({ applyOwnership: false }))).toEqual({ places: [], said: [] });
  });
});

describe("GIVEN a client that runs and has a hook for paths of the base", () => {
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
  const prepared = () => new ResourceLifecycle(hostFiles(KeyPassphrases.takenFrom({})), hosts());

  it("WHEN the base is created THEN it is refused with what runs it and what to do, and nothing is changed", async () => {
    const before = tree();
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
    expect(tree()).toEqual(before);
  });

  it.each([
    ["the clients", { programs: ["dehydrated", "lego"], hooks: [] }],
    ["a client and the other's hook", { programs: ["lego", "dehydrated"], hooks: ["/opt/deploy"] }],
  ])("WHEN %s were switched off before THEN it is created", async (_, parts) => {
    on.write("/opt/deploy", "#!/bin/sh\ncp all.pem /etc/served/pems/\n", 0o755);
    on.write("/etc/letsencrypt/cli.ini", `deploy-hook = ${parts.hooks[0] ?? "true"}\n`);
    await renewers().apply(config(parts));
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
      await renewers().apply(config({ programs: ["dehydrated", "lego"] }));
      expect((await prepared().apply(base)).diagnostics).toEqual([]);
    });
  });

  it("GIVEN a dehydrated with its own configuration, whose hook has a table of files THEN it is refused", async () => {
    await renewers().apply(config());
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
