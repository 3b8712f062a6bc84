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
} from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Hosts } from "../../../../lib/provider/host/hosts";
import { Diagnostics } from "../../../../lib/provider/protocol/diagnostics";
import { retiredRenewers } from "../../../../lib/provider/resources/retired-renewers";
import { describeIf, root } from "../../../support/requirements";
import { CRONTAB, OLD, TABLE } from "../../host/support/old-renewers";
import { ShellTransport } from "../../host/support/shells";
import { STATE_DIRECTORY } from "../../host/support/test-host";
import { OldHost, retiredOf } from "./support/old-host";

let on: OldHost;
beforeEach(() => {
  on = new OldHost();
});
afterEach(() => on.remove());

describe("mailsni_retired_renewers", () => {
  it("WHEN it is created THEN nothing runs, nothing is deleted, and the plan is empty; destroyed, all is as it was", async () => {
    const before = on.tree();
    const resource = on.renewers();
    const { state, diagnostics } = await resource.apply(retiredOf());
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
    expect([on.mode(OLD.table), on.mode(OLD.crontab), on.mode(OLD.script), on.mode(OLD.hook)]).toEqual([
      "0644",
      "0600",
      "0644",
      "0600",
    ]);
    await resource.read();
    expect(await resource.plan(retiredOf())).toMatchObject({ action: "no-op", diagnostics: [] });
    expect(await resource.destroy()).toEqual([]);
    expect(on.tree()).toEqual(before);
  });

  it("WHEN values are removed THEN only those run again", async () => {
    const resource = on.renewers();
    await resource.apply(retiredOf());
    await resource.read();
    const { state, diagnostics } = await resource.apply(retiredOf({ programs: ["certbot"], hooks: [] }));
    expect(diagnostics).toEqual([]);
    expect(state?.places).toEqual([OLD.crontab, "certbot.service"]);
    expect(on.read(OLD.table)).toBe(TABLE);
    expect(on.read(OLD.crontab)).toBe(CRONTAB.replace("1 1", "#mail-sni-retired certbot# 1 1"));
    expect([on.mode(OLD.script), on.mode(OLD.hook)]).toEqual(["0754", "0700"]);
  });

  it("GIVEN a package that brings its timer again WHEN planned THEN it is pending, and the next apply switches it off", async () => {
    const resource = on.renewers();
    await resource.apply(retiredOf());
    on.write(OLD.table, TABLE);
    chmodSync(on.at(OLD.script), 0o755);
    const { state } = await resource.read();
    expect(state?.pending).toBe(
      `dehydrated is not switched off: ${OLD.table}:3 runs it; lego is not switched off: ${OLD.script} runs it`,
    );
    expect((await resource.apply(retiredOf())).state).toMatchObject({ pending: null });
    expect(on.read(OLD.table)).toContain("#mail-sni-retired dehydrated# 17 3");
    await resource.destroy();
    expect(on.mode(OLD.script)).toBe("0755");
  });

  it("GIVEN a state that was lost WHEN it is created again THEN it knows what is off, and can switch it on", async () => {
    const before = on.tree();
    await on.renewers().apply(retiredOf());
    const again = on.renewers();
    expect((await again.apply(retiredOf())).state?.places).toHaveLength(5);
    await again.destroy();
    expect(on.tree()).toEqual(before);
  });

  it("GIVEN an administrator who has removed what was switched off WHEN destroyed THEN that is no error", async () => {
    const resource = on.renewers();
    await resource.apply(retiredOf());
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
    const { state, diagnostics } = await on
      .renewers()
      .apply(retiredOf({ programs: ["dehydrated"], hooks: [] }));
    expect(diagnostics).toEqual([
      expect.stringMatching(new RegExp(`could not be switched off: .*${reason}`)),
    ]);
    expect(state?.pending).toContain("dehydrated is not switched off");
    expect(on.read("/etc/dehydrated-cron")).toBe(TABLE);
  });

  it("GIVEN what cannot be switched on again WHEN values are removed THEN it is pending, with a warning, and a later apply does it", async () => {
    const before = on.tree();
    const resource = on.renewers();
    await resource.apply(retiredOf());
    for (const path of ["/etc/cron.d", dirname(OLD.hook)]) chmodSync(on.at(path), 0o777);
    const less = retiredOf({ programs: ["acme.sh", "certbot", "lego"], hooks: [] });
    const { state, diagnostics } = await resource.apply(less);
    const refused = [OLD.table, OLD.hook].map((path) =>
      expect.stringContaining(`warning A renewer on host "mx1" could not be switched on again: ${path}: `),
    );
    expect(diagnostics).toEqual(refused);
    const words = `${OLD.table}:3 is not switched on again; ${OLD.hook} is not switched on again`;
    expect(state?.pending).toBe(words);
    expect((await resource.read()).state?.pending).toBe(words);
    for (const path of ["/etc/cron.d", dirname(OLD.hook)]) chmodSync(on.at(path), 0o755);
    expect(await resource.plan(less)).toMatchObject({ action: "update" });
    const later = await resource.apply(less);
    expect([later.diagnostics, later.state?.pending]).toEqual([[], null]);
    expect([on.read(OLD.table), on.mode(OLD.hook)]).toEqual([TABLE, "0700"]);
    expect(await resource.plan(less)).toMatchObject({ action: "no-op" });
    await resource.destroy();
    expect(on.tree()).toEqual(before);
  });

  describe("GIVEN what runs two clients", () => {
    const LINES = [
      "PATH=/usr/bin",
      "1 1 * * * root certbot -q renew && dehydrated -c",
      "2 2 * * * root dehydrated -c",
      "",
    ].join("\n");
    const CRON = "/etc/cron.d/both";
    const SCRIPT = "/etc/cron.daily/both";
    const UNITS = "/etc/systemd/system";
    beforeEach(() => {
      for (const path of Object.values(OLD)) rmSync(on.at(path), { force: true });
      on.write(CRON, LINES);
      on.write(SCRIPT, "#!/bin/sh\nlego renew\nuacme issue\n", 0o755);
      on.write(`${UNITS}/both.service`, "[Service]\nExecStart=getssl -a\nExecStart=simp_le\n");
      on.write(`${UNITS}/both.timer`, "[Timer]\nOnCalendar=daily\n");
      on.link(`${UNITS}/timers.target.wants/both.timer`, `${UNITS}/both.timer`);
    });

    it("of which one is to go on THEN that is left as it is, a warning, and pending", async () => {
      const programs = ["dehydrated", "uacme", "simp_le"];
      const { state, diagnostics } = await on.renewers().apply(retiredOf({ programs, hooks: [] }));
      const refused = [
        `${CRON}:2: It was not switched off. It runs dehydrated, and certbot as well`,
        `${SCRIPT}: It was not switched off. It runs uacme, and lego as well`,
        "both.timer: It was not switched off. It runs simp_le, and getssl as well",
      ];
      expect(diagnostics.toSorted()).toEqual(
        refused.map((words) => expect.stringContaining(words)).toSorted(),
      );
      expect(on.read(CRON)).toBe(LINES.replace("2 2", "#mail-sni-retired dehydrated# 2 2"));
      expect([on.mode(SCRIPT), existsSync(on.at(`${UNITS}/both.service.d`))]).toEqual(["0755", false]);
      for (const words of [`${CRON}:2 runs it`, `${SCRIPT} runs it`, "both.timer runs it"])
        expect(state?.pending).toContain(words);
    });

    it("that are both to be off THEN it is off, and runs again as before", async () => {
      const before = on.tree();
      const programs = ["certbot", "dehydrated", "lego", "uacme", "getssl", "simp_le"];
      const resource = on.renewers();
      const { state, diagnostics } = await resource.apply(retiredOf({ programs, hooks: [] }));
      expect([diagnostics, state?.pending]).toEqual([[], null]);
      expect([on.mode(SCRIPT), existsSync(on.at(`${UNITS}/both.service.d`))]).toEqual(["0644", true]);
      expect(await resource.plan(retiredOf({ programs, hooks: [] }))).toMatchObject({ action: "no-op" });
      expect(await resource.destroy()).toEqual([]);
      expect(on.tree()).toEqual(before);
    });

    it.each([
      ["the second", ["dehydrated", "uacme", "simp_le"], ["certbot", "lego", "getssl"]],
      ["the first", ["certbot", "lego", "getssl"], ["dehydrated", "uacme", "simp_le"]],
    ])(
      "that were both off, and %s of them is still to be THEN it runs again, as if it had never been off, and a warning says why",
      async (_, kept, removed) => {
        const before = on.tree();
        const resource = on.renewers();
        await resource.apply(retiredOf({ programs: [...kept, ...removed], hooks: [] }));
        await resource.read();
        const { state, diagnostics } = await resource.apply(retiredOf({ programs: kept, hooks: [] }));
        const places = [`${CRON}:2`, SCRIPT, "both.service"];
        expect(diagnostics.toSorted()).toEqual(
          places
            .map((place, index) =>
              expect.stringContaining(
                `warning A renewer on host "mx1" also runs another client: ${place}: It runs again. It runs ${kept[index]}, and ${removed[index]} as well`,
              ),
            )
            .toSorted(),
        );
        for (const words of [`${CRON}:2 runs it`, `${SCRIPT} runs it`, "both.timer runs it"])
          expect(state?.pending).toContain(words);
        const after = on.tree();
        expect([on.mode(SCRIPT), existsSync(on.at(`${UNITS}/both.service.d`))]).toEqual(["0755", false]);
        await resource.destroy();
        expect(on.tree()).toEqual(before);
        await resource.apply(retiredOf({ programs: kept, hooks: [] }));
        expect(on.tree()).toEqual(after);
      },
    );

    it("that another stack has both off WHEN a stack no longer wants one of them THEN it stays off, with a warning", async () => {
      const programs = ["certbot", "dehydrated"];
      const [first, second] = [on.renewers(), on.renewers(on.hosts({}, "other"))];
      await first.apply(retiredOf({ programs, hooks: [] }));
      await second.apply(retiredOf({ programs, hooks: [] }));
      const off = on.tree();
      const { diagnostics } = await first.apply(retiredOf({ programs: ["dehydrated"], hooks: [] }));
      expect(diagnostics).toEqual([
        expect.stringMatching(
          /^warning certbot and dehydrated stays switched off on host "mx1": .*"other" has/,
        ),
      ]);
      expect(on.tree()).toEqual(off);
      const left = await second.apply(retiredOf({ programs: ["dehydrated"], hooks: [] }));
      expect(left.diagnostics).toEqual([expect.stringContaining(`${CRON}:2: It runs again.`)]);
      expect(on.read(CRON)).toBe(LINES.replace("2 2", "#mail-sni-retired dehydrated# 2 2"));
    });
  });

  describeIf(root, "what belongs to another user", () => {
    it("GIVEN a user's own crontab THEN it is left alone, and its lines do not matter", async () => {
      on.write("/var/spool/cron/crontabs/alice", CRONTAB, 0o600);
      chownSync(on.at("/var/spool/cron/crontabs/alice"), 12345, 12345);
      const { state, diagnostics } = await on.renewers().apply(retiredOf());
      expect([diagnostics, state?.pending]).toEqual([[], null]);
      expect(on.read("/var/spool/cron/crontabs/alice")).toBe(CRONTAB);
    });

    it("GIVEN a user's own hook THEN it is left alone, a warning, and pending", async () => {
      on.write("/home/alice/hook", "#!/bin/sh\n", 0o755);
      chownSync(on.at("/home/alice/hook"), 12345, 12345);
      const { state, diagnostics } = await on.renewers().apply(retiredOf({ hooks: ["/home/alice/hook"] }));
      expect(diagnostics).toEqual([
        expect.stringContaining("not a file of the user that the provider works as"),
      ]);
      expect([state?.pending, on.mode("/home/alice/hook")]).toEqual([
        "/home/alice/hook is executable",
        "0755",
      ]);
    });
  });

  it("GIVEN hostile lines WHEN they are switched off and on THEN they are what they were", async () => {
    const hostile =
      '* * * * * root certbot `touch /tmp/x` $(id) \\\\ & / \\1 %\n#mail-sni-retired certbot# * * * * * root old\n\t * * * * * root "certbot" \'x\n* * * * * root certbot\r\n\\n certbot s/a/b/\n';
    on.write("/etc/cron.d/hostile", hostile);
    const resource = on.renewers();
    await resource.apply(retiredOf());
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
    const { state } = await on.renewers().apply(retiredOf());
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
    await on.renewers().apply(retiredOf());
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
    const { state } = await on.renewers().apply(retiredOf());
    expect(state?.places).toContain("renew.service");
    expect(on.read("/etc/anacrontab")).toBe(table.replace("1 5", "#mail-sni-retired certbot# 1 5"));
  });

  it("GIVEN more lines than fit into an argument THEN all are switched off, and on again", async () => {
    const table = "* * * * * root certbot\n".repeat(9000);
    on.write("/etc/cron.d/long", table);
    const resource = on.renewers();
    await resource.apply(retiredOf());
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
    const resource = on.renewers();
    const { state } = await resource.apply(retiredOf());
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
    const { state } = await on.renewers().apply(retiredOf());
    expect(state?.places).not.toContain("certbot.service");
    expect(existsSync(on.at(OLD.dropIn))).toBe(false);
  });

  it("GIVEN Debian, where cron leaves out names with a dot THEN such files do not count", async () => {
    on.write("/etc/debian_version", "13\n");
    on.write("/etc/cron.d/certbot.disabled", TABLE);
    await on.renewers().apply(retiredOf());
    expect(on.read("/etc/cron.d/certbot.disabled")).toBe(TABLE);
    expect(on.read(OLD.table)).toContain("#mail-sni-retired");
  });

  it("GIVEN a crontab in a directory in which all users may create files, but replace only their own THEN it is switched off", async () => {
    chmodSync(dirname(on.at(OLD.crontab)), 0o1777);
    const { state, diagnostics } = await on.renewers().apply(retiredOf());
    expect([diagnostics, state?.pending]).toEqual([[], null]);
  });

  it("GIVEN a crontab that is too large with its mark THEN it is left alone, a warning, and pending", async () => {
    const large = `#${"x".repeat(1024 * 1024 - 40)}\n1 1 * * * root certbot renew\n`;
    on.write("/etc/cron.d/large", large);
    const { state, diagnostics } = await on.renewers().apply(retiredOf());
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
    const before = on.tree();
    const { state, diagnostics } = await on.renewers().apply(retiredOf());
    expect(diagnostics).toEqual([expect.stringContaining(reason)]);
    expect(state?.pending).toContain("is not switched off");
    expect(on.tree()).toEqual(before);
  });

  it("GIVEN a state directory that is a link THEN nothing is switched off, and a warning says why", async () => {
    mkdirSync(on.at("/elsewhere"));
    on.link(STATE_DIRECTORY, on.at("/elsewhere"));
    const before = on.tree();
    const { diagnostics } = await on.renewers().apply(retiredOf());
    expect(diagnostics).toEqual([expect.stringMatching(/not a directory of this user|cannot be used/)]);
    expect(on.tree()).toEqual(before);
  });

  it("GIVEN another host WHEN planned THEN it is replaced; a renamed one is not", async () => {
    const resource = on.renewers();
    await resource.apply(retiredOf());
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
    expect(await replaced(on.hosts({ name: "mx2" }))).toEqual([]);
    expect(await replaced(on.hosts({ name: "mx2", root: "/elsewhere" }))).toEqual([["host"]]);
  });

  describe("GIVEN programs of the host that do something first", () => {
    /** The words of a shell run before a program there, whose arguments they see. */
    const doingFirst = (program: string, script: string) => {
      on.write(
        `/wrappers/${program}`,
        `#!/bin/sh\nPATH=\${PATH#*:}\n${script}\nexec ${program} "$@"\n`,
        0o755,
      );
      const prelude = `PATH='${on.at("/wrappers")}':$PATH; export PATH\n`;
      return on.hostsThrough(new ShellTransport(["sh"], prelude));
    };
    const more = "2 2 * * * root certbot certonly\n";

    it("WHEN a crontab is edited while it is switched off THEN the edit stays, a warning, and pending", async () => {
      const edit = `case $* in *"-f -"*) printf '${more.replace("\n", "\\n")}' >>'${on.at(OLD.table)}' ;; esac`;
      const only = retiredOf({ programs: ["dehydrated"], hooks: [] });
      const { state, diagnostics } = await on.renewers(doingFirst("sed", edit)).apply(only);
      expect(diagnostics).toEqual([expect.stringContaining("it was changed meanwhile")]);
      expect(state?.pending).toContain("dehydrated is not switched off");
      expect(on.read(OLD.table)).toBe(TABLE + more);
    });

    it("WHEN another run changes a crontab before it lets go of the lock THEN that change is seen", async () => {
      const line = more.replace("certbot", "dehydrated");
      const edit = `printf '${line.replace("\n", "\\n")}' >>'${on.at(OLD.table)}'`;
      const only = retiredOf({ programs: ["dehydrated"], hooks: [] });
      const { state } = await on.renewers(doingFirst("flock", edit)).apply(only);
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
      return on.hostsThrough(new ShellTransport(["sh"], prelude));
    };
    const withoutWrappers = () => rmSync(on.at("/wrappers"), { recursive: true, force: true });

    it("WHEN it was created THEN the state has it, and a destroy switches all on again", async () => {
      const before = on.tree();
      const resource = on.renewers(losing());
      const { state, diagnostics } = await resource.apply(retiredOf());
      expect(diagnostics).toEqual([expect.stringContaining("error")]);
      expect(state).toMatchObject({
        programs: retiredOf().programs,
        pending: expect.stringContaining("not known"),
      });
      withoutWrappers();
      expect(on.tree()).not.toEqual(before);
      const later = on.renewers();
      Object.assign(later, { state: resource.state, private: resource.private });
      expect(await later.destroy()).toEqual([]);
      expect(on.tree()).toEqual(before);
    });

    it("WHEN values are replaced THEN the state has those of before too", async () => {
      const before = on.tree();
      const first = on.renewers();
      await first.apply(retiredOf({ programs: ["dehydrated"], hooks: [] }));
      const resource = on.renewers(losing());
      Object.assign(resource, { state: first.state, private: first.private });
      const { state } = await resource.apply(retiredOf({ programs: ["certbot", "acme.sh"], hooks: [] }));
      expect(state).toMatchObject({ programs: ["dehydrated", "certbot", "acme.sh"] });
      withoutWrappers();
      const later = on.renewers();
      Object.assign(later, { state: resource.state, private: resource.private });
      await later.destroy();
      expect(on.tree()).toEqual(before);
    });
  });

  it("GIVEN the hook of a dehydrated that is to go on THEN it stays, a warning says what to do, and it is pending", async () => {
    const { state, diagnostics } = await on.renewers().apply(retiredOf({ programs: ["certbot"] }));
    expect(diagnostics).toEqual([expect.stringContaining("renews nothing if it cannot run its hook")]);
    expect(state?.pending).toBe(`${OLD.hook} is executable`);
    expect(on.mode(OLD.hook)).toBe("0700");
  });

  it("THEN a program that is not known, and a hook without a path, are refused", async () => {
    const refused = await on.renewers().validate(retiredOf({ programs: ["certbto"], hooks: ["hook.sh"] }));
    expect(refused).toEqual([
      expect.stringContaining('"certbto" is not known'),
      expect.stringContaining('"hook.sh": it is not absolute'),
    ]);
  });

  it("GIVEN a host without commands THEN nothing is switched off, and a warning says so", async () => {
    const before = on.tree();
    const { diagnostics } = await on.renewers(on.hosts({ applyOwnership: false })).apply(retiredOf());
    expect(diagnostics).toEqual([expect.stringContaining("are not switched off")]);
    expect(on.tree()).toEqual(before);
  });
});

describe("GIVEN two stacks that switch off the same on one host", () => {
  const both = { programs: ["certbot", "lego"], hooks: [OLD.hook] };
  const other = () => on.renewers(on.hosts({}, "other"));
  const owners = () => on.read(`${STATE_DIRECTORY}/retired-by`);

  it("WHEN one is destroyed THEN what both want stays off, with a warning; the last one switches it on", async () => {
    const before = on.tree();
    const [first, second] = [on.renewers(), other()];
    await first.apply(retiredOf());
    await second.apply(retiredOf(both));
    expect(await first.destroy()).toEqual(
      ["certbot", "lego", OLD.hook].map((name) =>
        expect.stringMatching(new RegExp(`^warning ${name} stays switched off on host "mx1": .*"other" has`)),
      ),
    );
    expect(on.read(OLD.table)).toBe(TABLE);
    expect(on.read(OLD.crontab)).toBe(CRONTAB.replace("1 1", "#mail-sni-retired certbot# 1 1"));
    expect([on.mode(OLD.script), on.mode(OLD.hook)]).toEqual(["0644", "0600"]);
    expect(on.read(OLD.dropIn)).toContain("ConditionPathExists=!/");
    await second.read();
    expect(await second.plan(retiredOf(both))).toMatchObject({ action: "no-op" });
    expect(await second.destroy()).toEqual([]);
    expect([on.tree(), owners()]).toEqual([before, ""]);
  });

  it("WHEN one no longer wants a program THEN that comes back only if the other does not want it", async () => {
    const [first, second] = [on.renewers(), other()];
    await first.apply(retiredOf());
    await second.apply(retiredOf(both));
    await first.read();
    const { diagnostics } = await first.apply(retiredOf({ programs: ["lego"], hooks: [OLD.hook] }));
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
    await second.apply(retiredOf(both));
    const renewersThere = on.hosts().find("mx1")?.renewers;
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
    const before = on.tree();
    await on.renewers().apply(retiredOf());
    const next = on.renewers();
    expect((await next.apply(retiredOf({ programs: ["certbot"], hooks: [] }))).diagnostics).toEqual([]);
    expect(on.read(OLD.table)).toBe(TABLE);
    expect([on.mode(OLD.script), on.mode(OLD.hook)]).toEqual(["0754", "0700"]);
    await next.destroy();
    expect(on.tree()).toEqual(before);
  });

  describeIf(root, "by hand", () => {
    it("WHEN the commands of the documentation are run THEN all is as it was, and no stack wants anything off", async () => {
      on.write("/etc/cron.d/both", "1 1 * * * root certbot -q renew; lego renew\n");
      const before = on.tree();
      await on.renewers().apply(retiredOf());
      const docs = readFileSync("docs/procedures.md", "utf8");
      const [, commands = ""] = /#### Switching on by hand\n.*?```sh\n(.*?)```/s.exec(docs) ?? [];
      const here = commands.replace(/(?<=[ "<])\/(?=(etc|var|run)\/)/g, `${on.root}/`);
      const run = () =>
        spawnSync("sh", ["-c", here.replaceAll("$path", `${on.root}$path`)], { encoding: "utf8" });
      for (const _ of ["once", "and again"])
        expect(run()).toMatchObject({ status: 0, stdout: "", stderr: "" });
      rmdirSync(dirname(on.at(OLD.dropIn)));
      expect(on.tree()).toEqual(before);
      expect(await on.renewers(on.hosts({}, "other")).plan(retiredOf())).toMatchObject({ action: "create" });
      expect(readdirSync(on.at(STATE_DIRECTORY)).filter((name) => /^retired-(by|modes)$/.test(name))).toEqual(
        [],
      );
    });
  });
});
