import { rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Diagnostics } from "../../../../lib/provider/protocol/diagnostics";
import { renewers } from "../../../../lib/provider/resources/retired-renewers/data-source";
import type { Values } from "../../../support/resource-lifecycle";
import { OLD, PLANNED_PLACES, TABLE } from "../../host/support/old-renewers";
import { ShellTransport } from "../../host/support/shells";
import { OldHost, retiredOf } from "./support/old-host";

let on: OldHost;
beforeEach(() => {
  on = new OldHost();
});
afterEach(() => on.remove());

describe("mailsni_renewers, by which a plan names what is switched off", () => {
  const found = async (parts: Values = {}, provider = on.hosts()) => {
    const { host, programs, hooks } = retiredOf(parts) as Record<"host" | "programs" | "hooks", never>;
    const diagnostics = new Diagnostics();
    const read = await renewers().read({
      config: { host, programs, hooks, places: null },
      provider,
      diagnostics,
      signal: new AbortController().signal,
    });
    const said = diagnostics.all.map(({ severity, summary }) => `${severity}: ${summary}`);
    return { places: (read?.places ?? null) as string[] | null, said };
  };
  const planned = async (parts: Values = {}) =>
    retiredOf({ ...parts, planned_places: (await found(parts)).places });

  it("THEN it is each file with its lines, each service and hook, and how, before and after the apply", async () => {
    const before = on.tree();
    const { places, said } = await found();
    expect([places, said]).toEqual([PLANNED_PLACES, []]);
    expect(on.tree()).toEqual(before);
    const resource = on.renewers();
    const plan = await resource.plan(retiredOf({ planned_places: places }));
    expect([plan.planned.planned_places, plan.unknown]).toEqual([places, ["places", "pending"]]);
    expect((await resource.apply(retiredOf({ planned_places: places }))).diagnostics).toEqual([]);
    expect((await found()).places).toEqual(places);
    await resource.read();
    expect(await resource.plan(await planned())).toMatchObject({ action: "no-op" });
  });

  it.each([
    [
      "a line",
      () => on.write("/etc/cron.d/more", "1 1 * * * root certbot renew\n"),
      "/etc/cron.d/more: a mark",
    ],
    ["a second line", () => on.write(OLD.table, TABLE + TABLE), `${OLD.table}: a mark in front of 2 lines`],
    ["a hook", () => on.write("/opt/hook", "", 0o755), "/opt/hook: a hook"],
  ])(
    "GIVEN %s since the plan WHEN applied THEN nothing is changed, and it asks for another plan",
    async (_, more, names) => {
      const hooks = [OLD.hook, "/opt/hook"];
      const values = await planned({ hooks });
      more();
      const before = on.tree();
      const resource = on.renewers();
      const { state, diagnostics } = await resource.apply(values);
      expect(state).toBeNull();
      expect(diagnostics).toEqual([expect.stringMatching(/error .*changed since the plan.*Plan again/)]);
      expect(diagnostics[0]).toContain(names);
      expect(on.tree()).toEqual(before);
      expect((await resource.apply(await planned({ hooks }))).diagnostics).toEqual([]);
    },
  );

  it("GIVEN less since the plan, or other lines above WHEN applied THEN it is", async () => {
    const values = await planned();
    rmSync(on.at(OLD.script));
    on.write(OLD.table, `# a comment\n${TABLE}`);
    const { state, diagnostics } = await on.renewers().apply(values);
    expect([diagnostics, state?.pending]).toEqual([[], null]);
  });

  it("GIVEN lines that were moved, or are gone, after the apply THEN the plan is empty; a new one is named", async () => {
    const resource = on.renewers();
    await resource.apply(await planned());
    on.write(OLD.table, `# a comment\n${on.read(OLD.table)}`);
    rmSync(on.at(OLD.script));
    await resource.read();
    // `places` has what is off now.
    expect(await resource.plan(await planned())).toMatchObject({ action: "no-op" });
    on.write("/etc/cron.d/more", "1 1 * * * root certbot renew\n");
    await resource.read();
    const plan = await resource.plan(await planned());
    expect(plan.planned.planned_places).toContain(
      "/etc/cron.d/more: a mark in front of the line that runs certbot (line 1)",
    );
    expect((await resource.apply(await planned())).diagnostics).toEqual([]);
  });

  it("GIVEN a host that cannot be asked THEN a warning, and the plan names nothing; later it is not emptied", async () => {
    const { places, said } = await found({}, on.hostsThrough(new ShellTransport(["false"])));
    expect([places, said]).toEqual([
      null,
      ['warning: The plan does not name what is switched off on host "mx1"'],
    ]);
    const resource = on.renewers();
    expect((await resource.plan(retiredOf({ planned_places: null }))).unknown).toContain("planned_places");
    await resource.apply(retiredOf({ planned_places: null }));
    expect(resource.state?.planned_places).toHaveLength(6);
    await resource.read();
    expect(await resource.plan(retiredOf({ planned_places: null }))).toMatchObject({ action: "no-op" });
  });

  it("GIVEN a plan of an engine, which asks for both at once THEN one question is enough", async () => {
    const provider = on.hosts();
    const resource = on.renewers(provider);
    await resource.apply(retiredOf());
    const [, { places }] = await Promise.all([resource.read(), found({ hooks: [] }, provider)]);
    expect([resource.state?.pending, places?.length]).toEqual([null, 5]);
  });

  it("GIVEN a line that also runs another client THEN the plan does not name it, and warns, whether it runs or is off", async () => {
    on.write("/etc/cron.d/both", "1 1 * * * root certbot -q renew && getssl -a\n");
    const said = ['warning: A renewer on host "mx1" also runs another client'];
    expect(await found()).toEqual({ places: PLANNED_PLACES, said });
    const programs = ["acme.sh", "certbot", "dehydrated", "getssl", "lego"];
    const { places } = await found({ programs });
    expect(places).toContain(
      "/etc/cron.d/both: a mark in front of the line that runs certbot and getssl (line 1)",
    );
    const resource = on.renewers();
    await resource.apply(retiredOf({ programs, planned_places: places }));
    expect(await found({ programs })).toEqual({ places, said: [] });
    expect(await found()).toEqual({ places: PLANNED_PLACES, said });
  });

  it("GIVEN a host that is not declared THEN an error; one that is gone, or without commands, has nothing", async () => {
    expect(await found({ host: "mx2" })).toMatchObject({ said: ['error: Host "mx2" is not known'] });
    expect(await found({}, on.hosts({ gone: true }))).toEqual({ places: null, said: [] });
    expect(await found({}, on.hosts({ applyOwnership: false }))).toEqual({ places: [], said: [] });
  });
});
