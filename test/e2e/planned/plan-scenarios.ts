import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type {
  CertificateValues,
  HostFilesValues,
  PlannedChange,
} from "../../../lib/cli/planned/planned-change";
import { everythingIn, MARKER } from "../../cli/planned/support/plan-json";
import { describeIf } from "../../support/requirements";
import { type EngineChoice, engineOfSuites } from "../served/engine-choice";
import { actions, type Declared, type Planned, PlannedStack } from "./planned-stack";

const CERTIFICATE = "mailsni_private_certificate.c_a_test";
const FILES = "mailsni_host_files.d_a_test__mx1";
const SNIPPET = "/etc/dovecot/mail-sni/2.3/a.test.conf";
const DEPLOYED: Declared = {
  domains: { "a.test": ["imap"], "b.test": ["imap"] },
  others: { "resource.terraform_data.other": { input: MARKER, triggers_replace: [1] } },
};

const inside = (changes: readonly PlannedChange[], address: string): PlannedChange => {
  const change = changes.find((each) => each.address === address);
  if (change === undefined) throw new Error(`The plan has no ${address}`);
  return change;
};
const found = ({ plan }: Planned, address: string) => inside(plan.changes, address);

/** Plans of each kind of change, as the command has them made and reads them. */
export function planScenarios(engine: EngineChoice = engineOfSuites): void {
  describeIf(engine.requirement, "a plan as the command reads it", () => {
    let stack: PlannedStack;
    beforeAll(async () => {
      stack = await PlannedStack.create(engine.get());
      stack.declare(DEPLOYED);
    });
    afterAll(() => stack.remove());

    /** Declares, and plans. */
    const planned = <T>(declared: Declared, work: (planned: Planned) => Promise<T>): Promise<T> => {
      stack.declare(declared);
      return stack.planned(work);
    };
    /** The private keys of the state, line by line. */
    const keyLines = () =>
      [...stack.stateText.matchAll(/"private_key_pem": "([^"]+)"/g)].flatMap(([, pem = ""]) =>
        pem.split("\\n").filter((line) => line.length > 40),
      );

    it("GIVEN an empty host THEN everything is created; applied, nothing is left to do", async () => {
      await stack.planned(async (first) => {
        expect(first.run).toMatchObject({ isComplete: true, isSaved: true, isInterrupted: false });
        expect(first.fileMode).toBe(0o600);
        expect(new Set(Object.values(actions(first.plan.changes)))).toEqual(new Set(["create"]));
        expect(found(first, CERTIFICATE)).toMatchObject({ isOurs: true, before: null });
        expect(found(first, CERTIFICATE).unknown).toContain("certificate_pem");
        expect(found(first, "terraform_data.other")).toMatchObject({
          isOurs: false,
          before: null,
          after: null,
        });
        expect(first.plan.outputs).toEqual([
          { name: "mail_sni", action: "create" },
          { name: "mail_sni_hosts", action: "create" },
        ]);
        expect(await first.apply()).toMatchObject({ isComplete: true, diagnostics: [] });
        // The state has changed since.
        expect((await first.apply()).diagnostics).toMatchObject([
          { severity: "error", summary: expect.stringContaining("stale") },
        ]);
      });
      await planned(DEPLOYED, async (second) => {
        expect(new Set(Object.values(actions(second.plan.changes)))).toEqual(new Set(["no-op"]));
        expect(second.plan).toMatchObject({ drift: [], isComplete: true });
        const { before, after, changed } = found(second, FILES);
        expect(after).toEqual(before);
        expect(changed).toEqual([]);
        expect((before as HostFilesValues).files.get(SNIPPET)).toMatchObject({ isText: true });
        expect((found(second, CERTIFICATE).before as CertificateValues).notAfter).toBeInstanceOf(Date);
      });
    });

    it("GIVEN keys in the state and a log that is wanted THEN no key is in what is read or said", async () => {
      await planned(DEPLOYED, async ({ plan, run, json }) => {
        const said = everythingIn(plan) + JSON.stringify(run);
        const keys = [...keyLines(), MARKER];
        expect(keys.length).toBeGreaterThan(5);
        for (const key of keys) {
          expect(json).toContain(key);
          expect(said).not.toContain(key);
        }
      });
    });

    it("GIVEN another name THEN the certificate is reissued in place, with the reason; its files change", async () => {
      const domains = { ...DEPLOYED.domains, "a.test": ["imap", "smtp"] };
      await planned({ ...DEPLOYED, domains }, async (plan) => {
        const certificate = found(plan, CERTIFICATE);
        expect(certificate).toMatchObject({ action: "update", after: { reissueReason: "names" } });
        expect((certificate.after as CertificateValues).names).toContain("smtp.a.test");
        expect(certificate.unknown).toContain("certificate_pem");
        expect(certificate.changed).toEqual(
          expect.arrayContaining(["certificate_pem", "names", "private_key_pem"]),
        );
        const files = found(plan, FILES);
        expect(files).toMatchObject({ action: "update", unknown: ["pending"] });
        expect(files.changed).toEqual(expect.arrayContaining(["files", "links", "names"]));
        expect((files.after as HostFilesValues).links.size).toBe(
          (files.before as HostFilesValues).links.size + 1,
        );
        expect(found(plan, "mailsni_host_files.d_b_test__mx1").action).toBe("no-op");
      });
    });

    it("GIVEN a domain less THEN it is deleted, with the engine's reason", async () => {
      const domains = { "a.test": ["imap"] };
      await planned({ ...DEPLOYED, domains }, async (plan) => {
        expect(found(plan, "mailsni_private_certificate.c_b_test")).toMatchObject({
          action: "delete",
          reason: "delete_because_no_resource_config",
          after: null,
          before: { kind: "certificate" },
        });
      });
    });

    it("GIVEN a file that was edited on the host THEN that is drift, and a change", async () => {
      const before = await planned(DEPLOYED, async (plan) => found(plan, FILES).before as HostFilesValues);
      stack.edit(SNIPPET);
      await planned(DEPLOYED, async (plan) => {
        const sha256 = before.files.get(SNIPPET)?.sha256;
        const drift = inside(plan.plan.drift, FILES);
        expect(drift).toMatchObject({ action: "update", isOurs: true });
        expect((drift.before as HostFilesValues).files.get(SNIPPET)?.sha256).toBe(sha256);
        expect((drift.after as HostFilesValues).files.get(SNIPPET)?.sha256).not.toBe(sha256);
        expect(found(plan, FILES)).toMatchObject({ action: "update", changed: ["files", "pending"] });
        expect(await plan.apply()).toMatchObject({ isComplete: true });
      });
    });

    it("GIVEN resources of others that are replaced, moved or forgotten THEN each is known, without values", async () => {
      const other = { input: `${MARKER}-2`, triggers_replace: [2] };
      await planned({ ...DEPLOYED, others: { "resource.terraform_data.other": other } }, async (plan) => {
        expect(found(plan, "terraform_data.other")).toMatchObject({ action: "replace", before: null });
        expect(found(plan, "terraform_data.other").changed).toContain("triggers_replace");
      });
      const moved = { from: "terraform_data.other", to: "terraform_data.new" };
      const others = {
        "resource.terraform_data.new": { input: MARKER, triggers_replace: [1] },
        moved: [moved],
      };
      await planned({ ...DEPLOYED, others }, async (plan) => {
        expect(found(plan, moved.to)).toMatchObject({ action: "no-op", movedFrom: moved.from });
      });
      const removed = [{ from: moved.from, lifecycle: { destroy: false } }];
      await planned({ ...DEPLOYED, others: { removed } }, async (plan) => {
        expect(found(plan, moved.from)).toMatchObject({ action: "forget", after: null });
      });
    });

    it("GIVEN an error in planning THEN the plan is not complete, and says why", async () => {
      const precondition = {
        condition: "${mailsni_host_files.base__mx1.host == 2}",
        error_message: "It cannot be.",
      };
      const others = { "resource.terraform_data.other": { input: MARKER, lifecycle: { precondition } } };
      await planned({ ...DEPLOYED, others }, async ({ run, plan }) => {
        expect(run).toMatchObject({ isComplete: false, isSaved: true });
        expect(run.diagnostics).toMatchObject([{ severity: "error", detail: "It cannot be." }]);
        expect(plan.isComplete).toBe(false);
      });
    });

    it("GIVEN an apply that is interrupted THEN it ends in order, and its state has what was done", async () => {
      const ready = join(stack.root, "ready");
      const command = `touch ${ready}; sleep 60`;
      const others = {
        ...DEPLOYED.others,
        "resource.terraform_data.slow": { provisioner: [{ "local-exec": { command } }] },
        "resource.terraform_data.after": { depends_on: ["terraform_data.slow"] },
      };
      await planned({ ...DEPLOYED, others }, async ({ apply }) => {
        const controller = new AbortController();
        const running = apply(controller.signal);
        while (!existsSync(ready)) await setTimeout(20);
        controller.abort();
        expect(await running).toMatchObject({ isComplete: false, isInterrupted: true });
      });
      expect(stack.stateText).toContain('"name": "slow"');
      expect(stack.stateText).not.toContain('"name": "after"');
    });

    it("GIVEN checks of what is served THEN what the plan has found out is known", async () => {
      await planned({ ...DEPLOYED, servedChecks: true }, async ({ plan }) => {
        const data = plan.changes.filter(({ isData }) => isData);
        expect(data).toMatchObject([
          { type: "mailsni_served_certificates", isOurs: true, after: { host: "mx1", status: "not_asked" } },
        ]);
      });
    });
  });
}
