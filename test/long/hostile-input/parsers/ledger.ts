import { LedgerFile, LedgerUnusable } from "../../../../lib/provider/host/record/ledger-file";
import { LedgerUnreadable, parseLine } from "../../../../lib/provider/host/record/ledger-line";
import { HOSTILE_LEDGER_LINES } from "../../../support/hostile-peers";
import type { Parser } from "./parser";
import { only } from "./refusals";

export const STATE = "0123456789abcdef";
const LEDGER = `mail-sni-ledger\t1\t.
host\tssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ\t.
begun\t${STATE}\tstack\t2026-01-31T12:00:00Z\tci-1\t.
member\t${STATE}\ttoken-1\t.
claim\tstack\ttoken-1\t/etc/dovecot/ssl/mail-sni/a.test.pem\t.
directory\t/etc/dovecot/ssl/mail-sni\t.
placeholder\t${"ab".repeat(32)}\t/etc/dovecot/ssl/default.pem\t.
owe\tdovecot\tactivation-1\ttoken-1\t.
paid\tactivation-1\t.
stage\t/etc/dovecot/ssl/mail-sni/a.test.pem\t.
closed\t.
kept\t${STATE}\tstack\t2026-01-31T12:00:01Z\tci-1\t.
later-kind\tof a later version\t.
release\ttoken-1\t/etc/dovecot/ssl/mail-sni/a.test.pem\t.
lost\t${STATE}\t.
removed\t/etc/dovecot/ssl/mail-sni\t.
`;

export function ledgerParsers(): Parser[] {
  const host = { root: "/", stateDirectory: "/var/lib/mail-sni" } as never;
  const position = (bytes: Buffer, from = 0) =>
    `7 ${bytes.length}\n${bytes.subarray(from).toString("base64")}`;
  return [
    {
      name: "a line of a ledger",
      seeds: [...LEDGER.split("\n"), ...HOSTILE_LEDGER_LINES.map(([, line]) => line)],
      throws: only(LedgerUnreadable),
      read: (input) => parseLine(input.toString()),
    },
    {
      name: "the file of a ledger",
      seeds: [LEDGER, LEDGER.repeat(5)],
      throws: only(LedgerUnusable),
      read: (input) => {
        const file = new LedgerFile(host);
        const half = input.subarray(0, input.length / 2);
        file.catchUp({ status: 0, output: half.length > 0 ? position(half) : "" });
        file.catchUp({ status: 0, output: input.length > 0 ? position(input, half.length) : "" });
        const { ledger } = file;
        return [
          ledger.compacted(),
          ledger.statesInForce("stack", "/"),
          ledger.pathsOfStack("stack"),
          ledger.pendingActivations,
          ledger.unfinished,
        ];
      },
    },
    {
      name: "a host's answer about its ledger",
      seeds: [position(Buffer.from(LEDGER)), position(Buffer.from(LEDGER.slice(0, 200))), ""],
      throws: only(LedgerUnusable),
      read: (input) => {
        const file = new LedgerFile(host);
        file.catchUp({ status: input.length % 7 === 0 ? 1 : 0, output: input.toString() });
        return file.ledger.pendingActivations;
      },
    },
  ];
}
