import { join } from "node:path";
import { printableLine } from "../../shared/text/printable";
import type { Connection } from "../../shared/transport/connection-settings";
import type { Session } from "../../shared/transport/session";
import { type DeclaredCertificate, declaredCertificates } from "../doctor/declared/declared-certificates";
import { declaredHosts } from "../doctor/declared/declared-host";
import { engineOf } from "../engine/engine";
import { CliError } from "../errors/cli-error";
import { throughShell } from "../inputs/host-shell";
import { parseProjectFile, type SynthesizedStack } from "../inputs/project";
import { noProject, type ProjectFlags, projectOf } from "../inputs/project-options";
import { writeTo } from "../output/write-to";
import { EXIT } from "../process/exit-code";
import type { Io } from "../process/io";
import { type Delivered, deliveredTo } from "./delivered";
import { HostWork } from "./host-work";
import {
  type CopyState,
  copyState,
  cronText,
  hasWildcard,
  type RenewalRow,
  type RenewalSetting,
  renewalRows,
  renewalTexts,
  rowSettings,
} from "./plain-renewal";
import { refused } from "./refused";
import { type RenewalFlags, renewalSetting } from "./renewal-setting";
import { type Leaving, leavingReport } from "./report";

/** The options as commander parses them. */
export interface EjectFlags extends ProjectFlags, RenewalFlags {
  readonly dehydrated?: boolean;
  readonly yes?: boolean;
}

/**
 * Prints how to leave with a host, and does the part on it with `--yes`.
 *
 * @returns the exit status
 * @throws CliError
 */
export async function eject(host: string, flags: EjectFlags, io: Io): Promise<number> {
  const found = declaredIn(host, flags, io);
  const { connection, delivered, stack } = found;
  const setting = flags.dehydrated ? renewalSetting(flags, found) : null;
  const isNeeded = flags.yes === true || setting !== null;
  const work = (session: Session) =>
    leave(new HostWork(session, connection), { stack: stack.name, delivered, setting, flags });
  const done = isNeeded ? await throughShell(connection, work) : NOTHING_LEFT;
  const leaving: Leaving = {
    host,
    stack: stack.name,
    directory: stack.directory,
    engine: engineOf(flags.engine, io.environment).executable,
    delivered,
    stateDirectory: connection.stateDirectory,
    renewal: setting && { setting, rows: done.rows, cronFile: flags.cronFile },
    left: done.left,
    newer: done.newer,
    unproven: done.unproven,
    kept: done.kept,
    isDone: flags.yes === true,
  };
  await writeTo(io.stdout, leavingReport(leaving));
  const undone = [done.left, done.newer, done.unproven, done.kept];
  return undone.some((list) => list.length > 0) ? EXIT.WRONG : EXIT.OK;
}

interface Found {
  readonly stack: SynthesizedStack;
  readonly connection: Connection;
  readonly delivered: Delivered;
  readonly certificates: readonly DeclaredCertificate[];
}

/** The stack that has the host. @throws CliError */
function declaredIn(host: string, flags: EjectFlags, io: Io): Found {
  const project = projectOf(flags, io.environment);
  if (project === null) throw noProject(".");
  const stacks = flags.stack?.map((name) => project.stack(name)) ?? project.stacks();
  const known: string[] = [];
  for (const stack of stacks) {
    const found = parseProjectFile(join(stack.directory, "cdk.tf.json"), (document) => {
      const hosts = declaredHosts(document, stack.directory);
      known.push(...hosts.keys());
      const declared = hosts.get(host);
      if (declared === undefined) return null;
      if (typeof declared === "string") throw notReachable(host, declared);
      const { connection } = declared;
      return {
        stack,
        connection,
        delivered: deliveredTo(host, document),
        certificates: declaredCertificates(document),
      };
    });
    if (found !== null) return found;
  }
  throw new CliError(
    "CLI_HOST_UNKNOWN",
    `No stack has a mail host ${JSON.stringify(host)}.`,
    `Use one of: ${known.sort().join(", ") || "there is none"}. The host has to be declared as it was deployed: run cdktf synth.`,
  );
}

