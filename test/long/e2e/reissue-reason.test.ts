import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { LyingCa } from "../../support/lying-ca";
import { describeIf, faketime } from "../../support/requirements";
import { type RunOptions, Workspace } from "../../support/workspace";

interface ShownChange {
  readonly type: string;
  readonly change: {
    readonly after: Readonly<Record<string, unknown>>;
    readonly after_unknown: Readonly<Record<string, unknown>>;
  };
}

/** What `show -json` of a plan says of the certificate. */
interface ShownReason {
  readonly reason: unknown;
  readonly isReissued: boolean;
}

describeIf(engineUnderTest, "the reason of a reissue, in a plan as JSON", () => {
  const CERTIFICATE = "mailsni_private_certificate";
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await Workspace.open("vendored");
  });
  afterAll(() => workspace.close());

  const declare = (more: Readonly<Record<string, unknown>>, ca: Readonly<Record<string, unknown>> = {}) =>
    workspace.declare({
      hosts: {},
      resources: {
        "mailsni_private_ca.ca": ca,
        [`${CERTIFICATE}.a`]: {
          ca_certificate_pem: `\${mailsni_private_ca.ca.certificate_pem}`,
          ca_private_key_pem: `\${mailsni_private_ca.ca.private_key_pem}`,
          names: ["a.test"],
          ...more,
        },
      },
    });

  it("GIVEN a first certificate THEN the plan knows that there is no reason", async () => {
    declare({});
    expect(await shown(workspace, CERTIFICATE)).toEqual({ reason: null, isReissued: true });
    await workspace.mustApply();
    expect(workspace.state[`${CERTIFICATE}.a`]).toMatchObject({ reissue_reason: null });
  });

  it("GIVEN a state of a version without the attribute THEN there is nothing to do", async () => {
    const reason = /,?\s*"reissue_reason": null/g;
    expect(workspace.stateText.match(reason)).toHaveLength(2);
    writeFileSync(workspace.path("terraform.tfstate"), workspace.stateText.replace(reason, ""));
    await expectNothingToDo(workspace);
  });

  it.each([
    ["other names", { names: ["a.test", "b.test"] }, "names"],
    ["another kind of key", { key_algorithm: "ECDSA-P384" }, "key"],
    ["another validity", { validity_hours: 1000 }, "validity"],
  ])("GIVEN %s THEN the plan shows that, and the apply keeps it", async (_, more, reason) => {
    declare(more);
    expect(await shown(workspace, CERTIFICATE)).toEqual({ reason, isReissued: true });
    await workspace.mustApply();
    expect(workspace.state[`${CERTIFICATE}.a`]).toMatchObject({ reissue_reason: reason });
    await expectNothingToDo(workspace);
    declare({});
    await workspace.mustApply();
  });

  it("GIVEN a CA that the same apply renews THEN the reason is known after the apply", async () => {
    declare({}, { common_name: "Another CA" });
    expect(await shown(workspace, "mailsni_private_ca")).toEqual({ reason: "common name", isReissued: true });
    expect(await shown(workspace, CERTIFICATE)).toEqual({ reason: "(unknown)", isReissued: true });
    await workspace.mustApply();
    expect(workspace.state[`${CERTIFICATE}.a`]).toMatchObject({ reissue_reason: "ca" });
    await expectNothingToDo(workspace);
  });

  describeIf(faketime, "whose renewal is due", () => {
    const inDays = (days: number): RunOptions => ({ through: ["faketime", "-f", `+${days}d`] });

    it("GIVEN nothing else THEN it is due; GIVEN other names, too, THEN those are the reason", async () => {
      expect(await shown(workspace, CERTIFICATE, inDays(65))).toEqual({ reason: "due", isReissued: true });
      declare({ names: ["c.test"] }, { common_name: "Another CA" });
      expect(await shown(workspace, CERTIFICATE, inDays(65))).toEqual({ reason: "names", isReissued: true });
      declare({}, { common_name: "Another CA" });
      await workspace.mustApply(inDays(65));
      expect(workspace.state[`${CERTIFICATE}.a`]).toMatchObject({ reissue_reason: "due" });
      await expectNothingToDo(workspace, inDays(65));
    });
  });
});

describeIf(engineUnderTest, "the reason of an order, in a plan as JSON", () => {
  const CERTIFICATE = "mailsni_acme_certificate";
  let workspace: Workspace;
  let ca: LyingCa;
  beforeAll(async () => {
    ca = await LyingCa.start();
    workspace = await Workspace.open("vendored");
  });
  afterAll(async () => {
    await workspace.close();
    await ca.close();
  });

  const declare = (more: Readonly<Record<string, unknown>>) => {
    const directory = { directory_url: ca.directoryUrl, directory_ca_pem: ca.directoryCaPem };
    workspace.declare({
      hosts: {},
      resources: {
        "mailsni_acme_account.ca": { ...directory, terms_of_service_agreed: true },
        [`${CERTIFICATE}.a`]: {
          ...directory,
          account_url: `\${mailsni_acme_account.ca.url}`,
          account_key_pem: `\${mailsni_acme_account.ca.private_key_pem}`,
          names: ["a.test"],
          challenge: { hook: ["true"], look_first: false },
          ...more,
        },
      },
    });
  };

  it.each([
    ["a first certificate", {}, null],
    ["other names", { names: ["a.test", "b.test"] }, "names"],
    ["another kind of key", { key_algorithm: "RSA-2048" }, "key"],
    ["another text in reissue", { reissue: "2026-01-31" }, "request"],
    ["another profile", { profile: "shortlived" }, "profile"],
  ])("GIVEN %s THEN the plan shows that, and the apply keeps it", async (_, more, reason) => {
    declare(more);
    expect(await shown(workspace, CERTIFICATE)).toEqual({ reason, isReissued: true });
    await workspace.mustApply();
    expect(workspace.state[`${CERTIFICATE}.a`]).toMatchObject({ reissue_reason: reason });
    await expectNothingToDo(workspace);
    declare({});
    await workspace.mustApply();
  });

  it("GIVEN a renewal that is due, and a CA that refuses it, THEN the reason stays with the old certificate", async () => {
    declare({ reissue: "2026-02-28" });
    await workspace.mustApply();
    // A time that has passed counts once the CA has named one to come.
    ca.suggests(-2, -1);
    const { serial } = workspace.state[`${CERTIFICATE}.a`] ?? {};
    expect(await shown(workspace, CERTIFICATE)).toEqual({ reason: "due", isReissued: true });
    ca.lies.push({ at: "order", change: () => null });
    const { warnings } = await workspace.mustApply();
    expect(warnings.join()).toContain("was not renewed");
    expect(workspace.state[`${CERTIFICATE}.a`]).toMatchObject({ reissue_reason: "due", serial });
  });
});

async function shown(workspace: Workspace, type: string, options?: RunOptions): Promise<ShownReason> {
  const planned = await workspace.run(["plan", "-out=plan"], options);
  expect(planned).toMatchObject({ exitCode: 0 });
  const { stdout } = await workspace.run(["show", "-json", "plan"], options);
  const { resource_changes: changes } = JSON.parse(stdout) as { resource_changes: readonly ShownChange[] };
  const found = changes.find((change) => change.type === type);
  if (found === undefined) throw new Error(`The plan has no ${type}.`);
  const { after, after_unknown: unknown } = found.change;
  return {
    reason: unknown.reissue_reason === true ? "(unknown)" : after.reissue_reason,
    isReissued: unknown.certificate_pem === true,
  };
}
