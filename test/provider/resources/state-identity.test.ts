import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HostSettings } from "../../../lib/provider/host/desired/host-settings";
import { Hosts } from "../../../lib/provider/host/hosts";
import { stateIdentity } from "../../../lib/provider/resources/state-identity";
import { ResourceLifecycle } from "../../support/resource-lifecycle";
import { certificate } from "../host/support/changes";
import { TestHost } from "../host/support/test-host";

const [OTHER, THIRD] = ["1".repeat(16), "2".repeat(16)] as const;

let mx1: TestHost;
let mx2: TestHost;
const opened: Hosts[] = [];
beforeEach(() => {
  [mx1, mx2] = [new TestHost(), new TestHost()];
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
  await Promise.all([mx1, mx2].map((each) => each.remove()));
});

function hosts(
  more: readonly [string, HostSettings | null][] = [],
  takesOver: readonly string[] = [],
): Hosts {
  const settings = [["mx1", mx1.settings], ["mx2", mx2.settings], ...more] as const;
  const configured = new Hosts("stack", new Map(settings), "fail", new Set(takesOver));
  opened.push(configured);
  return configured;
}

/** As left by a run of another state. */
async function deployed(on: TestHost, state: string, { saved = true, stack = "stack" } = {}): Promise<void> {
  const change = certificate("a.test", "x", { stack, token: `of ${state}` });
  const host = on.open();
  await host.change({ ...change, state });
  if (saved) await host.noteEndedStates("there");
}

const create = (provider = hosts()) => new ResourceLifecycle(stateIdentity(), provider).apply({});

describe("mailsni_state_identity", () => {
  it("GIVEN hosts on which nothing is THEN it is made, stays as it is, and goes", async () => {
    const identity = new ResourceLifecycle(stateIdentity(), hosts());
    const { state, diagnostics } = await identity.apply({});
    expect(diagnostics).toEqual([]);
    expect(state?.id).toMatch(/^[0-9a-f]{16}$/);
    expect(await identity.plan({})).toMatchObject({ action: "no-op", diagnostics: [] });
    expect((await identity.read()).state).toEqual(state);
    expect(await identity.destroy()).toEqual([]);
    expect((await create()).state?.id).not.toBe(state?.id);
  });

  it("GIVEN another state of the stack that was saved THEN it is refused, once for all hosts, and says what to do", async () => {
    await deployed(mx1, OTHER);
    await deployed(mx2, OTHER);
    const { state, diagnostics } = await create();
    expect(state).toBeNull();
    expect(diagnostics).toEqual([
      expect.stringMatching(
        /^error Stack "stack" is deployed from another state: Hosts "mx1", "mx2": the stack/,
      ),
    ]);
    expect(diagnostics[0]).toMatch(new RegExp(`the Terraform state ${OTHER}, last at [0-9TZ:-]+ by \\S+@`));
    expect(diagnostics[0]).toContain(`MAIL_SNI_TAKE_OVER=${OTHER} npx cdktf deploy stack`);
  });

  it("GIVEN several such states THEN each is named", async () => {
    await deployed(mx1, OTHER);
    await deployed(mx2, THIRD);
    expect((await create()).diagnostics.map((each) => each.slice(0, 70))).toHaveLength(2);
    expect((await create(hosts([], [OTHER]))).diagnostics).toEqual([expect.stringContaining('Host "mx2"')]);
    expect((await create(hosts([], [OTHER, THIRD]))).diagnostics).toEqual([]);
  });

  it.each([
    ["was never saved", { saved: false }],
    ["is of another stack", { stack: "other" }],
  ])("GIVEN a state that %s THEN it is made", async (_, options) => {
    await deployed(mx1, OTHER, options);
    expect((await create()).diagnostics).toEqual([]);
  });

  it("GIVEN hosts that are gone, not known yet, or cannot be used THEN they are passed over: others will say it", async () => {
    await deployed(mx1, OTHER);
    writeFileSync(mx1.ledgerPath, "claim\tnonsense\t.\n");
    const gone = { ...mx1.settings, stateDirectory: "/elsewhere", gone: true };
    expect(
      (
        await create(
          hosts([
            ["gone", gone],
            ["unknown", null],
          ]),
        )
      ).diagnostics,
    ).toEqual([]);
  });

  it("GIVEN it is replaced THEN the new one is of the same state, and takes over what the old one had", async () => {
    const provider = hosts();
    const identity = new ResourceLifecycle(stateIdentity(), provider);
    const { state } = await identity.apply({});
    await deployed(mx1, String(state?.id));
    expect((await create(hosts())).state).toBeNull();
    await identity.destroy();
    expect((await identity.apply({})).diagnostics).toEqual([]);
    expect([...provider.takesOver]).toEqual([state?.id]);
  });
});
