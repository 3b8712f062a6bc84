import { describe, expect, it } from "vitest";
import { RenewalTimer } from "../../../../lib";
import { timerSettings } from "../../../../lib/constructs/host/renewal/renewal-timer";

const PROGRAM = "/etc/mail-sni/dehydrated/renewal";
const CRON = "/etc/cron.d/mail-sni-dehydrated";

function cron(timer: RenewalTimer, program = PROGRAM, host = "mx1"): string {
  return timerSettings(timer).files(program, host).files?.[CRON]?.contents ?? "";
}

describe("a timer of systemd", () => {
  it("runs the program at the given times, and is enabled by the link that systemctl would make", () => {
    const { files = {}, links } = timerSettings(
      RenewalTimer.systemd({ onCalendar: "Mon..Fri *-*-* 04:00:00 Europe/Rome" }),
    ).files("/opt/50%/renewal", "mx1");
    const text = (unit: string) => files[`/etc/systemd/system/${unit}`]?.contents;
    expect(text("mail-sni-dehydrated.timer")).toContain("\nOnCalendar=Mon..Fri *-*-* 04:00:00 Europe/Rome\n");
    expect(text("mail-sni-dehydrated.service")).toContain("\nExecStart=/opt/50%%/renewal run\n");
    expect(links).toEqual({
      "/etc/systemd/system/timers.target.wants/mail-sni-dehydrated.timer": "../mail-sni-dehydrated.timer",
    });
  });

  it.each(["", "daily\nExecStart=/bin/sh", "*-*-* 03:00\t"])("GIVEN %j THEN refused", (onCalendar) => {
    expect(() => RenewalTimer.systemd({ onCalendar })).toThrow(/\[DEHYDRATED_TIMER\]$/);
  });
});

describe("a file of cron", () => {
  it("is one line that root runs, at a minute that a host keeps", () => {
    const first = cron(RenewalTimer.cron());
    expect(first).toMatch(
      /\n\d{1,2} 3,15 \* \* \* root '\/etc\/mail-sni\/dehydrated\/renewal' run >\/dev\/null\n$/,
    );
    expect(cron(RenewalTimer.cron())).toBe(first);
    expect(cron(RenewalTimer.cron(), PROGRAM, "mx2")).not.toBe(first);
  });

  it("GIVEN a percent sign in the path, which cron takes for a line break THEN it is escaped", () => {
    expect(cron(RenewalTimer.cron({ schedule: "0 4 * * *" }), "/opt/50%/renewal")).toContain(
      "\n0 4 * * * root '/opt/50\\%/renewal' run ",
    );
  });

  it.each(["", "0 4 * *", "0 4 * * * root rm", "0 4 * * *\n", "@daily"])(
    "GIVEN %j THEN refused",
    (schedule) => {
      expect(() => RenewalTimer.cron({ schedule })).toThrow(/\[DEHYDRATED_TIMER\]$/);
    },
  );
});
