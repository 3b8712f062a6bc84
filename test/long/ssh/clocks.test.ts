import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { combinedPem, issue } from "../../support/certificates";
import type { EngineReport } from "../../support/engine-report";
import { engineUnderTest } from "../../support/engine-under-test";
import { describeIf, faketime, sshd } from "../../support/requirements";
import { SshStandIn } from "../../support/ssh-stand-in";
import { domainFiles } from "../../support/stand-in-server";
import { Workspace } from "../../support/workspace";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 60_000 });

const HOUR = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR);
const ALL = ["ending.test", "fresh.test", "usual.test"];

describeIf(
  [engineUnderTest, sshd, faketime],
  "clocks that are off by a day, here or on a host by ssh",
  () => {
    let workspace: Workspace;
    let far: SshStandIn;

    beforeEach(async () => {
      workspace = await Workspace.open("vendored");
      far = await SshStandIn.start();
      const validity = { notBefore: inHours(-24 * 365), notAfter: inHours(24 * 365) };
      const issuer = await issue({ subject: "CN=Lasting CA", ca: true, ...validity });
      const pem = async (name: string, from: number, until: number) =>
        combinedPem(
          await issue({ issuer, dnsNames: [name], notBefore: inHours(from), notAfter: inHours(until) }),
          issuer,
        );
      declare({
        usual: await pem("usual.test", -24 * 30, 24 * 60),
        fresh: await pem("fresh.test", -1, 24 * 90),
        ending: await pem("ending.test", -24 * 60, 12),
      });
    });
    afterEach(async () => {
      await far?.stop();
      await workspace?.close();
    });

    /** What has to be issued first is only known in the apply, as it is with a certificate. */
    function declare(pems: Readonly<Record<string, string>>): void {
      const resources: Record<string, object> = {};
      for (const [name, pem] of Object.entries(pems)) {
        resources[`terraform_data.${name}`] = { input: pem };
        const files = domainFiles(`${name}.test`, `\${terraform_data.${name}.output}`);
        resources[`mailsni_host_files.${name}`] = files;
      }
      workspace.declare({ hosts: { mx1: far.host }, resources });
    }

    const served = () => Object.keys(far.server.served).sort();
    const saidOfClocks = ({ messages }: EngineReport) =>
      messages.filter(({ text }) => text.includes("The clock of host")).map(({ text }) => text);

    it.each([
      ["+1d", "24 hours ahead"],
      ["-1d", "24 hours behind"],
    ])(
      "GIVEN a host whose clock is off by %s THEN it has everything, nothing is left to do, and its clock is told once",
      async (offset, apart) => {
        far.before("sh", `exec faketime -f ${offset} /bin/sh "$@"`);

        const run = await workspace.mustApply();

        expect(saidOfClocks(run)).toEqual([expect.stringContaining(`"mx1" is ${apart}`)]);
        expect(served()).toEqual(ALL);
        const plan = await workspace.plan();
        expect(plan.exitCode).toBe(0);
        expect(saidOfClocks(plan)).toHaveLength(1);
      },
    );

    it.each([
      ["+1d", "24 hours behind", "ending", ["fresh.test", "usual.test"], /ended at .*; it is .* now/],
      ["-1d", "24 hours ahead", "fresh", ["ending.test", "usual.test"], /begins at .*; it is .* now/],
    ])(
      "GIVEN a machine that deploys whose clock is off by %s THEN what it takes to be invalid is refused, and everything else is done",
      async (offset, apart, refused, others, message) => {
        // The engine's own clock is not moved, and so it would not take the provider's certificate.
        const env = { TF_DISABLE_PLUGIN_TLS: "1" };
        const run = await workspace.apply({ through: ["faketime", "-f", offset], env });

        expect(run.errors).toEqual(run.errorsOf(`mailsni_host_files.${refused}`));
        expect(run.errors).toEqual([expect.stringMatching(message)]);
        expect(run.errors[0]).toMatch(/clock of this machine/);
        expect(saidOfClocks(run)).toEqual([expect.stringContaining(`"mx1" is ${apart}`)]);
        expect(served()).toEqual(others);

        await workspace.mustApply();
        expect(served()).toEqual(ALL);
      },
    );
  },
);
