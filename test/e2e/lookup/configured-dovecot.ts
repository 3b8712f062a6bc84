import { relative } from "node:path";
import {
  BlockPlace,
  Dovecot,
  type HostContent,
  type LocalNameBlock,
  type ServedCertificate,
} from "../../../lib";
import { certificateLines, Dovecot as DovecotServer } from "../../support/dovecot";
import type { DovecotVersion } from "../../support/dovecot-installation";
import { dovecot23, dovecot24 } from "../../support/requirements";
import { type CertificatePool, theirsLabel } from "./certificate-pool";
import type { PlacedSet } from "./placed-set";
import { nameBelow, type RandomBlock, THEIR_FILES } from "./random-sets";

/** Where blocks are read if nothing is said of it: where ours win. */
const DEFAULT_PLACE = { "2.3": BlockPlace.AFTER, "2.4": BlockPlace.BEFORE };

/** What a version of Dovecot needs, and what it can do. */
export const DOVECOTS = {
  "2.3": { requirement: dovecot23, make: Dovecot.v23, wildcards: true, otherNames: 3 },
  "2.4": { requirement: dovecot24, make: Dovecot.v24, wildcards: true, otherNames: 1 },
};

/** A Dovecot that has what the library says for the sets, and beside it what others have written. */
export async function startDovecot(
  version: DovecotVersion,
  sets: readonly PlacedSet[],
  fallback: ServedCertificate,
  pool: CertificatePool,
): Promise<{ server: DovecotServer; configured: ConfiguredDovecot }> {
  const configured = (directory: string) => new ConfiguredDovecot(version, directory, sets, pool);
  const server = await DovecotServer.start({
    version,
    globalCertificate: null,
    files: (directory) => configured(directory).files(fallback),
  });
  return { server, configured: configured(server.directory) };
}

/** The files that the service says, and beside them those of others. */
export class ConfiguredDovecot {
  readonly service: Dovecot;
  private readonly otherBlocks: LocalNameBlock[];

  constructor(
    private readonly version: DovecotVersion,
    private readonly directory: string,
    private readonly sets: readonly PlacedSet[],
    private readonly pool: CertificatePool,
  ) {
    this.otherBlocks = sets.flatMap((set) => set.set.others.flatMap((block) => this.otherBlock(block, set)));
    this.service = DOVECOTS[version].make({ directory, otherBlocks: this.otherBlocks });
  }

  files(fallback: ServedCertificate): Record<string, string> {
    const contents = [
      this.service.hostFiles(),
      this.service.defaultFiles(fallback),
      ...[fallback, ...this.sets.flatMap(({ certificates }) => certificates)].map((certificate) =>
        this.service.certificateFiles(certificate),
      ),
    ];
    return {
      ...Object.fromEntries(contents.flatMap((content) => this.entriesOf(content))),
      ...Object.fromEntries(
        Array.from({ length: THEIR_FILES }, (_, number) => [
          `others/theirs${number}.pem`,
          this.pool.pem(theirsLabel(number)),
        ]),
      ),
      "conf.d/01-others.conf": this.text(BlockPlace.BEFORE),
      "conf.d/99-z-others.conf": this.text(BlockPlace.AFTER),
    };
  }

  /** The blocks of others on one side of ours. */
  on(side: BlockPlace): LocalNameBlock[] {
    return this.otherBlocks.filter(({ place = DEFAULT_PLACE[this.version] }) => place === side);
  }

  private entriesOf({ files = {} }: HostContent): [string, string][] {
    return Object.entries(files).map(([path, { contents }]) => [relative(this.directory, path), contents]);
  }

  /** None where it is to be as one of ours that this set does not have. */
  private otherBlock({ names, place, file }: RandomBlock, set: PlacedSet): LocalNameBlock[] {
    const certificate =
      "theirs" in file
        ? `${this.directory}/others/theirs${file.theirs}.pem`
        : this.pemOf(set.certificates[file.ours]);
    const listed =
      "of" in names
        ? this.blockOf(set.certificates[names.of], names.block)
        : names.map((name) => nameBelow(name, set.domain));
    return listed === undefined || certificate === undefined ? [] : [{ names: listed, certificate, place }];
  }

  private pemOf(certificate: ServedCertificate | undefined): string | undefined {
    return certificate && `${this.directory}/mail-sni/${certificate.name}.pem`;
  }

  /** The names of one of the blocks that are written for a certificate. */
  private blockOf(certificate: ServedCertificate | undefined, index: number): string[] | undefined {
    if (certificate === undefined) return undefined;
    const { files = {} } = DOVECOTS[this.version].make().certificateFiles(certificate);
    const snippet = Object.values(files).find(({ isPem }) => !isPem)?.contents ?? "";
    const blocks = [...snippet.matchAll(/^local_name "?([^"]*?)"? \{$/gm)].map(
      ([, names]) => names as string,
    );
    return blocks[index % blocks.length]?.split(" ");
  }

  private text(side: BlockPlace): string {
    return this.on(side)
      .map(
        ({ names, certificate }) =>
          `local_name "${names.join(" ")}" {\n${certificateLines(this.version, certificate)}}\n`,
      )
      .join("");
  }
}
