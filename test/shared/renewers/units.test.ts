import { describe, expect, it } from "vitest";
import { type Entry, foundBelow } from "./found-below";

const ETC = "/etc/systemd/system";
const RUN = "/run/systemd/system";
const LIB = "/lib/systemd/system";
const LOCAL = "/usr/local/lib/systemd/system";
const MASK = { link: "/dev/null" };
const service = (exec: string) => `[Service]\n${exec}\n`;
const RENEWAL = service("ExecStart=/usr/bin/certbot -q renew");
const NOTHING = service("ExecStart=/bin/true");

/** Debian's certbot, with its timer on. */
const PACKAGE: Readonly<Record<string, Entry>> = {
  [`${LIB}/certbot.service`]: RENEWAL,
  [`${LIB}/certbot.timer`]: "[Timer]\nOnCalendar=daily\n",
  [`${ETC}/timers.target.wants/certbot.timer`]: { link: `${LIB}/certbot.timer` },
};
const found = (more: Readonly<Record<string, Entry>>) =>
  foundBelow({ ...PACKAGE, ...more }).active.map(({ program, where, file }) => [program, where, file]);
const on = (file = `${LIB}/certbot.service`, program = "certbot") => [[program, "certbot.timer", file]];

describe("a service that a timer starts", () => {
  it.each<[string, Readonly<Record<string, Entry>>, string[][]]>([
    ["as its package has it", {}, on()],
    [
      "whose line goes on",
      { [`${LIB}/certbot.service`]: service("ExecStart=/bin/sh -c \\\n  'sleep 1; \\\n  certbot renew'") },
      on(),
    ],
    [
      "whose line goes on behind a comment",
      {
        [`${LIB}/certbot.service`]: service(
          "ExecStart=/bin/sh \\\n# no end of it\n; nor this\n -c 'lego renew'",
        ),
      },
      on(undefined, "lego"),
    ],
    [
      "whose file ends in a line that goes on",
      { [`${LIB}/certbot.service`]: "[Service]\nExecStart=/usr/bin/certbot \\" },
      on(),
    ],
    [
      "whose line goes on after another setting's",
      {
        [`${LIB}/certbot.service`]: service(
          "Environment=A=b \\\n ExecStart=/usr/bin/certbot\nExecStart=/bin/true",
        ),
      },
      [],
    ],
    [
      "with a command before it",
      { [`${LIB}/certbot.service`]: service("ExecStartPre=-/usr/bin/lego renew\nExecStart=/bin/true") },
      on(undefined, "lego"),
    ],
    [
      "with another command in a drop-in",
      { [`${ETC}/certbot.service.d/a.conf`]: service("ExecStart=\nExecStart=/bin/true") },
      [],
    ],
    [
      "with a drop-in for another setting",
      { [`${ETC}/certbot.service.d/a.conf`]: service("ExecStartPre=\nExecStartPre=/bin/true") },
      on(),
    ],
    [
      "that runs a client by a drop-in alone",
      {
        [`${LIB}/certbot.service`]: NOTHING,
        [`${RUN}/certbot.service.d/a.conf`]: service("ExecStartPost=/usr/bin/lego renew"),
      },
      on(undefined, "lego"),
    ],
    [
      "with drop-ins in the order of their names, whatever their directories",
      {
        [`${ETC}/certbot.service.d/10-a.conf`]: service("ExecStart=\nExecStart=/usr/bin/lego renew"),
        [`${LIB}/certbot.service.d/20-b.conf`]: service("ExecStart=\nExecStart=/bin/true"),
      },
      [],
    ],
    [
      "with a drop-in of the package before one of the administrator's",
      {
        [`${LIB}/certbot.service.d/10-a.conf`]: service("ExecStart="),
        [`${ETC}/certbot.service.d/20-b.conf`]: service("ExecStart=/usr/bin/lego renew"),
      },
      on(undefined, "lego"),
    ],
    [
      "with a drop-in of the administrator's before one of the package",
      {
        [`${ETC}/certbot.service.d/20-b.conf`]: service("ExecStart="),
        [`${LIB}/certbot.service.d/10-a.conf`]: service("ExecStart=/usr/bin/lego renew"),
      },
      [],
    ],
    [
      "with a drop-in in /usr/local that overrides the package's",
      {
        [`${LIB}/certbot.service.d/a.conf`]: service("ExecStart="),
        [`${LOCAL}/certbot.service.d/a.conf`]: "[Unit]\n",
      },
      on(),
    ],
    [
      "with a drop-in that overrides one of the same name",
      {
        [`${LIB}/certbot.service.d/a.conf`]: service("ExecStart=\nExecStart=/bin/true"),
        [`${ETC}/certbot.service.d/a.conf`]: "[Unit]\n",
      },
      on(),
    ],
    [
      "with a drop-in that is masked",
      {
        [`${LIB}/certbot.service.d/a.conf`]: service("ExecStart="),
        [`${ETC}/certbot.service.d/a.conf`]: MASK,
      },
      on(),
    ],
    ["that is masked", { [`${ETC}/certbot.service`]: MASK }, []],
    ["that is masked at run time", { [`${RUN}/certbot.service`]: MASK }, []],
    [
      "of the administrator, where a mask at run time has no effect",
      { [`${ETC}/certbot.service`]: RENEWAL, [`${RUN}/certbot.service`]: MASK },
      on(`${ETC}/certbot.service`),
    ],
    ["that another one of the administrator overrides", { [`${ETC}/certbot.service`]: NOTHING }, []],
    ["that another one in /usr/local overrides", { [`${LOCAL}/certbot.service`]: NOTHING }, []],
    ["whose timer is masked", { [`${ETC}/certbot.timer`]: MASK }, []],
    ["whose timer is masked at run time", { [`${RUN}/certbot.timer`]: MASK }, []],
    ["whose timer starts another unit", { [`${LIB}/certbot.timer`]: "[Timer]\nUnit=other.service\n" }, []],
    [
      "whose timer starts another unit by a drop-in",
      { [`${ETC}/certbot.timer.d/a.conf`]: "[Timer]\nUnit=other.service\n" },
      [],
    ],
    [
      "whose timer starts it by a drop-in",
      {
        [`${LIB}/certbot.timer`]: "[Timer]\nUnit=other.service\n",
        [`${ETC}/certbot.timer.d/a.conf`]: "[Timer]\nUnit=certbot.service\n",
      },
      on(),
    ],
    [
      "with a comment about a client",
      { [`${LIB}/certbot.service`]: service("# ExecStart=/usr/bin/certbot renew\nExecStart=/bin/true") },
      [],
    ],
    [
      "that makes a directory of a client",
      { [`${LIB}/certbot.service`]: service("ExecStart=/bin/mkdir -p /var/lib/dehydrated") },
      [],
    ],
  ])("GIVEN one %s THEN it counts as systemd runs it", (_, more, expected) => {
    expect(found(more)).toEqual(expected);
  });

  it("GIVEN a timer that is enabled at run time THEN it counts", () => {
    const { [`${ETC}/timers.target.wants/certbot.timer`]: link, ...off } = PACKAGE;
    expect(foundBelow(off).active).toEqual([]);
    expect(foundBelow({ ...off, [`${ETC}/timers.target.wants/certbot.timer`]: MASK }).active).toEqual([]);
    expect(
      foundBelow({ ...off, [`${RUN}/timers.target.wants/certbot.timer`]: link as Entry }).active,
    ).toHaveLength(1);
  });

  it("GIVEN an instance of a template THEN its drop-ins, its unit and its mask count", () => {
    const template: Readonly<Record<string, Entry>> = {
      [`${ETC}/renew@.service`]: service("ExecStart=/usr/bin/lego --domains %i renew"),
      [`${ETC}/renew@.timer`]: "[Timer]\nOnCalendar=daily\n",
      [`${ETC}/timers.target.wants/renew@a.tld.timer`]: { link: "../renew@.timer" },
    };
    const names = (files: Readonly<Record<string, Entry>>) =>
      foundBelow(files).active.map(({ where }) => where);
    expect(names(template)).toEqual(["renew@a.tld.timer"]);
    expect(names({ ...template, [`${RUN}/renew@a.tld.timer`]: MASK })).toEqual([]);
    expect(names({ ...template, [`${ETC}/renew@.timer`]: MASK })).toEqual([]);
    expect(names({ ...template, [`${ETC}/renew@.service.d/a.conf`]: service("ExecStart=") })).toEqual([]);
  });
});
