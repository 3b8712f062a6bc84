import { DEFAULT_ENDPOINT_ADDRESS } from "../../../shared/provider-block/blocks";
import type { IMailService, ServiceCommands } from "../../service/mail-service";
import type { TimerSettings } from "./renewal-timer";
import { tableRecord } from "./table-record";

/** What the table says of the host itself. */
export interface RenewalTableHead {
  /** The directory of the host's lock and ledger. */
  readonly stateDirectory: string;
  readonly workDirectory: string;
  /** The user's own hook. */
  readonly hook?: string;
  /** The directory of the tokens that a web server serves (http-01). */
  readonly wellKnown?: string;
  /** What starts the program: it checks that something on the host reads it. */
  readonly timer: Pick<TimerSettings, "kind" | "file">;
  readonly services: readonly IMailService[];
}

/** The first line: the program reads no table of another version. */
const VERSION = tableRecord("the table", "mail-sni-renewal", "1");

/**
 * The renewal program's table: the rules of the host's services as data, and what is installed for each row.
 *
 * @param rows the records of each row, in the order of `domains.txt`
 * @throws MailSniError `DEHYDRATED_FIELD` for what a field cannot hold
 */
export function renewalTable(head: RenewalTableHead, rows: readonly string[]): string {
  const { stateDirectory, workDirectory, hook, wellKnown, timer, services } = head;
  return [
    VERSION,
    tableRecord("the host", "state", stateDirectory),
    tableRecord("the host", "work", workDirectory),
    ...(hook === undefined ? [] : [tableRecord("the host", "hook", hook)]),
    ...(wellKnown === undefined ? [] : [tableRecord("the host", "webroot", wellKnown)]),
    tableRecord("the host", "timer", timer.kind, timer.file),
    ...services.flatMap(serviceRecords),
    ...rows,
  ].join("");
}

/**
 * Checks that the table can carry the commands of a service.
 *
 * @throws MailSniError `DEHYDRATED_FIELD`
 */
export function serviceRecords({ name, configuration, commands, endpoints }: IMailService): string[] {
  const record = (type: string, ...fields: readonly (string | undefined)[]) =>
    tableRecord(`the service ${name}`, type, name, ...fields);
  return [
    record("service"),
    ...(configuration === undefined
      ? []
      : [
          record(
            "config",
            configuration.file,
            configuration.position,
            configuration.include,
            configuration.head,
          ),
        ]),
    ...COMMANDS.flatMap(([type, command]) => {
      const argumentList = commands[command];
      return argumentList === undefined ? [] : [record(type, ...argumentList)];
    }),
    ...endpoints
      .filter(({ sni }) => sni !== false)
      .map(({ port, protocol, address = DEFAULT_ENDPOINT_ADDRESS }) =>
        record("endpoint", `${port}`, protocol, address),
      ),
  ];
}

/** The commands that the program runs, by the type of their records. */
const COMMANDS: readonly (readonly [string, "check" | "rebuild" | "activate" | "running" | "chosen"])[] = [
  ["check", "check"],
  ["build", "rebuild"],
  ["activate", "activate"],
  ["running", "running"],
  ["chosen", "chosen"],
] satisfies readonly (readonly [string, keyof ServiceCommands])[];
