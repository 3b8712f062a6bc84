import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { clockWarning } from "../../../lib/provider/host/clock";
import { HostChecks } from "../../../lib/provider/host/host-checks";
import { HostUnusable } from "../../../lib/provider/host/host-unusable";
import { parseFacts } from "../../../lib/provider/host/record/facts";
import { Ledger } from "../../../lib/provider/host/record/ledger";
import { LedgerFile, LedgerUnusable } from "../../../lib/provider/host/record/ledger-file";
import { LedgerUnreadable } from "../../../lib/provider/host/record/ledger-line";
import { mayMatch } from "../../../lib/provider/host/services/name-blocks";
import { type Answer, Answers, Flood } from "../../../lib/shared/transport/answers";
import { SshLog } from "../../../lib/shared/transport/ssh/log";
import { TestHost } from "../../provider/host/support/test-host";

const RUNS = 4_000;
/** Nothing that a host says is worth more time. */
const LONGEST_MILLISECONDS = 1_000;
const host = new TestHost();
afterAll(() => host.remove());

const LEDGER = [
  "mail-sni-ledger\t1\t.",
  "host\tAAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\t.",
  "claim\tstack\t0123456789abcdef\t/etc/dovecot/mail-sni/a.test.pem\t.",
  "release\t0123456789abcdef\t/etc/dovecot/mail-sni/a.test.pem\t.",
  "directory\t/etc/dovecot/mail-sni\t.",
  "stage\t/etc/dovecot/mail-sni/a.test.pem\t.",
  "owe\tdovecot\t0123456789ab\t0123456789abcdef\t.",
  "paid\t0123456789ab\t.",
  "closed\t.",
  "",
].join("\n");
const STAT = '81a0\t0\t0\troot\troot\t"/etc/a"\na1ff\t0\t0\troot\troot\t"/etc/b" -> "\\303\\244"\n';
const HASH = `${"0".repeat(64)}  /etc/a\nstat: cannot statx '/etc/c': Permission denied\n`;

/** What a host may say in each place, and who reads it. */
const READERS: readonly { what: string; said: string; read: (text: string) => unknown; refusal?: unknown }[] =
  [
    { what: "a ledger", said: LEDGER, read: (text) => new Ledger().read(text), refusal: LedgerUnreadable },
    {
      what: "the answer about a ledger",
      said: `12345 ${Buffer.byteLength(LEDGER)}\n${Buffer.from(LEDGER).toString("base64")}`,
      read: (output) => new LedgerFile(host.settings).catchUp({ status: 0, output }),
      refusal: LedgerUnusable,
    },
    { what: "facts", said: STAT + HASH, read: (output) => parseFacts({ status: 0, output }) },
    {
      what: "a clock",
      said: "1795897528\n",
      read: (output) => clockWarning("mx1", { status: 0, output }, new Date()),
    },
    {
      what: "SSH host keys",
      said: "AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAAAB3NzaC1yc2E\n",
      read: (identity) => {
        const file = new LedgerFile(host.settings);
        const keys = new HostChecks({ ...host.settings, root: "/" }, () => true).recognise(
          [printed(""), printed(identity), printed(""), printed("1")],
          file,
        );
        // What is noted of them can be read again.
        file.note(keys.map((key) => ["host", key] as const));
      },
      refusal: HostUnusable,
    },
    {
      what: "missing tools",
      said: "flock\nthe stat of coreutils\n",
      read: (output) => {
        new HostChecks(host.settings, () => true).refuseUnfit([
          printed(output),
          printed(""),
          printed(""),
          printed("1"),
        ]);
      },
      refusal: HostUnusable,
    },
    { what: "a pattern of names", said: "*.a.test", read: (pattern) => mayMatch(pattern, "imap.a.test") },
    {
      what: "ssh's log",
      said: "debug1: Server host key: ssh-ed25519 SHA256:abc\r\nchannel 3: open failed: connect failed: Connection refused\r\n",
      read: (text) => new SshLog().read(text),
    },
    {
      what: "a session",
      said: "login\n\n\x1eready\none\n\x1e0\ntwo\n\x1e1\n",
      read: (text) => {
        const answers = new Answers();
        answers.expect();
        answers.expect();
        answers.read(text);
      },
      refusal: Flood,
    },
  ];

/** Cut, doubled, exchanged, filled in: what is left of something that was right. */
function mutated(said: string): fc.Arbitrary<string> {
  const noise = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom(
      "\0",
      "\t",
      "\n",
      "\x1e",
      "\x1b[2J",
      "..",
      "/",
      "999999999999999999999",
      "-1",
      "\u202e",
      "\ud800",
      "",
    ),
    fc
      .tuple(fc.constantFrom("a", "\n", "\t", "\\", '"', " ", "*"), fc.integer({ min: 1, max: 100_000 }))
      .map(([text, count]) => text.repeat(count)),
  );
  const edit = fc.record({ at: fc.nat(), length: fc.nat(40), noise, again: fc.boolean() });
  return fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) =>
    edits.reduce((text, { at, length, noise: added, again }) => {
      const start = at % (text.length + 1);
      const cut = text.slice(start, start + length);
      return text.slice(0, start) + added + (again ? cut + cut : "") + text.slice(start + length);
    }, said),
  );
}

describe("what a hostile host says", () => {
  it.each(READERS)(
    "GIVEN $what with anything changed THEN it is read or refused, within a second",
    ({ what, said, read, refusal }) => {
      let [taken, refused, longest] = [0, 0, 0];
      if (refusal !== HostUnusable) read(said);
      fc.assert(
        fc.property(mutated(said), (text) => {
          const start = performance.now();
          try {
            read(text);
            taken++;
          } catch (error) {
            if (refusal === undefined) throw error;
            expect(error).toBeInstanceOf(refusal);
            expect((error as Error).message.length).toBeLessThan(5_000);
            refused++;
          }
          longest = Math.max(longest, performance.now() - start);
        }),
        { numRuns: RUNS },
      );
      console.log(`${what}: ${taken} read, ${refused} refused, ${longest.toFixed(0)} ms at most`);
      expect(longest).toBeLessThan(LONGEST_MILLISECONDS);
    },
  );
});

function printed(output: string): Answer {
  return { status: 0, output };
}
