import { matchesGlob } from "../../../../lib/cli/doctor/checks/host/glob";
import { namedFiles } from "../../../../lib/cli/doctor/checks/host/named-files";
import { caaRefusal } from "../../../../lib/cli/doctor/checks/names/caa-set";
import { filesIn } from "../../../../lib/cli/inputs/configuration-files";
import { parseDuration } from "../../../../lib/cli/options/duration";
import { parseNumber } from "../../../../lib/cli/options/number";
import { parseConnect, parsePorts } from "../../../../lib/cli/verify/questions/option-values";
import { pendingWords } from "../../../../lib/provider/host/renewers/pending-words";
import { placesToRetire, retiredPlaces } from "../../../../lib/provider/host/renewers/places";
import { renewerFacts } from "../../../../lib/provider/host/renewers/retirement";
import { hooksIn, markOf, programsOf, userOf } from "../../../../lib/shared/renewers/renewers";
import { otherVersion, showsArrival } from "../../../../lib/shared/service/version-and-arrival";
import { bounded } from "./bounded";
import type { Parser } from "./parser";
import { checkPlain } from "./printed";
import { cli, never } from "./refusals";

const path = (text: string) => text;

/** What a doctor reads of a host and of DNS, and what is given to a command. */
export function doctorParsers(): Parser[] {
  return [...configurationParsers(), ...renewerParsers(), ...namesParsers(), ...optionParsers()];
}

const NAMED = `F\tdovecot\t/etc/dovecot/dovecot.conf
L\t1\tdovecot_config_version = 2.4.0
L\t2\tssl_server_cert_file = "/etc/ssl/a.pem" # a
L\t3\tlocal_name a.test {
L\t4\tssl_server_key_file = /etc/ssl/a.key
L\t5\tssl_cert = </etc/ssl/a.pem
L\t6\t}
`;

function configurationParsers(): Parser[] {
  return [
    {
      name: "the files that a Dovecot names",
      seeds: [NAMED, NAMED.replace(/L\t1\t.*\n/, "")],
      throws: never,
      read: (input) => [...namedFiles(filesIn(input.toString().split("\n"), path))],
      repeats: [
        "L\t1\ta {\n",
        "L\t1\ta_file = /a\n",
        "L\t1\ta {\nL\t1\ta_file = /a\n",
        " #",
        "{",
        "<",
        "\t ",
      ],
      growth: 100,
    },
    {
      name: "a pattern of files",
      seeds: ["/etc/dovecot/conf.d/*.conf", "/a/[ab]?*"],
      throws: never,
      read: (input) => {
        const names = ["/etc/dovecot/conf.d/99-mail-sni.conf", `/${"a".repeat(200)}/abc`];
        return names.map((name) => matchesGlob(name, input.toString()));
      },
      repeats: ["*", "*a", "[", "[a]", "?", "/"],
    },
    {
      name: "what a server's commands print",
      seeds: ["2.4.1-4 (7d8c0e5759)\n", "local_name a.test {\n  ssl_cert = </a\n}\n"],
      throws: never,
      read: (input) => {
        const text = input.toString();
        const version = { pattern: "^(2\\.[34])[. ]", expected: "2.3", print: [], advice: "" };
        const arrival = { pattern: "^# .*mail-sni", list: [], advice: "" };
        return [otherVersion(version, text) ?? null, showsArrival(arrival, text) ?? null];
      },
      repeats: ["2.4", "# ", "mail-sni"],
    },
  ];
}

