import { X509Certificate } from "node:crypto";
import { type CertificateFacts, certificateFacts } from "../../shared/certificate-facts";
import { chunksOf } from "../../shared/grouping";
import { argumentLists } from "../../shared/transport/argument-lists";
import { type AskLimits, askCall, saidIn } from "../../shared/transport/asked";
import { complaint } from "../../shared/transport/complaint";
import type { Connection } from "../../shared/transport/connection-settings";
import { onHost } from "../../shared/transport/connection-settings";
import { stagedPath } from "../../shared/transport/paths";
import { type Answer, type Session, SessionLost } from "../../shared/transport/session";
import { CliError } from "../errors/cli-error";
import { HostLook } from "../import/gather/host-look";
import { pemsIn } from "../import/gather/pems";
import type { DeliveredPem } from "./delivered";
import ejectScript from "./eject.sh";
import {
  CRON_PATH,
  type InstalledPem,
  type RenewalRow,
  type RenewalSetting,
  ROW_SETTINGS,
  ROW_SETTINGS_TITLE,
  type RowSettings,
  tokenDirectory,
} from "./plain-renewal";
import { rowKeyOf } from "./row-key";

/** What makes a plain dehydrated on a host. */
export interface RenewalFiles {
  /** By their names in the directory. */
  readonly texts: ReadonlyMap<string, string>;
  readonly settings: readonly RowSettings[];
  /** Rows whose key and certificate are copied, in place of a copy that is there. */
  readonly outdated: readonly RenewalRow[];
  readonly setting: RenewalSetting;
  readonly cronFile: string;
  readonly cron: string;
}

/** What could not be written. */
export interface NotWritten {
  /** Files whose key and certificate could not be copied. */
  readonly failed: readonly string[];
  /** Rows whose settings are a file that `eject` has not written. */
  readonly kept: readonly RenewalRow[];
}

const LIMITS: AskLimits = { commandMs: 120_000, bytes: 1024 * 1024 };

/** What `eject` reads and does on a host, through a shell there. */
export class HostWork {
  constructor(
    private readonly session: Session,
    private readonly connection: Connection,
  ) {}

  /**
   * The certificates in the files of a host; files without a certificate and a key are left out.
   *
   * @throws {SessionLost}
   */
  async installed(pems: readonly DeliveredPem[]): Promise<InstalledPem[]> {
    const host = new HostLook(this.session, this.connection.root);
    const lists = argumentLists(pems.map(({ path }) => host.there(path)));
    const looked = await host.at(lists.map((list) => ["pems", ...list] as const));
    const found = new Map(looked.flatMap((lines) => [...pemsIn(lines, host)]));
    return pems.flatMap((pem): InstalledPem[] => {
      const { certificates = [], keys = [] } = found.get(pem.path) ?? {};
      const [leaf] = certificates;
      const isOwned = [pem.owner, pem.group].every((name) => name === null || OWNER.test(name));
      if (leaf === undefined || !isOwned || keys.length !== 1 || keys[0]?.isEncrypted) return [];
      return certificateOf(leaf).map((certificate) => ({ ...pem, ...certificate }));
    });
  }

  /**
   * The certificates that dehydrated has on the host, by the name of their row: from an earlier eject, or renewed since.
   *
   * @throws {SessionLost}
   */
  async copies(workDirectory: string, rows: readonly RenewalRow[]): Promise<Map<string, CertificateFacts>> {
    const host = new HostLook(this.session, this.connection.root);
    const paths = rows.map(({ alias }) => [copyOf(workDirectory, alias), alias] as const);
    const lists = argumentLists(paths.map(([path]) => path));
    const looked = await host.at(lists.map((list) => ["pems", ...list] as const));
    const found = new Map(looked.flatMap((lines) => [...pemsIn(lines, host)]));
    return new Map(
      paths.flatMap(([path, alias]) =>
        (found.get(path)?.certificates.slice(0, 1) ?? [])
          .flatMap(certificateOf)
          .map(({ leaf }) => [alias, leaf] as const),
      ),
    );
  }

  /** The files that an earlier eject has dehydrated put certificates in; none without one. @throws {SessionLost} */
  async targets(directory: string): Promise<string[]> {
    const { status, output } = await this.session.call("fetch", `${directory}/targets`);
    if (status !== 0) return [];
    const lines = Buffer.from(output, "base64").toString("utf8").split("\n");
    return lines.filter((line) => !line.startsWith("#")).flatMap((line) => line.split("\t").slice(4, 5));
  }