function notReachable(host: string, reason: string): CliError {
  return new CliError(
    "CLI_HOST_UNREACHABLE",
    `The host ${JSON.stringify(host)} cannot be reached: ${reason}.`,
    "Write its connection as literals, and run cdktf synth.",
  );
}

/** What came of the host's part, or would. */
interface Left {
  readonly rows: readonly RenewalRow[];
  /** Files that are not renewed from now on. */
  readonly left: readonly string[];
  /** Those of which dehydrated has a newer certificate than is installed. */
  readonly newer: readonly RenewalRow[];
  /** Those that cannot be proven in this way. */
  readonly unproven: readonly RenewalRow[];
  /** Those whose settings are a file of an administrator, without the kind of their key. */
  readonly kept: readonly RenewalRow[];
}

const NOTHING_LEFT: Left = { rows: [], left: [], newer: [], unproven: [], kept: [] };

/** @throws CliError `CLI_OPTION` without dehydrated on the host */
async function leave(
  work: HostWork,
  {
    stack,
    delivered,
    setting,
    flags,
  }: { stack: string; delivered: Delivered; setting: RenewalSetting | null; flags: EjectFlags },
): Promise<Left> {
  if (setting !== null && !(await work.hasDehydrated()))
    throw refused(
      "dehydrated is not installed on the host.",
      "Install it there, such as with apt install dehydrated, or leave --dehydrated out.",
    );
  const renewed = setting === null ? NOTHING_LEFT : await renewOnHost(work, delivered, { setting, flags });
  if (flags.yes && !delivered.issuesItself) await work.letGo(delivered.ledgerStack ?? stack);
  return renewed;
}

/** What another stack has left there, or was added by hand, would be written over. @throws CliError `CLI_OPTION` */
function refuseOtherTargets(
  targets: readonly string[],
  { pems }: Delivered,
  { directory }: RenewalSetting,
): void {
  const own = new Set(pems.map(({ path }) => path));
  const [other, ...more] = targets.filter((path) => !own.has(path));
  if (other === undefined) return;
  const all = more.length > 0 ? `${other} and ${more.length} more` : other;
  throw refused(
    printableLine(
      `${directory}/targets on the host has ${all}, which this stack does not have: nothing would renew that.`,
    ),
    `Give this stack a --directory, a --work-directory and a --cron-file of its own. If nothing has to renew that, move ${directory}/targets away.`,
  );
}

/** Has dehydrated renew what is installed, if it is to be done. */
async function renewOnHost(
  work: HostWork,
  delivered: Delivered,
  { setting, flags }: { readonly setting: RenewalSetting; readonly flags: EjectFlags },
): Promise<Left> {
  refuseOtherTargets(await work.targets(setting.directory), delivered, setting);
  const installed = await work.installed(delivered.pems);
  const rows = renewalRows(installed);
  const read = new Set(installed.map(({ path }) => path));
  const left = delivered.pems.map(({ path }) => path).filter((path) => !read.has(path));
  const copies = await work.copies(setting.workDirectory, rows);
  const inState = (state: CopyState) => rows.filter((row) => copyState(row, copies.get(row.alias)) === state);
  const newer = inState("newer");
  const unproven = setting.webroot === null ? [] : rows.filter(hasWildcard);
  if (!flags.yes) return { rows, left, newer, unproven, kept: [] };
  const { failed, kept } = await work.writeRenewal({
    texts: renewalTexts(rows, delivered.activations, setting),
    settings: rowSettings(rows),
    outdated: inState("outdated"),
    setting,
    cronFile: flags.cronFile,
    cron: cronText(setting),
  });
  return { rows, left: [...left, ...failed], newer, unproven, kept };
}
