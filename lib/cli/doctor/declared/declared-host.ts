import type { Member } from "../../../shared/json/member";
import type { ArrivalBlock, Command, VersionBlock } from "../../../shared/provider-block/blocks";
import { parseConnection } from "../../../shared/provider-block/connection";
import type { Connection } from "../../../shared/transport/connection-settings";
import { filesBlockIn, hostBlocks, sshBlockIn } from "../../inputs/stack-hosts";
import { literal, literalOf } from "../../inputs/template";

/** A host as the provider block of its stack declares it. */
export interface DeclaredHost {
  readonly connection: Connection;
  /** Whether it no longer exists: the provider never connects to it. */
  readonly isGone: boolean;
  readonly services: readonly DeclaredService[];
}

/** What a service's block says about the installed program. */
export interface DeclaredService {
  readonly name: string;
  readonly version: VersionBlock | null;
  readonly arrival: ArrivalBlock | null;
  readonly configuration: DeclaredConfiguration | null;
}

/** A service's main configuration file. */
export interface DeclaredConfiguration {
  readonly file: string;
  /** The lines that match it include the files that their second word names. */
  readonly includes: string | null;
}

const MOST_SERVICES = 100;
const MOST_WORDS = 1000;

/** The hosts of a stack, by name; or why one cannot be known without the engine. */
export function declaredHosts(
  document: Member,
  directory: string,
): ReadonlyMap<string, DeclaredHost | string> {
  return hostBlocks(document, (block) => ({
    connection: parseConnection({ ...sshBlockIn(block), ...filesBlockIn(block) }, directory),
    isGone: block.member("gone").optional((gone) => gone.boolean()) ?? false,
    services: block.member("services").optional(servicesIn) ?? [],
  }));
}

function servicesIn(services: Member): DeclaredService[] {
  return services
    .entries(MOST_SERVICES, (service) => ({
      version: service.member("version").optional(versionIn),
      arrival: service.member("arrival").optional(arrivalIn),
      configuration: service.member("config").optional(configurationIn),
    }))
    .map(([name, service]) => ({ name: literalOf(name) ?? name, ...service }));
}

function versionIn(block: Member): VersionBlock {
  return {
    print: command(block.member("print")),
    pattern: literal(block.member("pattern")),
    expected: literal(block.member("expected")),
    advice: literal(block.member("advice")),
  };
}

function arrivalIn(block: Member): ArrivalBlock {
  return {
    list: command(block.member("list")),
    pattern: literal(block.member("pattern")),
    advice: literal(block.member("advice")),
  };
}

function configurationIn(block: Member): DeclaredConfiguration {
  return {
    file: literal(block.member("file")),
    includes: block.member("includes").optional(literal),
  };
}

function command(member: Member): Command {
  return member.list(MOST_WORDS, literal);
}
