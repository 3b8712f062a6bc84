import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Row } from "../../on-host/renewal/support/renewal-host";
import { runCommand } from "../../support/commands";
import { dehydrated, describeIf, dovecot23, pebble, root } from "../../support/requirements";
import { DehydratedHost } from "./dehydrated-host";

// dehydrated starts dozens of processes for each row.
vi.setConfig({ testTimeout: 240_000 });

/** The rows of the article, and those that its hook gets wrong. */
const DOMAIN1: Row = {
  names: ["domain1.test", "imap.domain1.test", "pop3.domain1.test", "smtp.domain1.test"],
};
const DOMAIN2: Row = {
  names: ["domain2.test", "imap.domain2.test", "pop3.domain2.test", "smtp.domain2.test"],
};
const CO_UK: Row = { names: ["example.co.uk", "mail.example.co.uk"] };
const IDN: Row = { names: ["xn--mller-kva.test", "imap.xn--mller-kva.test"], alias: "mueller" };
const BLOCKED: Row = { names: ["mail.blocked.test"] };
const FIRST: Row = { names: ["new.test", "smtp.new.test"] };

describeIf([root, dehydrated, pebble, dovecot23], "Debian's dehydrated with http-01", () => {
  let on: DehydratedHost;
  beforeAll(async () => {
    on = await DehydratedHost.start();
  });
  afterAll(() => on.stop());

  const run = () => on.run(["run"], { shell: ["sh"] });

  it("GIVEN the article's rows and a failing one in the middle THEN each name is served its own certificate", async () => {
    const rows = [DOMAIN1, DOMAIN2, CO_UK, IDN] as const;
    on.declare(DOMAIN1, DOMAIN2, BLOCKED, CO_UK, IDN);
    const { exitCode, output } = await run();
    expect([exitCode, on.result()["mail.blocked.test"]], output).toMatchObject([1, { status: "failed" }]);
    expect(on.result()["mail.blocked.test"]?.message).toMatch(
      /dehydrated has ordered no certificate: .*(reject|block|policy)/i,
    );
    for (const { names, alias = names[0] } of rows)
      expect(on.result()[alias]).toMatchObject({ status: "ok" });
    expect(await on.presentedFor(...rows)).toEqual(on.expected(...rows));
    expect(new Set(rows.map(({ names, alias = names[0] }) => on.fingerprintOf(alias))).size).toBe(4);
    expect(`${output}${on.publicTexts()}`).not.toMatch(/PRIVATE KEY/);
  });

  it("GIVEN a renewal that is due THEN the timer's command renews that one alone, and serves it", async () => {
    const rows = [DOMAIN1, DOMAIN2, CO_UK, IDN] as const;
    on.declare(...rows);
    expect((await run()).exitCode).toBe(0);
    const before = { ...on.result() };
    on.makeDue("domain2.test");
    const { exitCode, output } = await run();
    expect(exitCode, output).toBe(0);
    on.makeNotDue("domain2.test");
    const changed = Object.keys(before).filter((row) => on.fingerprintOf(row) !== before[row]?.fingerprint);
    expect(changed).toEqual(["domain2.test"]);
    expect(await on.presentedFor(...rows)).toEqual(on.expected(...rows));
  });

  it("GIVEN two runs at once THEN one does the work, and the other says so", async () => {
    on.declare(DOMAIN1, DOMAIN2, CO_UK, IDN);
    on.makeDue("mueller");
    const before = on.fingerprintOf("mueller");
    const both = await Promise.all([run(), run()]);
    on.makeNotDue("mueller");
    expect(both.map(({ exitCode }) => exitCode).sort()).toEqual([0, 75]);
    expect(both.find(({ exitCode }) => exitCode === 75)?.output).toMatch(/another run is in progress/);
    expect(on.fingerprintOf("mueller")).not.toBe(before);
    expect(await on.presentedFor(IDN, DOMAIN1)).toMatchObject({
      "imap.xn--mller-kva.test": Array(3).fill(on.fingerprintOf("mueller")),
    });
  });

  it("GIVEN what a reboot in mid-renewal leaves THEN the next run does all of it", async () => {
    on.declare(DOMAIN1, DOMAIN2, CO_UK, IDN);
    on.makeDue("example.co.uk");
    const path = join(on.qmailHome, "control/servercerts/example.co.uk/servercert.pem");
    // dehydrated's own lock would abort every run if it were used.
    writeFileSync(join(on.work, "lock"), "stale");
    writeFileSync(join(on.work, "installed"), "path\texample.co.uk\tqm", { flag: "a" });
    on.note(["stage", path], ["owe", "dovecot", "killed", "token-of-dehydrated"]);
    for (const end of ["new", "old"]) writeFileSync(join(path, `../.servercert.pem.mail-sni-${end}`), "half");
    on.write(join(on.work, "now/plan"), "half");
    const { exitCode, output } = await run();
    on.makeNotDue("example.co.uk");
    expect(exitCode, output).toBe(0);
    expect([on.leftovers(), on.ledger().pendingActivations, on.ledger().unfinished]).toEqual([[], [], []]);
    expect(await on.presentedFor(DOMAIN1, CO_UK)).toEqual(on.expected(DOMAIN1, CO_UK));
  });

  it("GIVEN a server that refused once THEN the next run installs it, though dehydrated has nothing to do", async () => {
    const rows = [DOMAIN1, DOMAIN2, CO_UK, IDN] as const;
    on.declare(...rows);
    on.makeDue("domain2.test");
    const before = await on.presentedFor(...rows);
    const broken = on.services;
    on.services = on.services.map((line) =>
      line.startsWith("activate\t") ? "activate\tdovecot\tfalse" : line,
    );
    on.declare(...rows);
    expect((await run()).exitCode).toBe(1);
    expect(on.result()["domain2.test"]).toMatchObject({
      status: "failed",
      message: expect.stringMatching(/dovecot could not be reloaded/),
    });
    expect((await on.presentedFor(...rows))["domain1.test"]).toEqual(before["domain1.test"]);
    on.makeNotDue("domain2.test");
    on.services = broken;
    on.declare(...rows);
    const { exitCode, output } = await run();
    expect(exitCode, output).toBe(0);
    expect(await on.presentedFor(...rows)).toEqual(on.expected(...rows));
    expect(await on.presentedFor(...rows)).not.toEqual(before);
  });

  it("GIVEN a row removed and one added in front of the default THEN all are served what they should be", async () => {
    on.declare(FIRST, DOMAIN1, CO_UK, IDN);
    const { exitCode, output } = await run();
    expect(exitCode, output).toBe(0);
    const rows = [FIRST, DOMAIN1, CO_UK, IDN] as const;
    expect(await on.presentedFor(...rows)).toEqual(on.expected(...rows));
    const gone = await on.presented("imap.domain2.test");
    expect(gone).toEqual(Array(3).fill(on.fingerprintOf("new.test")));
    expect(
      [...on.ledger().pathsOf("token-of-dehydrated")].filter((path) => path.includes("domain2")),
    ).toEqual([]);
    expect(existsSync(join(on.dovecot.directory, "mail-sni/domain2.test.pem"))).toBe(false);
  });

  it("GIVEN a certificate and a key of dehydrated that a power failure has emptied THEN both rows are ordered again, and so is one that is due", async () => {
    const rows = [FIRST, DOMAIN1, CO_UK, IDN] as const;
    on.declare(...rows);
    const before = { ...on.result() };
    writeFileSync(join(on.work, "certs/new.test/cert.pem"), "");
    writeFileSync(join(on.work, "certs/domain1.test/privkey.pem"), "");
    on.makeDue("mueller");
    const { exitCode, output } = await run();
    on.makeNotDue("mueller");
    expect(exitCode, output).toBe(0);
    const changed = Object.keys(before).filter((row) => on.fingerprintOf(row) !== before[row]?.fingerprint);
    expect(changed.sort()).toEqual(["domain1.test", "mueller", "new.test"]);
    expect(await on.presentedFor(...rows)).toEqual(on.expected(...rows));
  });

  it("GIVEN dehydrated started by hand THEN its end installs what it has renewed, unless another one has its lock", async () => {
    on.declare(FIRST, DOMAIN1, CO_UK, IDN);
    on.makeDue("new.test");
    const byHand = () => runCommand(["dehydrated", "-c", "-f", join(on.directory, "config")]);
    const before = on.fingerprintOf("new.test");
    writeFileSync(join(on.work, "lock"), "of another dehydrated");
    const time = statSync(join(on.work, "result")).mtimeMs;
    expect((await byHand()).exitCode).toBe(1);
    expect([on.fingerprintOf("new.test"), statSync(join(on.work, "result")).mtimeMs]).toEqual([before, time]);
    rmSync(join(on.work, "lock"));
    const { exitCode, stdout, stderr } = await byHand();
    expect(exitCode, stdout + stderr).toBe(0);
    on.makeNotDue("new.test");
    expect(on.fingerprintOf("new.test")).not.toBe(before);
    expect(await on.presentedFor(FIRST, IDN)).toEqual(on.expected(FIRST, IDN));
  });
});

