import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { shellQuote } from "../../../lib/shared/transport/shell-quote";
import type { EngineReport } from "../../support/engine-report";
import { engineUnderTest } from "../../support/engine-under-test";
import { CUT_OFF, HOSTILE_LEDGER_LINES, HOSTILE_SHELLS } from "../../support/hostile-peers";
import { describeIf, sshd } from "../../support/requirements";
import { SshStandIn } from "../../support/ssh-stand-in";
import { domainFiles, domainPaths } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

const says = (program: keyof typeof HOSTILE_SHELLS) => (far: SshStandIn) =>
  far.before("sh", `exec sh -c ${shellQuote(HOSTILE_SHELLS[program])}`);
const [, MISLAID, REASON] = HOSTILE_LEDGER_LINES[0] as (typeof HOSTILE_LEDGER_LINES)[number];

/** What each host does to a machine that deploys. */
const HOSTS: Readonly<Record<string, { readonly bad: (far: SshStandIn) => void; readonly message: RegExp }>> =
  {
    floods: { bad: says("a flood behind `ready`, without an end of line,"), message: CUT_OFF },
    complains: { bad: says("a flood of errors without an end of line"), message: CUT_OFF },
    answers: { bad: says("a flood of answers to what it was not asked, before it begins"), message: CUT_OFF },
    mislays: {
      bad: (far) => {
        const ledger = `${far.server.root}/var/lib/mail-sni/ledger`;
        mkdirSync(dirname(ledger), { recursive: true });
        writeFileSync(ledger, `mail-sni-ledger\t1\t.\n${MISLAID}\n`);
      },
      message: new RegExp(`ledger cannot be read: line 2: .*${REASON}`),
    },
  };
const NAMES = Object.keys(HOSTS);

describeIf([engineUnderTest, sshd], "hosts that say what no host says", () => {
  let workspace: Workspace;
  const fars = new Map<string, SshStandIn>();
  let report: EngineReport;
  let pem: string;

  beforeAll(async () => {
    workspace = await Workspace.open("in process");
    pem = await pemFor("a.test");
    for (const name of [...NAMES, "good"]) fars.set(name, await SshStandIn.start());
    for (const name of NAMES) HOSTS[name]?.bad(fars.get(name) as SshStandIn);
    workspace.declare({
      hosts: Object.fromEntries([...fars].map(([name, far]) => [name, far.host])),
      resources: Object.fromEntries(
        [...fars.keys()].map((host) => [
          `mailsni_host_files.${host}`,
          { ...domainFiles("a.test", pem), host },
        ]),
      ),
    });
    report = await workspace.apply();
  });
  afterAll(async () => {
    for (const far of fars.values()) await far.stop();
    await workspace?.close();
  });

  it.each(NAMES)("GIVEN one that %s THEN it is cut off, and the message names it and the reason", (name) => {
    const errors = report.errorsOf(`mailsni_host_files.${name}`).join();
    expect(errors).toMatch(HOSTS[name]?.message as RegExp);
    expect(errors).toContain(`"${name}"`);
  });

  it("THEN the others are done", () => {
    expect(report.errorsOf("mailsni_host_files.good")).toEqual([]);
    expect(fars.get("good")?.server.read(domainPaths("a.test").certificate)).toBe(pem);
  });
});
