import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Engine, findEngines } from "../../support/engine";
import { Pebble } from "../../support/pebble";
import { describeIf, engine, pebble as pebbleIsThere } from "../../support/requirements";
import { Issued } from "./issued";
import { JournaledStack } from "./journaled-stack";
import { httpStates, type RemoteStates } from "./remote-states";

const DOMAINS = Array.from({ length: 20 }, (_, index) => `d${index}.test`);

describeIf([engine, pebbleIsThere], "a run that was killed before it saved its state", () => {
  let states: RemoteStates;
  let pebble: Pebble;
  let stack: JournaledStack;
  let issued: Issued;
  beforeAll(async () => {
    states = await httpStates();
  });
  afterEach(async () => {
    stack.remove();
    await pebble.stop();
  });
  afterAll(() => states.stop());

  async function killed(engine: Engine | undefined): Promise<void> {
    pebble = await Pebble.start();
    stack = await JournaledStack.create({ engine: engine ?? expect.fail(), pebble, states });
    issued = new Issued(pebble);
    stack.declare(DOMAINS.map((name) => [name]));
    await stack.init();
    // By itself an engine saves it after 20 seconds.
    const env = { TF_STATE_PERSIST_INTERVAL: "3600" };
    expect(await stack.applyUntil(() => issued.count >= 5, "both", env)).toBe(true);
    // Certificates count seconds: those of the next apply are later ones.
    await delay(1100);
  }

  async function applied(): Promise<string[]> {
    expect((await stack.apply()).output).toContain("Apply complete!");
    expect((await stack.plan()).exitCode).toBe(0);
    const serials = await stack.serials();
    expect(serials).toHaveLength(DOMAINS.length);
    return serials;
  }

  it("WHEN a certificate that it has issued gets another name THEN that one is issued again, and no other", async () => {
    await killed(findEngines().at(0));
    const certificates = stack.entries.flatMap(({ entry }) => (entry.kind === "certificate" ? entry : []));
    const [changed] = certificates.find(({ order }) => order !== null && issued.has(order))?.names ?? [];
    expect(DOMAINS).toContain(changed);
    stack.declare(DOMAINS.map((name) => (name === changed ? [name, `imap.${name}`] : [name])));
    const serials = await applied();
    expect(issued.count).toBe(DOMAINS.length + 1);
    expect(issued.serials).toEqual(expect.arrayContaining(serials));
    expect(stack.entries.map(({ entry }) => entry)).toMatchObject([{ names: [changed] }]);
  });

  it("WHEN the account's entry is lost THEN another account orders all of them, and no entry is left", async () => {
    await killed(findEngines().at(-1));
    const before = [...issued.serials];
    for (const { file, entry } of stack.entries) if (entry.kind === "account") rmSync(file);
    const serials = await applied();
    expect(serials.filter((serial) => before.includes(serial))).toEqual([]);
    expect(stack.entries).toEqual([]);
  });
});
