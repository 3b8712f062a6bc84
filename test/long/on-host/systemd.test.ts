import { resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { RenewalTimer } from "../../../lib";
import { renewalCommands } from "../../../lib/constructs/host/renewal/renewal-service";
import { timerSettings } from "../../../lib/constructs/host/renewal/renewal-timer";
import { RenewalHost, type Row } from "../../on-host/renewal/support/renewal-host";
import { describeIf, root, systemd } from "../../support/requirements";
import { SystemdMachine } from "../../support/systemd-machine";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const A: Row = { names: ["a.test", "imap.a.test"] };
const TIMER = "mail-sni-dehydrated.timer";
const UNITS = "/etc/systemd/system";
/** Every two seconds, and not an hour later. */
const SOON = "[Timer]\nOnCalendar=\nOnCalendar=*:*:0/2\nRandomizedDelaySec=0\nAccuracySec=100ms\n";

describeIf([root, systemd], "the renewal program beside a real systemd", () => {
  let on: RenewalHost;
  let machine: SystemdMachine;
  beforeAll(async () => {
    on = new RenewalHost();
    machine = await SystemdMachine.boot([on.temporary, resolve(__dirname, "../../..")]);
    // In place of dehydrated: one that has nothing to order.
    const key = `${on.work}/certs/a.test/privkey.pem`;
    machine.write(
      "/usr/local/bin/dehydrated",
      `#!/bin/sh\n[ "$1" != --version ] || { echo 'Dehydrated version: 0.7.0'; exit; }\nexec '${on.program}' unchanged_cert a.test '${key}'\n`,
      0o755,
    );
  });
  afterAll(async () => {
    await machine?.stop();
    on?.remove();
  });
  beforeEach(() => declare(RenewalTimer.systemd()));

  /** As a deploy does: the table, and the files of the timer. */
  function declare(timer: RenewalTimer): void {
    const { kind, file, files } = timerSettings(timer);
    on.timer = [kind, file];
    on.declare(A);
    on.write(`${on.directory}/config`, "");
    for (const [path, { contents }] of Object.entries(files(on.program, "mx1").files ?? {}))
      machine.write(path, contents);
  }

  const isActive = async () => (await machine.run(["systemctl", "is-active", TIMER])).stdout.trim();
  const renewal = (verb: string) => machine.run([on.program, verb]);

  it("WHEN it is activated THEN the timer runs, and the program finds nothing missing", async () => {
    on.install();
    expect(await isActive()).toBe("inactive");
    expect(await renewal("check")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(await renewal("activate")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(await isActive()).toBe("active");
    const { stdout } = await machine.run(["systemctl", "show", TIMER, "-p", "NextElapseUSecRealtime"]);
    expect(stdout).toMatch(/=\w+ 20\d\d-/);
  });

  it("WHEN the timer elapses THEN it installs what is new, and the journal has what failed", async () => {
    const pem = await on.order(A);
    machine.write(`${UNITS}/${TIMER}.d/soon.conf`, SOON);
    expect((await renewal("activate")).exitCode).toBe(0);
    await vi.waitFor(() => expect(on.loaded("imap.a.test")).toBe(pem), { timeout: 20_000, interval: 200 });
    on.putOrdered("a.test", "garbage", "garbage");
    await vi.waitFor(
      async () => {
        const { stdout } = await machine.run(["journalctl", "-u", "mail-sni-dehydrated", "-o", "cat"]);
        expect(stdout).toMatch(/^a\.test: failed: it has 0 private keys, not one$/m);
      },
      { timeout: 20_000, interval: 500 },
    );
    expect(on.loaded("imap.a.test")).toBe(pem);
    machine.remove(`${UNITS}/${TIMER}.d/soon.conf`);
  });

  it("GIVEN a directory that systemd does not read THEN activation fails, and says so", async () => {
    machine.remove(`${UNITS}/${TIMER}`);
    declare(RenewalTimer.systemd({ directory: "/opt/units" }));
    expect(await renewal("activate")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        /systemd does not read \/opt\/units\/mail-sni-dehydrated\.timer: declare a/,
      ),
    });
  });

  it("GIVEN a timer that is masked THEN activation fails, and says how to see why", async () => {
    await machine.run(["systemctl", "stop", TIMER]);
    await machine.run(["ln", "-s", "/dev/null", `/run/systemd/system/${TIMER}`]);
    machine.remove(`${UNITS}/${TIMER}`);
    const { exitCode, stderr } = await renewal("activate");
    await machine.run(["rm", `/run/systemd/system/${TIMER}`]);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/systemd does not start mail-sni-dehydrated/),
    ]);
  });

  it("GIVEN another kind of timer from now on THEN the one of systemd stops", async () => {
    expect((await renewal("activate")).exitCode).toBe(0);
    expect(await isActive()).toBe("active");
    declare(RenewalTimer.cron());
    machine.remove(`${UNITS}/mail-sni-dehydrated.service`);
    machine.remove(`${UNITS}/${TIMER}`);
    expect(await renewal("activate")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(await isActive()).toBe("inactive");
  });

  it("WHEN the program is gone THEN the provider's command stops the timer", async () => {
    expect((await renewal("activate")).exitCode).toBe(0);
    const { activate = [] } = renewalCommands({ program: "/gone" });
    machine.remove(`${UNITS}/${TIMER}`);
    expect(await machine.run(activate as [string])).toMatchObject({ exitCode: 0 });
    expect(await isActive()).toBe("inactive");
  });
});
