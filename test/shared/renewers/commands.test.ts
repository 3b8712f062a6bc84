import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RENEWERS } from "../../../lib/shared/renewers/renewers";
import { foundBelow } from "./found-below";

const TABLE = "/etc/cron.d/table";
const SCRIPT = "/etc/cron.daily/script";

/** Which of these lines run a client, each as a line of a crontab. */
function linesThatRun(commands: readonly string[]): string[] {
  const text = commands.map((command) => `1 2 * * * root ${command}\n`).join("");
  return foundBelow({ [TABLE]: text }).active.map(({ line }) => commands[(line as number) - 1] as string);
}

/** Whether a script of cron with these lines counts as a run of a client. */
const scriptRuns = (...lines: string[]) =>
  foundBelow({ [SCRIPT]: `#!/bin/sh\n${lines.join("\n")}\n` }).active.length > 0;

const RUNS = [
  "certbot renew",
  "/usr/bin/certbot -q renew",
  '"/root/.acme.sh"/acme.sh --cron --home "/root/.acme.sh" > /dev/null',
  "certbot.renew",
  "test -x /usr/bin/certbot && certbot -q renew",
  "[ -x /usr/bin/certbot ] || exit 0; certbot renew",
  "cd /opt/dehydrated && ./run",
  ". /etc/dehydrated/environment; renew-all",
  "sh -c 'echo x; certbot renew'",
  'bash -c "certbot renew"',
  "sleep 10 && certbot renew # not echo",
  "echo start; certbot renew; echo end",
  "echo $(certbot renew)",
  'echo "$(certbot renew)"',
  "echo `certbot renew`",
  "echo certbot renew | sh",
  "echo certbot renew | at now",
  "printf 'certbot renew\\n' > /tmp/x && sh /tmp/x",
  "cat /etc/dehydrated/commands | bash",
  "ls /etc/dehydrated | xargs renew",
  "find /etc/dehydrated -name run -exec {} \\;",
  "tar cf - /etc/certbot --to-command=certbot",
  "nice -n 10 ionice -c3 certbot renew",
  "flock -n /run/x certbot renew",
  "chronic certbot renew --deploy-hook 'cp a b'",
  "HOME=/root certbot renew",
  "if true; then certbot renew; fi",
  "! certbot renew && echo failed",
  "(umask 077; certbot renew)",
  "{ certbot renew; }",
  "certbot echo",
  "lego rm x",
  "echo 'a\\'; certbot renew; echo 'b\\'",
  "echo 'it is time' & certbot renew",
  "echo certbot >/dev/null 2>&1 && certbot renew",
  "echo a\\'; certbot renew; echo b\\'",
  'echo "a\'"; certbot renew; echo "b\'"',
];

const QUIET = [
  "echo certbot has run",
  'echo "certbot; dehydrated"',
  "echo 'certbot | sh'",
  "echo certbot >/dev/null 2>&1",
  "echo certbot >>/var/log/renew.log",
  "true # certbot renew",
  "updatedb # certbot",
  "logger -t certbot done",
  "/usr/bin/printf 'certbot\\n'",
  "test -x /usr/bin/certbot",
  "[ -d /var/lib/dehydrated ] && updatedb",
  "if [ -e /etc/dehydrated/x ]; then updatedb; fi",
  "command -v certbot >/dev/null || mail -s 'no certbot' root",
  "tar czf /backup/certbot.tgz /etc/certbot",
  "tar cz /var/lib/dehydrated | gzip > /backup/dehydrated",
  "rsync -a /etc/dehydrated backup: && rm -rf /tmp/dehydrated",
  "cp -a /var/lib/dehydrated /backup; chmod -R go= /backup/dehydrated",
  "find /var/lib/dehydrated -mtime +30 -delete",
  "grep -q error /var/log/certbot && mail -s certbot root </var/log/certbot",
  "ls /etc/dehydrated | wc -l | mail -s dehydrated root",
  "A=1 cp /etc/dehydrated/a /b",
  "apt-get install certbot",
];

describe("what runs a client of a CA", () => {
  it("GIVEN commands that may run one THEN each of them counts, in a crontab and in a script", () => {
    expect(linesThatRun(RUNS)).toEqual(RUNS);
    for (const command of RUNS.slice(0, 12)) expect(scriptRuns(command), command).toBe(true);
  });

  it("GIVEN commands that only show, test, copy or remove something THEN none counts", () => {
    expect(linesThatRun(QUIET)).toEqual([]);
    expect(scriptRuns(...QUIET)).toBe(false);
  });

  it.each<[string, string[], boolean]>([
    ["a comment that seems to go on", ["# echo \\", "certbot renew"], true],
    ["a comment behind a command that seems to go on", ["updatedb # \\", "certbot renew"], true],
    ["a command that goes on", ["tar czf /backup/x.tgz \\", "  /etc/certbot"], false],
    ["a client in a command that goes on", ["nice \\", "  certbot renew"], true],
    ["a quote of several lines", ["echo 'a", "rm b'; certbot renew"], true],
    ["a name in a variable", ["RUN=/usr/bin/certbot", "$RUN renew"], true],
    ["a last line that goes on", ["certbot \\"], true],
  ])("GIVEN a script with %s THEN that is understood as a shell does, or counts", (_, lines, expected) => {
    expect(scriptRuns(...lines)).toBe(expected);
  });

  it("GIVEN a crontab of a user, which has no user in its lines THEN a client with the name of a command behind it counts", () => {
    const text = "1 2 * * * lego rm x\n1 2 * * * tar czf /backup/x.tgz /etc/certbot\n";
    const { active } = foundBelow({ "/var/spool/cron/crontabs/root": text });
    expect(active.map(({ line }) => line)).toEqual([1]);
  });

  it("GIVEN a line of anacron with a client behind its name THEN it counts", () => {
    const text = "1 5 cron.daily certbot renew --quiet\n7 5 backup tar czf x y\n";
    expect(foundBelow({ "/etc/anacrontab": text }).active.map(({ line }) => line)).toEqual([1]);
  });

  const client = fc.constantFrom(...RENEWERS);
  const path = client.chain((name) =>
    fc.constantFrom(name, `/usr/bin/${name}`, `"/opt/${name}/bin"/${name}`, `'${name}'`),
  );
  const run = fc
    .tuple(
      fc.constantFrom("", "nice ", "sudo -u x ", "A=b ", "timeout 9 ", "exec ", "! ", "env B='c d' "),
      path,
      fc.constantFrom("", " -q renew", " --cron >/dev/null 2>&1", " -d 'a b; c'"),
    )
    .map((parts) => parts.join(""));
  const harmless = fc.constantFrom(
    ...QUIET.filter((text) => !text.includes("#")),
    "updatedb",
    "sleep 5",
    "true",
    "echo 'a b' \"c\"",
  );
  const joint = fc.constantFrom("; ", " && ", " || ", " & ", " ;");

  it("GIVEN any line with a run among other commands THEN it counts; without one, it does not", () => {
    const line = fc.tuple(
      fc.array(fc.tuple(harmless, joint), { maxLength: 3 }),
      fc.option(run),
      joint,
      fc.array(fc.tuple(harmless, joint), { maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(line, { minLength: 20, maxLength: 60 }), (lines) => {
        const texts = lines.map(([first, middle, after, last]) => ({
          runs: middle !== null,
          text: `${first.flat().join("")}${middle === null ? "true" : middle}${after}${last.flat().join("")}true`,
        }));
        const expected = texts.filter(({ runs }) => runs).map(({ text }) => text);
        expect(linesThatRun(texts.map(({ text }) => text))).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });
});
