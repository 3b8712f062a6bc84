import { Token } from "cdktf";
import { serviceErrors } from "../../shared/errors";
import type { ServiceCommands, ServiceEndpoint } from "./mail-service";

/**
 * Checks a service's name.
 *
 * @throws MailSniError `SERVICE_NAME_INVALID`
 */
export function checkServiceName(name: string): string {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw serviceErrors.nameInvalid(name);
  return name;
}

/**
 * Checks the ports of endpoints.
 *
 * @throws MailSniError `ENDPOINT_PORT`
 */
export function checkEndpoints(endpoints: ServiceEndpoint[]): ServiceEndpoint[] {
  for (const { port } of endpoints) {
    // A number that stands for an expression is a negative one.
    if (Token.isUnresolved(port)) throw serviceErrors.port("A Terraform expression");
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw serviceErrors.port(port);
  }
  return endpoints;
}

/**
 * Checks that a command is not empty.
 *
 * @throws MailSniError `COMMAND_EMPTY`
 */
export function checkCommand(what: string, command: string[]): string[] {
  if (command.length === 0 || command[0] === "") throw serviceErrors.commandEmpty(what);
  return command;
}

/**
 * Checks that none of the commands is empty.
 *
 * @throws MailSniError `COMMAND_EMPTY`
 */
export function checkCommands(commands: ServiceCommands): ServiceCommands {
  const { nameBlocks, version, arrival, ...lists } = commands;
  for (const [what, command] of Object.entries(lists)) if (command) checkCommand(what, command);
  if (nameBlocks) checkCommand("nameBlocks", nameBlocks.list);
  if (version) checkCommand("version", version.print);
  if (arrival) checkCommand("arrival", arrival.list);
  return commands;
}
