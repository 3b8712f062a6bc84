import { createHash } from "node:crypto";
import { dehydratedErrors } from "../../../shared/errors";
import { shellQuote } from "../../../shared/transport/shell-quote";
import { checkPath, type HostContent, HostFile } from "../../service/host-content";
import { TIMER_NAME } from "./renewal-files";

/** Options for a timer of systemd. */
export interface SystemdTimerOptions {
  /**
   * When the timer elapses: calendar events of systemd.time(7). systemd delays each run by up to an hour, by the same time on
   * each day.
   *
   * @default "*-*-* 03,15:00:00", which is twice a day
   */
  readonly onCalendar?: string;
  /**
   * The directory of the units.
   *
   * @default "/etc/systemd/system"
   */
  readonly directory?: string;
}

/** Options for cron. */
export interface CronTimerOptions {
  /**
   * When cron runs the program: the five time fields of crontab(5).
   *
   * @default - twice a day, at a minute that depends on the host's name
   */
  readonly schedule?: string;
  /**
   * The file that the line is written to, with the name of a user behind the time.
   *
   * @default "/etc/cron.d/mail-sni-dehydrated"
   */
  readonly file?: string;
}

/** Reads the private members of a timer. The class assigns it in its static block. */
let settingsOf: (timer: RenewalTimer) => TimerSettings;

/** What starts the renewals on a host. Debian's package of dehydrated starts none. */
export class RenewalTimer {
  /**
   * A timer of systemd, `mail-sni-dehydrated.timer`. A run that was due while the host was down is made up for at the next
   * start.
   *
   * @throws MailSniError `DEHYDRATED_TIMER`, `PATH_INVALID`
   */
  public static systemd(options: SystemdTimerOptions = {}): RenewalTimer {
    const { onCalendar = "*-*-* 03,15:00:00", directory = "/etc/systemd/system" } = options;
    checkPath("The directory of the units", directory);
    if (!/^[\w*.,:/~ +-]+$/.test(onCalendar)) throw dehydratedErrors.timer(onCalendar, "a calendar event");
    return new RenewalTimer({
      kind: "systemd",
      file: timerOf(directory),
      files: (program) => systemdFiles(directory, program, onCalendar),
    });
  }

  /**
   * A file in `/etc/cron.d`, for hosts without systemd.
   *
   * @throws MailSniError `DEHYDRATED_TIMER`, `PATH_INVALID`
   */
  public static cron(options: CronTimerOptions = {}): RenewalTimer {
    const { schedule, file = `/etc/cron.d/${TIMER_NAME}` } = options;
    checkPath("The file of cron", file);
    if (schedule !== undefined && !/^[\w*,/-]+(?: [\w*,/-]+){4}$/.test(schedule))
      throw dehydratedErrors.timer(schedule, "five time fields");
    return new RenewalTimer({
      kind: "cron",
      file,
      files: (program, host) => cronFiles(file, program, schedule ?? `${minuteOf(host)} 3,15 * * *`),
    });
  }

  static {
    settingsOf = (timer) => timer.settings;
  }

  private constructor(private readonly settings: TimerSettings) {}
}

/** The members of a timer that an issuer needs and that are not public. */
export interface TimerSettings {
  readonly kind: "systemd" | "cron";
  /** The one of its files that says when. */
  readonly file: string;
  /** The files that start the program on a host. */
  readonly files: (program: string, host: string) => HostContent;
}

export function timerSettings(timer: RenewalTimer): TimerSettings {
  return settingsOf(timer);
}

const MANAGED = "# Managed by mail-sni: the next deploy overwrites changes.\n";

function timerOf(directory: string): string {
  return `${directory}/${TIMER_NAME}.timer`;
}

function systemdFiles(directory: string, program: string, onCalendar: string): HostContent {
  return {
    files: {
      [`${directory}/${TIMER_NAME}.service`]: HostFile.text(`${MANAGED}[Unit]
Description=Renews the certificates of mail domains
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=${program.replaceAll("%", "%%")} run
# Another run is going on.
SuccessExitStatus=75
`),
      [timerOf(directory)]: HostFile.text(`${MANAGED}[Unit]
Description=Renews the certificates of mail domains

[Timer]
OnCalendar=${onCalendar}
RandomizedDelaySec=1h
FixedRandomDelay=true
Persistent=true

[Install]
WantedBy=timers.target
`),
    },
    // What `systemctl enable` makes.
    links: { [`${directory}/timers.target.wants/${TIMER_NAME}.timer`]: `../${TIMER_NAME}.timer` },
  };
}

/** cron mails what is printed. What fails is on standard error, and everything is in syslog. */
function cronFiles(file: string, program: string, schedule: string): HostContent {
  // A percent sign is a line break in a crontab.
  const command = shellQuote(program).replaceAll("%", "\\%");
  const text = `${MANAGED}${schedule} root ${command} run >/dev/null\n`;
  return { files: { [file]: HostFile.text(text) } };
}

/** A minute of the hour for a host: not all hosts ask the CA at the same time. */
function minuteOf(host: string): number {
  return createHash("sha256").update(host).digest().readUInt16BE(0) % 60;
}