  /** Whether cron finds dehydrated there. @throws {SessionLost} */
  async hasDehydrated(): Promise<boolean> {
    return (await this.#run("found", CRON_PATH, "dehydrated")).some((line) => line.startsWith("/"));
  }

  /**
   * Writes what plain dehydrated reads, and has it know the certificates. What starts it is written last, and the settings of
   * single rows before the configuration, so that no row gets a key of another kind if this is killed in between.
   *
   * @throws CliError `CLI_FILE_UNWRITABLE` {@link SessionLost}
   */
  async writeRenewal({
    texts,
    settings,
    outdated,
    setting,
    cronFile,
    cron,
  }: RenewalFiles): Promise<NotWritten> {
    const { directory, workDirectory, webroot } = setting;
    if (webroot !== null) await this.#run("token_directory", webroot, tokenDirectory(webroot));
    const kept = await this.#writeRowSettings(`${directory}/${ROW_SETTINGS}`, settings);
    for (const [name, text] of texts) await this.#publish(`${directory}/${name}`, text);
    await this.#run("executable", `${directory}/hook`, `${directory}/reload`);
    const failed: string[] = [];
    for (const list of chunksOf(outdated, ROWS_OF_A_CALL)) {
      const pairs = list.flatMap(({ alias, files: [file] }) =>
        file === undefined ? [] : [alias, file.path],
      );
      const lines = await this.#run("seed", workDirectory, ...pairs);
      failed.push(...lines.flatMap((line) => (line.startsWith("E\t") ? [line.slice(2)] : [])));
    }
    await this.#publish(cronFile, cron);
    return { failed, kept };
  }

  /** @returns the rows that have a file there that `eject` has not written, and that does not have what they need */
  async #writeRowSettings(directory: string, settings: readonly RowSettings[]): Promise<RenewalRow[]> {
    const kept = new Set<string>();
    for (const list of chunksOf(settings, ROWS_OF_A_CALL)) {
      const words = list.flatMap(({ row, isNeeded, text }) => [row.alias, isNeeded ? "yes" : "no", text]);
      const lines = await this.#run("row_settings", directory, ROW_SETTINGS_TITLE, ...words);
      for (const line of lines) if (line.startsWith("K\t")) kept.add(line.slice(2));
    }
    return settings.flatMap(({ row }) => (kept.has(row.alias) ? [row] : []));
  }

  /** Has the stack own no file of the host. @throws CliError `CLI_FILE_UNWRITABLE` {@link SessionLost} */
  async letGo(stack: string): Promise<void> {
    await this.#run("let_go", onHost(this.connection, this.connection.stateDirectory), stack);
  }

  async #publish(path: string, text: string): Promise<void> {
    refuseFailed(path, await this.session.call("publish", path, stagedPath(path), text));
  }

  async #run(mode: string, ...args: readonly string[]): Promise<string[]> {
    const command = ["sh", "-c", `exec 2>&1\n${ejectScript}`, "sh", mode, "", ...args];
    const said = saidIn(await this.session.call(...askCall(command, LIMITS)));
    if (said === undefined) throw new SessionLost("a step took too long there");
    if (said.status !== 0) refuseFailed(args[0] ?? "", { status: said.status, output: said.text });
    return said.text.split("\n");
  }
}

function copyOf(workDirectory: string, alias: string): string {
  return `${workDirectory}/certs/${alias}/cert.pem`;
}

/** Names become words of `domains.txt` and names of directories. */
const NAME = /^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)+$/i;
/** Users and groups are fields of the table. */
const OWNER = /^[\w.-]+\$?$/;

/** Empty if Node.js cannot read it, or dehydrated could not order it. */
function certificateOf(pem: string): Pick<InstalledPem, "leaf" | "key">[] {
  try {
    const x509 = new X509Certificate(pem);
    const facts = certificateFacts(x509, pem);
    // dehydrated reads its rows in lower case.
    const leaf = { ...facts, dnsNames: facts.dnsNames.map((name) => name.toLowerCase()) };
    const isUsable = leaf.dnsNames.length > 0 && leaf.dnsNames.every((name) => NAME.test(name));
    return isUsable ? [{ leaf, key: rowKeyOf(x509.publicKey) }] : [];
  } catch {
    return [];
  }
}

function refuseFailed(path: string, answer: Answer): void {
  if (answer.status === 0) return;
  throw new CliError(
    "CLI_FILE_UNWRITABLE",
    `${path} cannot be written on the host: ${complaint(answer.output)}.`,
    "Correct that, and run the command again: it goes on where it has stopped.",
  );
}

const ROWS_OF_A_CALL = 200;
