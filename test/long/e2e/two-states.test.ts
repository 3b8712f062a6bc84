import { readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Checkouts, deployed, expectNothingLeft, IDENTITY, stateFile } from "../../e2e/lifecycle/checkouts";
import { engineUnderTest } from "../../support/engine-under-test";
import { describeIf } from "../../support/requirements";
import type { StackProject } from "../../support/stack-project";
import { domainFiles, StandInServer } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

describeIf(engineUnderTest, "two states of one stack", () => {
  let checkouts: Checkouts;
  let first: StackProject;

  beforeEach(async () => {
    checkouts = await Checkouts.create();
    first = await checkouts.add();
  });
  afterEach(() => checkouts.remove());

  it("GIVEN a second checkout WHEN it is deployed THEN it is refused before anything is made, and its destroy removes nothing", async () => {
    await deployed(first);
    const before = checkouts.host;
    const second = await checkouts.add();

    const refused = await second.apply();

    expect(refused.exitCode).toBe(1);
    expect(refused.errors).toHaveLength(1);
    const [message] = refused.errorsOf(IDENTITY);
    expect(message).toContain('Stack "mail" is deployed from another state');
    expect(message).toContain(
      `Host "mx1": the stack "mail" has files there in the Terraform state ${checkouts.identities[0]}`,
    );
    expect(message).toContain(`MAIL_SNI_TAKE_OVER=${checkouts.identities[0]} npx cdktf deploy mail`);
    expect(JSON.parse(readFileSync(stateFile(second), "utf8")).resources).toEqual([]);
    expect(checkouts.host).toEqual(before);
    expect((await second.destroy()).exitCode).toBe(0);
    expect(checkouts.host).toEqual(before);
    await expectNothingLeft(first);
  });

  it("GIVEN a state is lost WHEN that is said THEN a new one takes over, and only then", async () => {
    await deployed(first);
    await expectNothingLeft(first);
    const found = join(first.directory, "found.tfstate");
    renameSync(stateFile(first), found);
    expect((await first.apply()).errorsOf(IDENTITY)).toHaveLength(1);
    const pem = join(checkouts.root, "etc/dovecot/mail-sni/domain2.tld.pem");
    const old = readFileSync(pem, "utf8");

    const { messages } = await deployed(first, { MAIL_SNI_TAKE_OVER: String(checkouts.identities[0]) });

    expect(messages).toEqual([]);
    expect(readFileSync(pem, "utf8")).not.toBe(old);
    await expectNothingLeft(first);
  });

  it("GIVEN the same state WHEN constructs are renamed THEN the new resources take over in silence", async () => {
    await deployed(first);
    const before = checkouts.host;

    checkouts.declare(first, "mx.new");
    const { changes, messages } = await deployed(first);

    expect(Object.values(changes).sort()).toEqual([...Array(4).fill("create"), ...Array(4).fill("delete")]);
    // As ever where old and new have no order between them.
    expect(messages.filter(({ text }) => !text.includes("was missing for a moment"))).toEqual([]);
    expect(checkouts.host).toEqual(before);
    await expectNothingLeft(first);
  });
});

describeIf(engineUnderTest, "a first deploy that is killed before its state is saved", () => {
  it("THEN the next one finishes it, and is the only one that there is", async () => {
    const workspace = await Workspace.open("vendored");
    try {
      const server = new StandInServer(workspace.directory);
      workspace.declare({
        hosts: { mx1: server.host },
        resources: {
          [IDENTITY]: {},
          "mailsni_host_files.a": {
            ...domainFiles("a.test", await pemFor("a.test")),
            state_id: `\${${IDENTITY}.id}`,
          },
        },
      });
      server.on("activate", "wait_at_gate; exit 1");
      const engine = workspace.start(["apply", "-auto-approve"]);
      await server.waiting();
      // The engine first: told of the provider's end, it would write its state.
      engine.process.kill("SIGKILL");
      await engine.finished;
      for (const pid of workspace.providers) process.kill(pid, "SIGKILL");
      await workspace.providersEnded();
      server.behave();
      server.openGate();
      // Terraform has written it to a local file meanwhile; a remote backend would have got nothing yet.
      rmSync(workspace.path("terraform.tfstate"), { force: true });
      const ledger = () => server.read("/var/lib/mail-sni/ledger");
      expect(ledger()).toMatch(/^begun\t/m);

      const { changes, messages } = await workspace.mustApply();

      expect(Object.values(changes)).toEqual(["create", "create"]);
      expect(messages).toEqual([]);
      const ids = [...ledger().matchAll(/^(?:begun|ended)\t([0-9a-f]{16})/gm)].map(([, id]) => id);
      const [begun, ended] = ids.slice(-2);
      expect(begun).toBeDefined();
      expect(ended).toBe(begun);
      expect((await workspace.plan()).exitCode).toBe(0);
    } finally {
      await workspace.close();
    }
  });
});
