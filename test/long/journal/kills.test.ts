import { describe, expect, it } from "vitest";
import { type Engine, findEngines } from "../../support/engine";
import { Pebble } from "../../support/pebble";
import { describeIf, engine, pebble as pebbleIsThere } from "../../support/requirements";
import { StateServer } from "../../support/state-server";
import { killsOf } from "../support/kills";
import { Issued } from "./issued";
import { JournaledStack, type JournaledStackOptions, type Victim } from "./journaled-stack";

const KILLS = killsOf("issuances");
/** Fewer than an engine orders in 20 s, so that a remote back end has got hardly any when it is killed. */
const ISSUANCES = Number(process.env.MAIL_SNI_ISSUANCES ?? 60);
const DOMAINS = Array.from({ length: ISSUANCES }, (_, index) => `d${index}.test`);
const VICTIMS: readonly Victim[] = ["engine", "provider", "both"];
/** How many resources an engine works on at once. */
const AT_ONCE = 10;

const PLACES: readonly [
  string,
  readonly Engine[],
  Pick<JournaledStackOptions, "isOnHost"> & { readonly isRemote: boolean },
][] = [
  ["in a local file", findEngines(), { isRemote: false }],
  ["behind the http backend", findEngines().slice(0, 1), { isRemote: true }],
  [
    "behind the http backend, with the journal on a host",
    findEngines().slice(-1),
    { isRemote: true, isOnHost: true },
  ],
];

describeIf([engine, pebbleIsThere], `${ISSUANCES} certificates, and a state`, () => {
  describe.each(PLACES)("%s", (place, engines, { isRemote, isOnHost }) => {
    it.each(engines.map((each) => [each.name, each] as const))(
      "GIVEN %s WHEN it and the provider are killed at random THEN no certificate is issued twice, and none is lost",
      { timeout: 900_000 },
      async (name, engine) => {
        const pebble = await Pebble.start();
        const states = isRemote ? await StateServer.start() : undefined;
        const passphrase = isOnHost ? { isOnHost, passphrase: "a passphrase for the journal" } : {};
        const stack = await JournaledStack.create({
          engine,
          pebble,
          ...(states && { states }),
          ...passphrase,
        });
        try {
          const issued = new Issued(pebble);
          stack.declare(DOMAINS);
          await stack.init();
          const killed = await killedAtRandom(stack, issued);

          const last = await stack.apply();
          expect(last.output).toContain("Apply complete!");
          expect(await stack.plan()).toBe(0);
          expect(issued.count).toBe(DOMAINS.length);
          const inState = await serials(stack);
          expect(inState.sort()).toEqual([...issued.serials].sort());
          expect(issued.orders).toBeLessThanOrEqual(DOMAINS.length + killed * AT_ONCE);
          console.info(
            `${name}, ${place}: ${killed} kills, ${issued.count} certificates, ${issued.orders - DOMAINS.length} orders never finalised`,
          );
        } finally {
          stack.remove();
          await states?.stop();
          await pebble.stop();
        }
      },
    );
  });
});

/** Kills at random times, so that the certificates are issued over all of the runs. */
async function killedAtRandom(stack: JournaledStack, issued: Issued): Promise<number> {
  let killed = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const share = (DOMAINS.length - issued.count) / (KILLS - kill);
    const target = issued.count + Math.floor(Math.random() * 1.8 * share);
    const victim = VICTIMS[kill % VICTIMS.length] as Victim;
    if (await stack.applyUntil(() => issued.count >= target && issued.orders > 0, victim)) killed++;
    stack.restoreState();
  }
  return killed;
}

async function serials(stack: JournaledStack): Promise<string[]> {
  const { resources } = await stack.state();
  return resources
    .filter(({ type }) => type === "mailsni_acme_certificate")
    .flatMap(({ instances }) => instances.map(({ attributes }) => String(attributes.serial)));
}