const UNITS = "/etc/systemd/system";
const RENEWER_LINES = `R\t3\tcertbot\t/etc/cron.d/certbot
R\t\tdehydrated\t/etc/cron.daily/dehydrated
R\t7\tacme.sh\t/var/spool/cron/crontabs/mail
T\t\t\t${UNITS}/renew@.service
T\t\t\t${UNITS}/renew@.timer
T\t\t\t${UNITS}/timers.target.wants/renew@a.test.timer
T\t\t/dev/null\t/lib/systemd/system/lego.timer
T\t\t\t${UNITS}/renew@.service.d/a.conf
U\t\trenew@a.test.service\t${UNITS}/renew@.timer
R\tExecStart\tlego\t${UNITS}/renew@.service
Z\tExecStart\t\t${UNITS}/renew@.service.d/a.conf
D\t\tcertbot,lego\t${UNITS}/certbot.service.d/zz-mail-sni-retired.conf
C\t4\tcertbot\t/etc/crontab
M\t\tcertbot\t/etc/cron.daily/certbot
M\t\t-\t/etc/hook
H\t\t\t/etc/hook
K\t\t\t/etc/hook
O\tmail\tprogram\tcertbot
O\tmail\thook\t/etc/hook
`;

function renewerParsers(): Parser[] {
  return [
    {
      name: "what runs clients of CAs on a host",
      seeds: [RENEWER_LINES],
      throws: never,
      read: (input) => {
        const facts = renewerFacts(input.toString().split("\n"), path);
        const { active, retired } = facts;
        const wanted = { programs: ["certbot", "lego"], hooks: ["/etc/hook"] };
        const pending = pendingWords(wanted, "mail", facts);
        return [
          ...[active, retired, active.map(userOf), retired.map(({ programs }) => markOf(programs))],
          ...[
            placesToRetire(wanted, facts),
            retiredPlaces(wanted, facts),
            pending === null ? null : bounded(pending),
          ],
        ];
      },
      repeats: [
        "@",
        ".a",
        "@a.a",
        "/a",
        "certbot,",
        "R\t1\tcertbot\t/etc/cron.d/a\n",
        `T\t\t\t${UNITS}/a.timer\n`,
        `R\tExecStart\tcertbot\t${UNITS}/renew@.service\n`,
      ],
      growth: 40,
    },
    {
      name: "hooks of a host",
      seeds: ["F\tcertbot\t/etc/letsencrypt/hook\nW\tdoveadm\nW\tservercert\nF\tdehydrated\t/etc/hook:3\n"],
      throws: never,
      read: (input) => [hooksIn(input.toString().split("\n"), path), programsOf(input.toString())],
      repeats: ["F\ta\t/a\n", "W\ta\n", "F\ta\t/a\nW\tb\n", ","],
      growth: 20,
    },
  ];
}

function namesParsers(): Parser[] {
  return [
    {
      name: "CAA records",
      seeds: [
        "0 issue letsencrypt.org; validationmethods=http-01,dns-01\n0 iodef mailto:a@a.test",
        "128 issuewild ;\n0 issue other.test",
        "128 tbs x",
      ],
      throws: never,
      read: (input) => {
        const records = input
          .toString()
          .split("\n")
          .map((line) => {
            const [flags = "", tag = "", ...value] = line.split(" ");
            return { flags: Number(flags), tag, value: value.join(" ") };
          });
        return [true, false].map((isWildcard) => {
          const said = caaRefusal(records, {
            identities: ["letsencrypt.org"],
            isWildcard,
            challenge: "dns-01",
          });
          return said === null ? null : bounded(said);
        });
      },
      repeats: [";", "validationmethods=", "; ", "0 issue a\n", ","],
    },
  ];
}

function optionParsers(): Parser[] {
  const option = (name: string, seeds: readonly string[], parse: (text: string) => unknown): Parser => ({
    name,
    seeds,
    throws: (error) => {
      if (!cli(error)) return false;
      checkPlain((error as Error).message);
      return true;
    },
    read: (input) => parse(input.toString()),
    repeats: ["1", "a.", ",", "1,", ":"],
  });
  return [
    option("a duration", ["12h", "7d"], parseDuration("--run-interval")),
    option("a number", ["12", "0"], parseNumber("--watch", 0, 1000)),
    option("ports", ["993,2525:smtp", "25"], parsePorts),
    option("an address to connect to", ["mx1=192.0.2.1", "localhost", "a.test"], parseConnect),
  ];
}
