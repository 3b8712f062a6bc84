import { expect, it } from "vitest";
import { type Engine, findEngines } from "../../support/engine";
import { Pebble } from "../../support/pebble";
import {
  describeIf,
  engine,
  pebble as pebbleIsThere,
  postgresql,
  type Requirement,
  sshd,
} from "../../support/requirements";
import { SshStandIn } from "../../support/ssh-stand-in";
import { killsOf } from "../support/kills";
import { Issued } from "./issued";
import { JournaledStack, type Victim } from "./journaled-stack";
import { httpStates, postgresqlStates, type RemoteStates } from "./remote-states";

const KILLS = killsOf("issuances");
/** Fewer than an engine orders in 20 s, so that a remote backend has got hardly any when it is killed. */
const ISSUANCES = Number(process.env.MAIL_SNI_ISSUANCES ?? 60);
const DOMAINS = Array.from({ length: ISSUANCES }, (_, index) => `d${index}.test`);
const VICTIMS: readonly Victim[] = ["engine", "provider", "both"];
/** How many resources an engine works on at once. */
const AT_ONCE = 10;

interface Place {
  readonly title: string;
  readonly needs: readonly Requirement[];
  readonly engines: readonly Engine[];
  readonly startStates?: () => Promise<RemoteStates>;
  /** Whether the journal is on a host. */
  readonly isOnHost?: boolean;
}

const PLACES: readonly Place[] = [
  { title: "in a local file", needs: [], engines: findEngines() },
  {
    title: "in PostgreSQL",
    needs: [postgresql],
    engines: findEngines().slice(0, 1),
    startStates: postgresqlStates,
  },
  {
    title: "behind the http backend, with the journal on a host by ssh",
    needs: [sshd],
    engines: findEngines().slice(-1),
    startStates: httpStates,
    isOnHost: true,
  },
];

for (const { title, needs, engines, startStates, isOnHost } of PLACES) {
  describeIf([engine, pebbleIsThere, ...needs], `${ISSUANCES} certificates, and a state ${title}`, () => {
    it.each(engines.map((each) => [each.name, each] as const))(
      "GIVEN %s WHEN it and the provider are killed at random THEN no certificate is issued twice, and none is lost",
      { timeout: 900_000 },
      async (name, engine) => {
        const [pebble, states] = [await Pebble.start(), await startStates?.()];
        const far = isOnHost ? await SshStandIn.start() : undefined;
        const stack = await JournaledStack.create({
          engine,
          pebble,
          states,
          ...(far && {
            journalHost: { root: far.server.root, ownership: "skip", ...far.reach },
            passphrase: "a passphrase for the journal",
          }),
        });
        try {
          const issued = new Issued(pebble);
          stack.declare(DOMAINS.map((domain) => [domain]));
          await stack.init();
          const killed = await killedAtRandom(stack, issued);

          const last = await stack.apply();
          expect(last.output).toContain("Apply complete!");
          expect((await stack.plan()).exitCode).toBe(0);
          expect(issued.count).toBe(DOMAINS.length);
          const inState = await stack.serials();
          expect(inState.sort()).toEqual([...issued.serials].sort());
          expect(issued.orders).toBeLessThanOrEqual(DOMAINS.length + killed * AT_ONCE);
          console.info(
            `${name}, ${title}: ${killed} kills, ${issued.count} certificates, ${issued.orders - DOMAINS.length} orders never finalised`,
          );
        } finally {
          stack.remove();
          await far?.stop();
          await states?.stop();
          await pebble.stop();
        }
      },
    );
  });
}

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