describeIf(
  [root, dehydrated, pebble, dovecot23],
  "Debian's dehydrated with dns-01 and a hook of the user's own",
  () => {
    let on: DehydratedHost;
    beforeAll(async () => {
      on = await DehydratedHost.start();
      on.options = ["CHALLENGETYPE=dns-01"];
      on.hook = join(on.temporary, "hook");
      on.write(on.hook, HOOK(on.pebble.dnsManagementUrl, on.temporary), 0o755);
    });
    afterAll(() => on.stop());

    it("GIVEN a wildcard and a name THEN the hook sets their records, and learns of the certificate", async () => {
      const row: Row = { names: ["domain3.test", "imap.domain3.test"] };
      const wild: Row = { names: ["*.wild.test", "wild.test"], alias: "wild" };
      on.declare(row, wild);
      const { exitCode, output } = await on.run(["run"], { shell: ["sh"] });
      expect(exitCode, output).toBe(0);
      expect(on.result().wild).toMatchObject({ status: "ok" });
      expect(await on.presented("imap.domain3.test")).toEqual(
        Array(3).fill(on.fingerprintOf("domain3.test")),
      );
      expect((await on.presented("a.wild.test"))[0]).toBe(on.fingerprintOf("wild"));
      const calls = readFileSync(join(on.temporary, "calls"), "utf8");
      for (const verb of [
        "startup_hook",
        "deploy_challenge",
        "clean_challenge",
        "deploy_cert domain3.test",
        "exit_hook",
      ])
        expect(calls).toContain(verb);
    });

    it("GIVEN a hook that fails for a row that is not due THEN the rows behind it are ordered all the same", async () => {
      const row: Row = { names: ["domain3.test", "imap.domain3.test"] };
      const behind: Row = { names: ["behind.test"] };
      on.declare(row, behind);
      writeFileSync(join(on.temporary, "fail"), "unchanged_cert");
      expect((await on.run(["run"], { shell: ["sh"] })).exitCode).toBe(1);
      expect(on.result()).toMatchObject({
        "domain3.test": { status: "failed", message: expect.stringContaining("has failed (unchanged_cert)") },
        "behind.test": { status: "ok" },
      });
    });

    it("GIVEN a hook that fails once THEN that row fails with what dehydrated says, and the next run is right", async () => {
      const row: Row = { names: ["domain4.test", "imap.domain4.test"] };
      on.declare(row);
      writeFileSync(join(on.temporary, "fail"), "deploy_challenge");
      const first = await on.run(["run"], { shell: ["sh"] });
      expect(first.exitCode).toBe(1);
      expect(on.result()["domain4.test"]).toMatchObject({
        status: "failed",
        message: expect.stringMatching(/deploy_challenge hook returned/),
      });
      const second = await on.run(["run"], { shell: ["sh"] });
      expect(second.exitCode, second.output).toBe(0);
      expect(await on.presented("imap.domain4.test")).toEqual(
        Array(3).fill(on.fingerprintOf("domain4.test")),
      );
    });
  },
);

/** A hook as users have them for their DNS provider. It fails once for the verb in the file `fail`. */
const HOOK = (dns: string, directory: string) => `#!/bin/sh
printf '%s\\n' "$*" >>'${directory}/calls'
if [ "$1" = "$(cat '${directory}/fail' 2>/dev/null)" ]; then rm -f '${directory}/fail'; exit 1; fi
case $1 in
  deploy_challenge) curl -sf -d "{\\"host\\": \\"_acme-challenge.$2.\\", \\"value\\": \\"$4\\"}" '${dns}/set-txt' >/dev/null ;;
  clean_challenge) curl -sf -d "{\\"host\\": \\"_acme-challenge.$2.\\"}" '${dns}/clear-txt' >/dev/null ;;
esac
`;
