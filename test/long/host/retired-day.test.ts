import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { pendingWords } from "../../../lib/provider/host/renewers/pending-words";
import { retiredPlaces } from "../../../lib/provider/host/renewers/places";
import retireScript from "../../../lib/provider/host/renewers/retire.sh";
import {
  droppedBy,
  type Retirement,
  renewerFacts,
  stepsTo,
  wantsOf,
} from "../../../lib/provider/host/renewers/retirement";
import { FIND_RENEWERS } from "../../../lib/shared/renewers/find-renewers";
import { certbotFiles } from "../../support/acme-clients";
import { certbot, describeIf, root, systemd } from "../../support/requirements";
import { SystemdMachine } from "../../support/systemd-machine";

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const PEM = "/var/qmail/control/servercerts/imap.domain1.tld/servercert.pem";
const NOTHING: Retirement = { programs: [], hooks: [] };
const ALL: Retirement = { programs: ["acme.sh", "certbot", "dehydrated", "lego"], hooks: [] };
/** Every second: what is a day of the timer takes seconds. */
const SOON = "[Timer]\nOnCalendar=\nOnCalendar=*:*:0/1\nRandomizedDelaySec=0\nAccuracySec=50ms\n";
/** Each line of a table of cron that is not a comment, without its times, as cron runs it. */
const CRON_DAY = `
for file in /etc/cron.d/*; do
  case \${file##*/} in *[!A-Za-z0-9_-]*) continue ;; esac
  sed -nE 's/^[^#A-Z[:space:]]+ +([^ ]+ +){4}root +//p' "$file"
done >/tmp/lines
sed -nE 's/^[^#A-Z[:space:]]+ +([^ ]+ +){4}//p' /var/spool/cron/crontabs/root >>/tmp/lines
while IFS= read -r line; do sh -c "$line" </dev/null; done </tmp/lines
run-parts /etc/cron.daily
`;

/** Debian's certbot.timer and a real systemd; the clients are stand-ins that each write what a deploy owns. */
describeIf([root, systemd, certbot], "a host whose old renewers are switched off, for a day", () => {
  let machine: SystemdMachine;
  beforeAll(async () => {
    machine = await SystemdMachine.boot([]);
    for (const client of ["certbot", "dehydrated", "lego"])
      machine.write(`/usr/bin/${client}`, `#!/bin/sh\necho ${client} >>${PEM}\n`, 0o755);
    machine.write("/root/.acme.sh/acme.sh", `#!/bin/sh\necho acme.sh >>${PEM}\n`, 0o755);
    machine.write(PEM, "deployed\n");
    for (const unit of ["certbot.service", "certbot.timer"])
      machine.write(
        `/etc/systemd/system/${unit}`,
        readFileSync(join(certbotFiles(), "lib/systemd/system", unit), "utf8"),
      );
    machine.write("/etc/systemd/system/certbot.timer.d/soon.conf", SOON);
    machine.write("/etc/cron.d/certbot", readFileSync(join(certbotFiles(), "etc/cron.d/certbot"), "utf8"));
    machine.write("/etc/cron.d/dehydrated", "17 3 * * * root /usr/bin/dehydrated -c\n");
    machine.write("/etc/cron.daily/lego", "#!/bin/sh\nlego renew\n", 0o755);
    machine.write(
      "/var/spool/cron/crontabs/root",
      '12 0 * * * "/root/.acme.sh"/acme.sh --cron --home "/root/.acme.sh" > /dev/null\n',
      0o600,
    );
    await machine.run(["systemctl", "daemon-reload"]);
    await machine.run(["systemctl", "enable", "--now", "certbot.timer"]);
  });
  afterAll(() => machine?.stop());

  const script = async (...args: string[]) => {
    const run = await machine.run([
      "sh",
      "-c",
      `${FIND_RENEWERS}\n${retireScript}`,
      "sh",
      args[0] ?? "",
      "",
      "/var/lib/mail-sni",
      ...args.slice(1),
    ]);
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    return run.stdout.split("\n");
  };
  const facts = async () => renewerFacts(await script("observe"), (path) => path);
  const settle = async (wanted: Retirement, before: Retirement) => {
    const said = await script(
      "change",
      "mail",
      ...wantsOf(wanted, droppedBy(wanted, before)),
      ...stepsTo(wanted, before, await facts()).flat(),
    );
    expect(said.filter((line) => line.startsWith("E"))).toEqual([]);
  };
  const pem = async () => (await machine.run(["cat", PEM])).stdout.split("\n").slice(0, -1);
  const property = async (unit: string, name: string) =>
    (await machine.run(["systemctl", "show", unit, "-p", name, "--value"])).stdout.trim();

  it("GIVEN nothing is switched off THEN each of them writes the file: the stand-ins do what they are for", async () => {
    await machine.run(["sh", "-c", CRON_DAY]);
    await vi.waitFor(async () => expect(await pem()).toContain("certbot"), {
      timeout: 20_000,
      interval: 200,
    });
    expect(new Set(await pem())).toEqual(new Set(["deployed", "acme.sh", "certbot", "dehydrated", "lego"]));
  });

  it("WHEN they are switched off THEN no day of cron and of the timer writes it, and systemd says why", async () => {
    await settle(ALL, NOTHING);
    const found = await facts();
    expect(pendingWords(ALL, "mail", found)).toBeNull();
    expect(retiredPlaces(ALL, found)).toEqual([
      "/etc/cron.d/dehydrated",
      "/etc/cron.daily/lego",
      "/var/spool/cron/crontabs/root",
      "certbot.service",
    ]);
    // A renewal that runs already ends by itself.
    await vi.waitFor(
      async () => expect(await property("certbot.service", "ActiveState")).toBe("inactive"),
      10_000,
    );
    machine.write(PEM, "deployed\n");
    for (let day = 0; day < 3; day++) {
      const before = await property("certbot.timer", "LastTriggerUSec");
      await machine.run(["sh", "-c", CRON_DAY]);
      await vi.waitFor(
        async () => expect(await property("certbot.timer", "LastTriggerUSec")).not.toBe(before),
        {
          timeout: 20_000,
          interval: 200,
        },
      );
    }
    expect(await property("certbot.service", "ConditionResult")).toBe("no");
    await machine.run(["systemctl", "start", "certbot.service"]);
    expect(await pem()).toEqual(["deployed"]);
  });

  it("WHEN they are switched on again THEN each of them runs as before", async () => {
    await settle(NOTHING, ALL);
    await machine.run(["sh", "-c", CRON_DAY]);
    await vi.waitFor(async () => expect(await pem()).toContain("certbot"), {
      timeout: 20_000,
      interval: 200,
    });
    expect(new Set(await pem())).toEqual(new Set(["deployed", "acme.sh", "certbot", "dehydrated", "lego"]));
    expect((await facts()).retired).toEqual([]);
  });
});
