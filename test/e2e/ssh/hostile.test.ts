import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { EngineReport } from "../../support/engine-report";
import { engineUnderTest } from "../../support/engine-under-test";
import { describeIf, sshd } from "../../support/requirements";
import { SshStandIn } from "../../support/ssh-stand-in";
import { domainFiles, domainPaths } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

/** What each host does to whoever deploys. */
const HOSTS: Readonly<Record<string, { readonly bad: (far: SshStandIn) => void; readonly message: RegExp }>> =
  {
    floods: {
      bad: (far) => far.before("sh", "printf '\\n\\036ready\\n'; exec tr '\\0' x </dev/zero"),
      message: /it sent more than [\d,]+ characters where fewer belong, and was cut off/,
    },
    complains: {
      bad: (far) => far.before("sh", "exec tr '\\0' x </dev/zero >&2"),
      message: /it sent more than [\d,]+ characters/,
    },
    answers: {
      bad: (far) => far.before("sh", `exec yes "$(printf '\\n\\036%s' 0)"`),
      message: /it sent more than|it answered what it was not asked/,
    },
    mislays: {
      bad: (far) => {
        const ledger = `${far.server.root}/var/lib/mail-sni/ledger`;
        mkdirSync(dirname(ledger), { recursive: true });
        writeFileSync(ledger, "mail-sni-ledger\t1\t.\nclaim\tstack\tTOKEN\trelative\t.\n");
      },
      message: /ledger cannot be read: line 2: `claim` with "relative": it is not absolute/,
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
