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
import { forSets, type RandomBlock, randomSet } from "./random-sets";

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

    it("GIVEN a deployed host THEN ours are left out, and on which side of them the others are is known", async () => {
      await withDovecot(async ({ server, configured, sets }) => {
        const blocks = await listed(server);

        expect(blocks.every(({ place }) => place !== undefined)).toBe(true);
        expect(lookups(make({ directory: server.directory, otherBlocks: blocks }), sets)).toEqual(
          lookups(configured.service, sets),
        );
      }, KEPT_APART[version]);
    });

    /** @param isThere which blocks of others there are */
    async function withDovecot(
      test: (running: Running) => Promise<void>,
      isThere: (block: RandomBlock) => boolean = () => true,
    ): Promise<void> {
      const arbitrary = randomSet(DOVECOTS[version]).map((set) => ({
        ...set,
        others: set.others.filter((block) => isDistinct(block) && isThere(block)),
      }));
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

/** Whether a block could not be taken for one of ours. */
function isDistinct({ names, file }: RandomBlock): boolean {
  return !("of" in names) && "theirs" in file;
}

/** Which blocks are not merged with ours. After a merge it can no longer be seen whose they were. */
const KEPT_APART: Record<DovecotVersion, (block: RandomBlock) => boolean> = {
  // Ours repeat their first name at the end, which no other block has a reason to do.
  "2.3": ({ names }) =>
    !("of" in names) && (names.length === 1 || names[0]?.toLowerCase() !== names.at(-1)?.toLowerCase()),
  "2.4": ({ names }) => !("of" in names) && names.every((name) => /[*?]/.test(name)),
};

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
