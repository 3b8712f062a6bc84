import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Ledger } from "../../../lib/provider/host/record/ledger";
import { RenewalHost, type Row, TOKEN } from "../../on-host/renewal/support/renewal-host";

const A: Row = { names: ["a.test", "imap.a.test"] };
const B: Row = { names: ["b.test", "imap.b.test"] };

let on: RenewalHost;
beforeEach(() => {
  on = new RenewalHost();
});
afterEach(() => on.remove());

it("GIVEN a ledger that has become long THEN it is shortened, and says the same", async () => {
  /** What a ledger says, in as few lines as possible. */
  const facts = (text: string) => {
    const ledger = new Ledger();
    ledger.read(`${"closed\t.\n".repeat(2000)}${text}`);
    return ledger.compacted();
  };
  await on.installed(A, B);
  on.note(
    ["owe", "served", "of-another", "t"],
    ["owe", "served", "twice", "t"],
    ["paid", "twice"],
    ["owe", "served", "twice", "t"],
  );
  for (let run = 0; run < 2; run++) {
    await on.order(B);
    await on.run(["install"]);
  }
  const before = join(on.temporary, "before");
  const keep = `sync() { case "$*" in *.ledger.mail-sni-new) cp -- "$state/ledger" '${before}' ;; esac; command sync "$@"; }\n`;
  on.declare(A);
  expect((await on.run(["install"], { prelude: `long_ledger=100\n${keep}` })).exitCode).toBe(0);
  const [long, short] = [readFileSync(before, "utf8"), on.ledgerText()];
  expect(short.length).toBeLessThan(long.length - 500);
  expect(facts(short)).toBe(facts(long));
  expect(on.ledger().pendingActivations.map(({ id }) => id)).toEqual(["of-another", "twice"]);
  expect(lstatSync(join(on.state, "ledger")).mode & 0o777).toBe(0o600);
  expect(readdirSync(on.state)).not.toContain(".ledger.mail-sni-new");
});

it("GIVEN a long ledger, and a disk that is full THEN it stays as it is", async () => {
  await on.installed(A);
  await on.order(A);
  const cut = 'still_true() { head -c 200 -- "$1"; }\n';
  expect(await on.run(["install"], { prelude: `long_ledger=100\n${cut}` })).toEqual({
    exitCode: 0,
    output: "",
  });
  expect(on.ledger().owner(on.at("/etc/served/a.test.pem"))?.token).toBe(TOKEN);
  expect(readdirSync(on.state)).not.toContain(".ledger.mail-sni-new");
});
