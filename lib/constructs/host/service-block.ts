import type { ServiceBlock, Written } from "../../shared/provider-block/blocks";
import { escapeTemplate } from "../bindings/template";
import type { IMailService } from "../service/mail-service";

/** Renders the commands and endpoints of a service for the provider block, in Terraform's spelling. */
export function serviceBlock({
  commands,
  configuration,
  endpoints,
}: Pick<IMailService, "commands" | "configuration" | "endpoints">): Written<ServiceBlock> {
  return {
    config: configuration && {
      file: configuration.file,
      include: escapeTemplate(configuration.include),
      position: configuration.position,
      head: configuration.head && escapeTemplate(configuration.head),
      includes: configuration.includes && escapeTemplate(configuration.includes),
    },
    version: commands.version && {
      print: command(commands.version.print),
      pattern: escapeTemplate(commands.version.pattern),
      expected: escapeTemplate(commands.version.expected),
      advice: escapeTemplate(commands.version.advice),
    },
    arrival: commands.arrival && {
      list: command(commands.arrival.list),
      pattern: escapeTemplate(commands.arrival.pattern),
      advice: escapeTemplate(commands.arrival.advice),
    },
    build: command(commands.rebuild),
    check: command(commands.check),
    activate: command(commands.activate),
    running: command(commands.running),
    default_certificate: command(commands.defaultCertificate),
    chosen: command(commands.chosen),
    name_blocks: commands.nameBlocks && {
      list: command(commands.nameBlocks.list),
      pattern: escapeTemplate(commands.nameBlocks.pattern),
      winner: commands.nameBlocks.winner,
    },
    endpoints: endpoints.map(({ port, protocol, address, sni }) => ({
      port,
      protocol,
      address,
      sni: sni === false ? false : undefined,
    })),
  };
}

function command(argumentList: string[]): string[];
function command(argumentList: string[] | undefined): string[] | undefined;
function command(argumentList: string[] | undefined): string[] | undefined {
  return argumentList?.map(escapeTemplate);
}
