import { escapeTemplate } from "../bindings/template";
import type { IMailService } from "../service/mail-service";

/** How a service is checked, told and asked, as the provider's block has it: in Terraform's spelling. */
export function serviceBlock({ commands, configuration, endpoints }: IMailService): object {
  return {
    config: configuration && {
      file: configuration.file,
      include: escapeTemplate(configuration.include),
      position: configuration.position,
      head: configuration.head && escapeTemplate(configuration.head),
    },
    build: command(commands.build),
    check: command(commands.check),
    activate: command(commands.activate),
    running: command(commands.running),
    default_certificate: command(commands.defaultCertificate),
    chosen: command(commands.chosen),
    name_blocks: commands.nameBlocks && {
      list: command(commands.nameBlocks.list),
      pattern: escapeTemplate(commands.nameBlocks.pattern),
    },
    // A handshake tells nothing about a name where nobody looks at it.
    endpoints: endpoints
      .filter(({ sni }) => sni !== false)
      .map(({ port, protocol, address }) => ({ port, protocol, address })),
  };
}

function command(argumentList: string[] | undefined): string[] | undefined {
  return argumentList?.map(escapeTemplate);
}
