import { relative } from "node:path";
import {
  BlockPlace,
  Dovecot,
  type HostContent,
  type LocalNameBlock,
  type ServedCertificate,
} from "../../../lib";
import { combinedPem } from "../../support/certificates";
import { certificateLines, Dovecot as DovecotServer } from "../../support/dovecot";
import type { DovecotVersion } from "../../support/dovecot-installation";
import { dovecot23, dovecot24 } from "../../support/requirements";
import { type CertificatePool, oursLabel, theirsLabel } from "./certificate-pool";
import { type LookupServer, lookupProperty, type PlacedSet } from "./lookup-property";
import { nameBelow, type RandomBlock, THEIR_FILES } from "./random-sets";

/** Where blocks are read if nothing is said of it: where ours win. */
const DEFAULT_PLACE = { "2.3": BlockPlace.AFTER, "2.4": BlockPlace.BEFORE };

export function dovecotLookupProperty(version: DovecotVersion): void {
  lookupProperty(`the lookup of Dovecot ${version}`, {
    requirement: version === "2.3" ? dovecot23 : dovecot24,
    wildcards: true,
    otherNames: version === "2.3" ? 3 : 1,
    start: (sets, fallback, pool) => start(version, sets, fallback, pool),
  });
}

async function start(
  version: DovecotVersion,
  sets: readonly PlacedSet[],
  fallback: ServedCertificate,
  pool: CertificatePool,
): Promise<LookupServer> {
  const configured = (directory: string) => new ConfiguredDovecot(version, directory, sets, pool);
  const server = await DovecotServer.start({
    version,
    globalCertificate: null,
    files: (directory) => configured(directory).files(fallback),
  });
  const { service } = configured(server.directory);
  return {
    service,
    port: server.ports.imaps,
    labelOf: (file) => {
      const [, their, our] = /(?:theirs(\d)|certificate(\d)\.set\d+\.test)\.pem$/.exec(file) ?? [];
      return their === undefined ? oursLabel(Number(our)) : theirsLabel(Number(their));
    },
    stop: () => server.stop(),
  };
}

/** The files that the service says, and beside them those of somebody else. */
class ConfiguredDovecot {
  readonly service: Dovecot;
  private readonly otherBlocks: LocalNameBlock[];

  constructor(
    private readonly version: DovecotVersion,
    private readonly directory: string,
    private readonly sets: readonly PlacedSet[],
    private readonly pool: CertificatePool,
  ) {
    this.otherBlocks = sets.flatMap((set) => set.set.others.flatMap((block) => this.otherBlock(block, set)));
    this.service = this.make({ directory, otherBlocks: this.otherBlocks });
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
          combinedPem(this.pool.get(theirsLabel(number))),
        ]),
      ),
      "conf.d/01-others.conf": this.text(BlockPlace.BEFORE),
      "conf.d/99-z-others.conf": this.text(BlockPlace.AFTER),
    };
  }

  private get make() {
    return this.version === "2.3" ? Dovecot.v23 : Dovecot.v24;
  }

  private entriesOf({ files = {} }: HostContent): [string, string][] {
    return Object.entries(files).map(([path, { contents }]) => [relative(this.directory, path), contents]);
  }

  /** None where it is to be as one of ours that this set does not have. */
  private otherBlock(
    { names, place, file }: RandomBlock,
    { domain, certificates }: PlacedSet,
  ): LocalNameBlock[] {
    const twin = "of" in names ? certificates[names.of] : undefined;
    const theirs = "theirs" in file ? `${this.directory}/others/theirs${file.theirs}.pem` : undefined;
    const certificate = theirs ?? ("ours" in file ? this.pemOf(certificates[file.ours]) : undefined);
    if (certificate === undefined || ("of" in names && twin === undefined)) return [];
    const listed =
      "of" in names
        ? this.blockOf(twin as ServedCertificate, names.block)
        : names.map((name) => nameBelow(name, domain));
    return [{ names: listed, certificate, place }];
  }

  private pemOf(certificate: ServedCertificate | undefined): string | undefined {
    return certificate && `${this.directory}/mail-sni/${certificate.name}.pem`;
  }

  /** The names of one of the blocks that are written for a certificate. */
  private blockOf(certificate: ServedCertificate, index: number): string[] {
    const { files = {} } = this.make().certificateFiles(certificate);
    const snippet = Object.values(files).find(({ isPem }) => !isPem)?.contents ?? "";
    const blocks = [...snippet.matchAll(/^local_name "?([^"]*?)"? \{$/gm)].map(
      ([, names]) => names as string,
    );
    return (blocks[index % blocks.length] as string).split(" ");
  }

  private text(side: BlockPlace): string {
    return this.otherBlocks
      .filter(({ place = DEFAULT_PLACE[this.version] }) => place === side)
      .map(
        ({ names, certificate }) =>
          `local_name "${names.join(" ")}" {\n${certificateLines(this.version, certificate)}}\n`,
      )
      .join("");
  }
}
