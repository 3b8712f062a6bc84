import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { dovecot23, pebble as pebbleIsThere, sshd } from "../../support/machine";
import type { ProgramRun } from "../../support/mail-sni-program";
import { describeIf } from "../../support/requirements";
import { type EngineChoice, engineOfSuites } from "../served/engine-choice";
import { type Declared, RenewedMail } from "./renewed-mail";

const TWO: Declared = { domains: ["d1.test", "d2.test"] };
const THREE: Declared = { domains: ["d1.test", "d2.test", "d3.test"] };
const NO_CHANGE = "mail: no renewal is due, and there is nothing else to do.";

/** Scheduled runs, by their exit status, by what they say, and by what the hosts present afterwards. */
export function renewScenarios(engine: EngineChoice = engineOfSuites): void {
  describeIf([engine.requirement, dovecot23, sshd, pebbleIsThere], "mail-sni renew", () => {
    // Each test runs a real engine several times.
    vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });
    let mail: RenewedMail;
    const runs: ProgramRun[] = [];

    beforeAll(async () => {
      mail = await RenewedMail.start(engine.get());
      await mail.deploy(TWO);
    });
    afterEach(() => mail.servers.pebble.gate.reopen());
    afterAll(() => mail?.stop());

    async function renew(...more: readonly string[]): Promise<ProgramRun & { readonly lines: string[] }> {
      const run = await mail.renew(...more);
      runs.push(run);
      return { ...run, lines: run.out.split("\n") };
    }

    async function expectServed(...domains: readonly string[]): Promise<void> {
      for (const domain of domains) {
        const issued = mail.issued(domain);
        expect(await mail.served(`imap.${domain}`)).toEqual({ mx1: issued, mx2: issued });
      }
    }

    it("GIVEN nothing that is due THEN 0, what is served was verified, and the first expiry is said", async () => {
      const { exitCode, lines, err } = await renew();
      expect(err).toBe("");
      expect(lines).toEqual([
        NO_CHANGE,
        expect.stringMatching(
          /^Verified: (\d+) of \1 handshakes are right; 0 errors, 0 warnings, \d+ notes\.$/,
        ),
        expect.stringMatching(/^First expiry: d\d\.test in \d+ d, at \S+Z\.$/),
        "",
      ]);
      expect(exitCode).toBe(0);
    });

    it("GIVEN a renewal that is due THEN 0, and both hosts present the new certificate", async () => {
      const before = mail.issued("d1.test");
      await mail.suggestRenewal("d1.test");
      const { exitCode, lines, out } = await renew();
      expect(lines[0]).toBe("mail: 1 certificate renewed: d1.test.");
      expect(out).toMatch(/^Verified: (\d+) of \1 handshakes are right; 0 errors/m);
      expect(exitCode).toBe(0);
      expect(mail.issued("d1.test")).not.toBe(before);
      await expectServed("d1.test", "d2.test");
      expect((await mail.project.plan()).exitCode).toBe(0);
    });

    it("GIVEN a CA that is away THEN 0 with a warning while there is time, and 1 near the end; WHEN it is back THEN it is renewed", async () => {
      const { gate } = mail.servers.pebble;
      const before = mail.issued("d2.test");
      await mail.suggestRenewal("d2.test");
      await mail.project.refresh();
      await gate.shut();
      const notified = mail.file("notified");
      const early = await renew("--notify", `cat > ${notified}`);
      expect(early.lines[0]).toBe(
        "mail: applied, but not renewed: d2.test. The current certificates stay in use.",
      );
      expect(early.out).toMatch(
        /^warning The certificate for d2\.test was not renewed.*The current certificate stays in use/m,
      );
      expect(early.exitCode).toBe(0);
      expect(existsSync(notified)).toBe(false);

      await mail.project.refresh();
      const late = await renew("--warn-days", "366", "--notify", `cat > ${notified}`);
      expect(late.out).toMatch(
        /^error {3}d2\.test expires in \d+ d, at \S+; its renewal has been due since /m,
      );
      expect(late.exitCode).toBe(1);
      expect(readFileSync(notified, "utf8")).toBe(late.out);
      expect(mail.issued("d2.test")).toBe(before);

      await gate.reopen();
      const again = await renew();
      expect(again.lines[0]).toBe("mail: 1 certificate renewed: d2.test.");
      expect(again.exitCode).toBe(0);
      await expectServed("d2.test");
    });

    it("GIVEN a change that is merged and not deployed THEN 4, nothing is applied, and --from a copy of what was deployed renews what is due", async () => {
      copyTree(mail);
      mail.declare(THREE);
      await mail.suggestRenewal("d1.test");
      const [state, before] = [mail.state, mail.issued("d1.test")];
      const notified = mail.file("refused");
      const refused = await renew("--notify", `cat > ${notified}; echo $MAIL_SNI_EXIT_STATUS >> ${notified}`);
      expect(refused.lines[0]).toMatch(
        /^mail: nothing was applied: the plan has \d+ changes that must not be made unattended\.$/,
      );
      expect(refused.out).toContain(
        "\nrefused mailsni_acme_certificate.c_d3_test: would be created (a change that is not deployed)\n",
      );
      expect(refused.out).not.toContain("refused mailsni_acme_certificate.c_d1_test");
      expect(refused.out).toContain("\nDue, and not renewed because of this: d1.test.\n");
      expect(refused.out).toMatch(/^First expiry: d\d\.test in \d+ d, at \S+Z\.$/m);
      expect(refused.out).toContain(
        "What to do: Deploy the reviewed change (cdktf deploy mail), or renew what is due from a copy of what was deployed last: mail-sni renew --from DIRECTORY.",
      );
      expect(refused.exitCode).toBe(4);
      expect(mail.state).toBe(state);
      expect(readFileSync(notified, "utf8")).toBe(`${refused.out}4\n`);

      const renewed = await renew("--from", mail.file("deployed"));
      expect(renewed.lines[0]).toBe("mail: 1 certificate renewed: d1.test.");
      expect(renewed.exitCode).toBe(0);
      expect(mail.issued("d1.test")).not.toBe(before);
      await expectServed("d1.test", "d2.test");
    });

    it("GIVEN a copy of something else than what was deployed last THEN 4, and it says so", async () => {
      await mail.deploy(THREE);
      const { exitCode, out } = await renew("--from", mail.file("deployed"));
      expect(out).toContain("refused mailsni_acme_certificate.c_d3_test: would be destroyed");
      expect(out).toContain(`What to do: ${mail.file("deployed")} is not a copy of what was deployed last`);
      expect(exitCode).toBe(4);
      await mail.deploy(TWO);
    });

    it("GIVEN a file that is missing on a host THEN 0, and it is there again", async () => {
      const path = mail.servers.dovecot.path("mail-sni/d2.test.pem");
      const before = readFileSync(path, "utf8");
      rmSync(path);
      const { exitCode, lines } = await renew();
      expect(lines[0]).toBe(
        "mail: applied: what was pending or missing on hosts is complete. No renewal was due.",
      );
      expect(exitCode).toBe(0);
      expect(readFileSync(path, "utf8")).toBe(before);
    });

    it("GIVEN a configuration that was edited on a host THEN 4, and it is left as it is", async () => {
      const path = mail.servers.dovecot.path("mail-sni/2.3/d2.test.conf");
      const before = readFileSync(path, "utf8");
      writeFileSync(path, `${before}# edited\n`);
      const { exitCode, out } = await renew();
      expect(out).toMatch(
        /^refused mailsni_host_files\.d_d2_test__mx1: the text of \S+d2\.test\.conf was changed on the host, and would be overwritten \(it was changed on the host\)$/m,
      );
      expect(out).toContain("What to do: Overwrite the change on the host (cdktf deploy mail)");
      expect(exitCode).toBe(4);
      expect(readFileSync(path, "utf8")).toContain("# edited");
      writeFileSync(path, before);
    });

    it("GIVEN one host that is down THEN 1, the other one has the new certificate; WHEN it is back THEN both have it", async () => {
      const { ssh } = mail.servers;
      const before = mail.issued("d1.test");
      await mail.suggestRenewal("d1.test");
      await ssh.kill();
      const { exitCode, lines, out } = await renew();
      expect(lines[0]).toBe(
        "mail: the apply failed. Finished changes stay in place, and the next run continues. Due: d1.test.",
      );
      expect(out).toMatch(/^error {3}Host "mx2" cannot be reached/m);
      expect(out).toContain("Certificates were not compared with those that the stack issued");
      expect(exitCode).toBe(1);
      const issued = mail.issued("d1.test");
      expect(issued).not.toBe(before);
      expect(await mail.served("imap.d1.test")).toEqual({ mx1: issued, mx2: before });

      const idle = await renew("--no-verify");
      expect(idle.exitCode).toBe(1);

      await ssh.restart();
      const again = await renew();
      expect(again.exitCode).toBe(0);
      await expectServed("d1.test");
    });

    it("GIVEN a file that is missing on a host that goes down before the apply THEN 1; WHEN it is back THEN 0, and the file is there again", async () => {
      const { ssh, qmail } = mail.servers;
      const path = qmail.path("control", "servercerts", "d2.test", "servercert.pem");
      const before = readFileSync(path, "utf8");
      rmSync(path);
      const gone = `[ "$1" != apply ] || kill -9 ${ssh.pids.join(" ")}`;
      const { exitCode, out } = await renew("--no-verify", "--engine", mail.engineAfter(gone));
      expect(out).toMatch(/^error {3}Host "mx2" cannot be reached/m);
      expect(exitCode).toBe(1);
      expect(existsSync(path)).toBe(false);

      await ssh.restart();
      const again = await renew();
      expect(again.lines[0]).toBe(
        "mail: applied: what was pending or missing on hosts is complete. No renewal was due.",
      );
      expect(again.exitCode).toBe(0);
      expect(readFileSync(path, "utf8")).toBe(before);
    });

    it("GIVEN a host with another key THEN 1, it gets nothing and the other one has the new certificate; WHEN the key is deployed THEN both have it", async () => {
      const { ssh } = mail.servers;
      const before = mail.issued("d1.test");
      await mail.suggestRenewal("d1.test");
      ssh.changeHostKey();
      await ssh.restart();
      const { exitCode, lines, out } = await renew();
      expect(lines[0]).toBe(
        "mail: the apply failed. Finished changes stay in place, and the next run continues. Due: d1.test.",
      );
      expect(out).toMatch(
        /^warning Host "mx2" has another host key: its last known state is used: .*its host key has changed.*Nothing was sent to it\. If you know that the host was reinstalled, compare the fingerprint/m,
      );
      expect(out).toMatch(/^error {3}Host "mx2" cannot be reached: .*its host key has changed/m);
      expect(out).toMatch(/^error {3}Host "mx2" has another host key: its last known state is used$/m);
      expect(exitCode).toBe(1);
      const issued = mail.issued("d1.test");
      expect(issued).not.toBe(before);
      expect(await mail.served("imap.d1.test")).toEqual({ mx1: issued, mx2: before });
      // There was no login there, not even for the verification.
      expect(ssh.log).not.toContain("Accepted");

      const idle = await renew("--no-verify");
      expect(idle.exitCode).toBe(1);
      expect((await mail.project.plan()).errors.join("\n")).toMatch(/its host key has changed/);

      await mail.deploy(TWO);
      await expectServed("d1.test");
      expect((await renew()).exitCode).toBe(0);
    });

    it("GIVEN a host that cannot be used THEN 1, the other one has the new certificate; WHEN it is repaired THEN both have it", async () => {
      const ledger = mail.file("mx2", "ledger");
      const [before, entries] = [mail.issued("d2.test"), readFileSync(ledger, "utf8")];
      await mail.suggestRenewal("d2.test");
      writeFileSync(ledger, `${entries}No-Kind\tof line\t.\n`);
      const { exitCode, out } = await renew();
      expect(out).toMatch(
        /^warning Host "mx2" cannot be checked: its last known state is used: .*ledger cannot be read/m,
      );
      expect(out).toMatch(/^error {3}Host "mx2" cannot be used: .*ledger cannot be read/m);
      expect(exitCode).toBe(1);
      const issued = mail.issued("d2.test");
      expect(issued).not.toBe(before);
      expect(await mail.served("imap.d2.test")).toEqual({ mx1: issued, mx2: before });

      writeFileSync(ledger, entries);
      expect((await renew()).exitCode).toBe(0);
      await expectServed("d2.test");
    });

    it("GIVEN a resource of another provider that changes THEN 4, and its values are not shown", async () => {
      await mail.deploy({ ...TWO, note: "marker-one" });
      expect((await renew("--no-verify")).exitCode).toBe(0);
      mail.declare({ ...TWO, note: "marker-two" });
      const { exitCode, lines, out } = await renew();
      expect(lines[0]).toBe(
        "mail: nothing was applied: the plan has 1 change that must not be made unattended.",
      );
      expect(lines[1]).toBe("refused terraform_data.note: would be updated (a resource of another provider)");
      expect(out).not.toContain("marker");
      expect(exitCode).toBe(4);
      await mail.deploy(TWO);
    });

    it("GIVEN another run that applies in between THEN the plan is stale, and 1", async () => {
      await mail.suggestRenewal("d1.test");
      const other = '[ "$1" != show ] || "$engine" apply -auto-approve -input=false >&2 || exit 1';
      const { exitCode, lines } = await renew("--engine", mail.engineAfter(other));
      expect(lines[0]).toBe(
        "mail: nothing was applied: another run changed the state after this one had planned. Run it again.",
      );
      expect(exitCode).toBe(1);
      const again = await renew();
      expect(again.lines[0]).toBe(NO_CHANGE);
    });

    it("GIVEN a plan that has errors THEN 2, with the errors", async () => {
      const broken = '[ "$1" != plan ] || export TF_CLI_ARGS_plan=-var=no=such';
      const { exitCode, lines, out } = await renew("--engine", mail.engineAfter(broken));
      expect(lines[0]).toMatch(/^mail: nothing was renewed: /);
      expect(out).toMatch(/undeclared variable/);
      expect(exitCode).toBe(2);
    });

    it("GIVEN SIGTERM before the apply THEN 2, nothing is applied, and no plan is left", async () => {
      await mail.suggestRenewal("d2.test");
      const before = mail.issued("d2.test");
      const { process, finished } = mail.startRenew("--engine", mail.engineAfter(SLOW_SHOW));
      await vi.waitUntil(() => existsSync(mail.file("planned")), { timeout: 60_000 });
      expect(mail.left).toHaveLength(1);
      process.kill("SIGTERM");
      const run = await finished;
      runs.push(run);
      expect(run.out).toMatch(
        /^mail: (stopped by a signal: nothing was applied|nothing was renewed: .*interrupted)/,
      );
      expect(run.exitCode).toBe(2);
      expect(mail.left).toEqual([]);
      expect(mail.issued("d2.test")).toBe(before);
      rmSync(mail.file("planned"));
    });

    it("GIVEN SIGKILL THEN the next run removes the plan, and renews", async () => {
      const { process, finished } = mail.startRenew("--engine", mail.engineAfter(SLOW_SHOW));
      await vi.waitUntil(() => existsSync(mail.file("planned")), { timeout: 60_000 });
      process.kill("SIGKILL");
      await finished;
      await delay(1500);
      const { exitCode, lines } = await renew();
      expect(lines[0]).toBe("mail: 1 certificate renewed: d2.test.");
      expect(exitCode).toBe(0);
      expect(mail.left).toEqual([]);
    });

    it("GIVEN SIGTERM during the apply THEN what has begun is finished, and the next run has the rest", async () => {
      await mail.suggestRenewal("d1.test");
      mail.servers.pebble.forgetRequests();
      const { process, finished } = mail.startRenew();
      await vi.waitUntil(() => mail.servers.pebble.log.includes("order-plz"), {
        timeout: 60_000,
        interval: 5,
      });
      process.kill("SIGTERM");
      const run = await finished;
      runs.push(run);
      expect(run.out).toMatch(
        /^mail: stopped by a signal during the apply: the engine finished the changes that it had begun\./,
      );
      expect(run.exitCode).toBe(1);
      expect(mail.left).toEqual([]);
      const again = await renew();
      expect(again.exitCode).toBe(0);
      await expectServed("d1.test", "d2.test");
    });

    it("THEN no run has shown a key, nor left a file behind", () => {
      const markers = mail.keyMarkers;
      expect(markers.length).toBeGreaterThanOrEqual(3);
      expect(runs.length).toBeGreaterThan(15);
      for (const { out, err } of runs) {
        expect(markers.filter((marker) => (out + err).includes(marker))).toEqual([]);
        expect(out + err).not.toContain("PRIVATE KEY");
      }
      expect(mail.left).toEqual([]);
    });
  });
}

/** The engine shows a plan after some time, in which a test ends the command. */
const SLOW_SHOW = '[ "$1" != show ] || { touch "$(dirname "$0")/planned"; sleep 3; }';

/** As the recipe has it. */
function copyTree(mail: RenewedMail): void {
  const script = [
    "umask 077",
    "rm -rf deployed",
    "mkdir deployed",
    "cp -RL cdktf.out/. sni-table.json deployed/",
  ];
  execFileSync("sh", ["-ec", script.join("\n")], { cwd: mail.file() });
}
