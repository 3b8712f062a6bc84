import { rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import {
  BlockPlace,
  Dovecot,
  type IMailService,
  type LocalNameBlock,
  type ServedCertificate,
} from "../../../lib";
import { mustRun } from "../../support/commands";
import type { Dovecot as DovecotServer } from "../../support/dovecot";
import type { DovecotVersion } from "../../support/dovecot-installation";
import { temporaryDirectory } from "../../support/engine";
import { describeIf } from "../../support/requirements";
import { CertificatePool, DEFAULT } from "./certificate-pool";
import { type ConfiguredDovecot, DOVECOTS, startDovecot } from "./configured-dovecot";
import { askedNames, certificatesOf, type PlacedSet, placedSets } from "./placed-set";
import { forSets, type RandomSet, randomSet } from "./random-sets";

const MAIN_FILE = { "2.3": "conf.d/05-mail-sni.conf", "2.4": "conf.d/99-mail-sni.conf" };

/** Blocks that are read from what a real Dovecot lists mean the same as those that it was given. */
export function doveconfListing(version: DovecotVersion): void {
  const { requirement, make } = DOVECOTS[version];

  describeIf(requirement, `what doveconf -n of Dovecot ${version} lists`, () => {
    let pool: CertificatePool;
    beforeAll(async () => {
      pool = await CertificatePool.make();
    });

    it("GIVEN a host before the first deployment THEN the blocks of others, in their order", async () => {
      await withDovecot(async ({ server, configured, sets }) => {
        rmSync(server.path(MAIN_FILE[version]));
        const { directory } = server;
        const inOrder = [BlockPlace.BEFORE, BlockPlace.AFTER].flatMap((place) => configured.on(place));
        const declared = make({ directory, otherBlocks: inOrder.map(({ place, ...block }) => block) });
        const imported = make({ directory, otherBlocks: await listed(server) });

        expect(lookups(imported, sets)).toEqual(lookups(declared, sets));
      });
    });

    // On 2.4 blocks of one name are merged with ours, and whose they were can no longer be seen.
    if (version === "2.3") {
      it("GIVEN a deployed host THEN ours are left out, and on which side of them the others are is known", async () => {
        await withDovecot(async ({ server, configured, sets }) => {
          const blocks = await listed(server);

          expect(blocks.every(({ place }) => place !== undefined)).toBe(true);
          expect(lookups(make({ directory: server.directory, otherBlocks: blocks }), sets)).toEqual(
            lookups(configured.service, sets),
          );
        });
      });
    }

    /** With blocks that neither have names of ours nor present a PEM of ours: those could not be told from ours. */
    async function withDovecot(test: (running: Running) => Promise<void>): Promise<void> {
      const arbitrary = randomSet(DOVECOTS[version]).map(withoutTwins);
      await forSets(arbitrary, { runs: 2, setsPerRun: 50 }, async (drawn) => {
        const sets = placedSets(drawn, pool);
        const { server, configured } = await startDovecot(version, sets, fallback(), pool);
        try {
          await test({ server, configured, sets });
        } finally {
          await server.stop();
        }
      });
    }

    function fallback(): ServedCertificate {
      return { name: "default.test", names: ["default.test"], pem: pool.pem(DEFAULT) };
    }

    /** Whose certificate each name is presented. */
    function lookups(service: IMailService, sets: readonly PlacedSet[]): Record<string, string> {
      const certificates = certificatesOf(sets, fallback());
      return Object.fromEntries(
        sets.flatMap(askedNames).map((name) => {
          const { certificate, file } = service.lookup(name, certificates);
          return [name, certificate?.name ?? file ?? DEFAULT];
        }),
      );
    }
  });
}

interface Running {
  readonly server: DovecotServer;
  readonly configured: ConfiguredDovecot;
  readonly sets: readonly PlacedSet[];
}

function withoutTwins(set: RandomSet): RandomSet {
  return { ...set, others: set.others.filter(({ names, file }) => !("of" in names) && "theirs" in file) };
}

/** What is imported from what this Dovecot says. */
async function listed(server: DovecotServer): Promise<LocalNameBlock[]> {
  const { stdout } = await mustRun(server.command("doveconf", "-n"));
  const directory = await temporaryDirectory({ "doveconf.txt": stdout });
  try {
    return Dovecot.otherBlocksFromDoveconf(join(directory.path, "doveconf.txt"));
  } finally {
    directory.remove();
  }
}
