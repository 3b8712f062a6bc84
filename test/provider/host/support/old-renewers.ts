import { chmodSync } from "node:fs";
import type { TestHost } from "./test-host";

/** The paths of an old server's renewers. */
export const OLD = {
  table: "/etc/cron.d/dehydrated",
  crontab: "/var/spool/cron/crontabs/root",
  script: "/etc/cron.daily/renew-certificates",
  service: "/lib/systemd/system/certbot.service",
  dropIn: "/etc/systemd/system/certbot.service.d/zz-mail-sni-retired.conf",
  hook: "/etc/dehydrated/hook.sh",
} as const;

export const TABLE =
  "# renew\nSHELL=/bin/sh\n17 3 * * * root SECRET=a-secret /usr/bin/dehydrated -c\n5 4 * * * root /usr/bin/updatedb\n";
/** Without a line break at its end, as an editor may leave it, and with what acme.sh writes. */
export const CRONTAB =
  '12 0 * * * "/root/.acme.sh"/acme.sh --cron --home "/root/.acme.sh" > /dev/null\n#30 5 * * * certbot renew\n1 1 * * * certbot -q renew';

/** What a plan names that switches all of them off. */
export const PLANNED_PLACES = [
  `${OLD.table}: a mark in front of the line that runs dehydrated (line 3)`,
  `${OLD.script}: runs lego; its execute permission is removed`,
  `${OLD.hook}: a hook; its execute permission is removed`,
  `${OLD.crontab}: a mark in front of the line that runs acme.sh (line 1)`,
  `${OLD.crontab}: a mark in front of the line that runs certbot (line 3)`,
  "certbot.service: runs certbot; systemd skips the service, and its timer stays",
];

/** Everything by which clients of CAs run from time to time. */
export function plantRenewers(on: Pick<TestHost, "at" | "link" | "write">): void {
  on.write("/var/lib/dpkg/status", "");
  on.write(OLD.table, TABLE, 0o644);
  on.write(OLD.crontab, CRONTAB, 0o600);
  on.write(OLD.script, "#!/bin/sh\nlego renew && cat x > /etc/served/pems/all.pem\n", 0o750);
  chmodSync(on.at(OLD.script), 0o754);
  on.write(OLD.service, "[Service]\nExecStart=/usr/bin/certbot -q renew\n");
  on.write("/lib/systemd/system/certbot.timer", "[Timer]\nOnCalendar=daily\n");
  on.link(
    "/etc/systemd/system/timers.target.wants/certbot.timer",
    "../../../../lib/systemd/system/certbot.timer",
  );
  on.write("/etc/dehydrated/config", "HOOK=${BASEDIR}/hook.sh\n");
  on.write(OLD.hook, '#!/bin/sh\ncp "$3" /etc/served/pems/"$2".pem\n', 0o700);
}
