import { beforeAll, expect, it } from "vitest";
import type { IMailService, ServedCertificate, ServedCertificates } from "../../../lib";
import { presentedCertificate } from "../../../lib/shared/tls/handshake";
import { HandshakeError } from "../../../lib/shared/tls/handshake-error";
import { describeIf, type Requirement } from "../../support/requirements";
import { CertificatePool, DEFAULT, oursLabel } from "./certificate-pool";
import { askedNames, certificatesOf, numberOf, type PlacedSet, placedSets } from "./placed-set";
import { forSets, type RandomSet, type RandomSetOptions, randomSet } from "./random-sets";

/** A real server that was given what its service says for these sets. */
export interface LookupServer {
  /** By which it is predicted what is presented. */
  readonly service: IMailService;
  /** TLS from the first byte. */
  readonly port: number;
  /** Whose certificate is at a path that {@link Lookup.file} names: a label of the pool. */
  labelOf(file: string): string;
  stop(): Promise<void>;
}

export interface LookupPropertyOptions extends RandomSetOptions {
  /** How often a server is started, with 50 sets each time. @default 6 */
  readonly starts?: number;
  readonly requirement: Requirement;
  start(
    sets: readonly PlacedSet[],
    fallback: ServedCertificate,
    pool: CertificatePool,
  ): Promise<LookupServer>;
}

const SETS_AT_ONCE = 50;
const USUAL_STARTS = 6;
const HANDSHAKES_AT_ONCE = 8;
const DEADLINE_MS = 20_000;
const MOST_MILLISECONDS = 300_000;

/** What a service's `lookup` says is what the server presents, for 300 random sets or as many as are asked for. */
export function lookupProperty(title: string, options: LookupPropertyOptions): void {
  const { starts = USUAL_STARTS } = options;
  describeIf(options.requirement, title, () => {
    let pool: CertificatePool;
    beforeAll(async () => {
      pool = await CertificatePool.make();
    });

    it(
      `presents what is predicted for ${starts * SETS_AT_ONCE} random sets`,
      async () => {
        await forSets(randomSet(options), { runs: starts, setsPerRun: SETS_AT_ONCE }, (drawn) =>
          presentsWhatIsPredicted(drawn, pool, options),
        );
      },
      MOST_MILLISECONDS,
    );
  });
}

async function presentsWhatIsPredicted(
  drawn: readonly RandomSet[],
  pool: CertificatePool,
  { start }: LookupPropertyOptions,
): Promise<void> {
  const sets = placedSets(drawn, pool);
  const fallback = { name: "default.test", names: ["default.test"], pem: pool.pem(DEFAULT) };
  const server = await start(sets, fallback, pool);
  try {
    const certificates = certificatesOf(sets, fallback);
    const questions = sets.flatMap((set) => askedNames(set).map((name) => ({ name, set })));
    const answers = await inTurns(questions, async ({ name, set }) => ({
      name,
      predicted: predictedLabel(server, name, certificates),
      presented: await presentedLabel(server, name, pool),
      set: JSON.stringify(set.set),
    }));
    expect(answers.filter(({ predicted, presented }) => predicted !== presented)).toEqual([]);
  } finally {
    await server.stop();
  }
}

function predictedLabel(
  { service, labelOf }: LookupServer,
  name: string,
  certificates: ServedCertificates,
): string {
  const { certificate, file, refused } = service.lookup(name, certificates);
  if (refused) return REFUSED;
  if (file !== undefined) return labelOf(file);
  return certificate === undefined ? DEFAULT : oursLabel(numberOf(certificate.name));
}

async function presentedLabel({ port }: LookupServer, name: string, pool: CertificatePool): Promise<string> {
  const endpoint = { host: "127.0.0.1", port };
  try {
    const { leaf } = await presentedCertificate({
      endpoint,
      protocol: "tls",
      serverName: name,
      deadlineMs: DEADLINE_MS,
    });
    return pool.labelOf(leaf.fingerprintSha256);
  } catch (error) {
    if (error instanceof HandshakeError && error.alert?.number === UNRECOGNIZED_NAME) return REFUSED;
    throw error;
  }
}

/** Where nothing is presented, but an alert. */
const REFUSED = "refused";
const UNRECOGNIZED_NAME = 112;

async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const workers = Array.from({ length: HANDSHAKES_AT_ONCE }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      results[next[0]] = await work(next[1]);
    }
  });
  await Promise.all(workers);
  return results;
}
