import { printableLine } from "../../shared/text/printable";
import { shellQuote } from "../../shared/transport/shell-quote";
import { plural } from "../output/plural";
import { shownWord } from "../output/shown-command";
import type { Delivered } from "./delivered";
import { type RenewalRow, type RenewalSetting, ROW_SETTINGS, rowSettings } from "./plain-renewal";
import { kindSettings } from "./row-key";

/** What `eject` does or would do for a host. */
export interface Leaving {
  readonly host: string;
  readonly stack: string;
  /** The directory in which the engine runs for the stack. */
  readonly directory: string;
  readonly engine: string;
  readonly delivered: Delivered;
  readonly stateDirectory: string;
  /** Null without `--dehydrated`. */
  readonly renewal: {
    readonly setting: RenewalSetting;
    readonly rows: readonly RenewalRow[];
    readonly cronFile: string;
  } | null;
  /** Files from which no certificate could be taken. */
  readonly left: readonly string[];
  /** Rows of which dehydrated has a newer certificate than is installed. */
  readonly newer: readonly RenewalRow[];
  /** Rows with a wildcard, which the web server cannot prove. */
  readonly unproven: readonly RenewalRow[];
  /** Rows whose settings are a file of an administrator, without the kind of their key. */
  readonly kept: readonly RenewalRow[];
  readonly isDone: boolean;
}

/** The steps, as text. */
export function leavingReport(leaving: Leaving): string {
  const steps = [onHostStep(leaving), programStep(leaving), stateStep(leaving), checkStep(leaving)];
  const numbered = steps.map(([title, ...lines], index) =>
    [`${index + 1}. ${title}`, ...lines.map((line) => `   ${line}`)].join("\n"),
  );
  return `${numbered.join("\n\n")}\n`;
}

type StepLines = readonly [title: string, ...lines: string[]];

function onHostStep(leaving: Leaving): StepLines {
  const { host, delivered, renewal, stateDirectory, isDone, left } = leaving;
  const title = isDone ? `On ${host}: done.` : `On ${host}: with --yes, this command does it.`;
  const kept = "Certificates, links and the servers' configuration stay as they are.";
  const ledger = delivered.issuesItself
    ? "The host issues certificates itself: the renewal program, its timer and its ledger stay, and need no deploy."
    : `${stateDirectory}/ledger becomes ledger.ejected: no stack owns a file there. If other stacks have files on the host, the ledger keeps those.`;
  return [
    printableLine(title),
    kept,
    ...renewalLines(renewal),
    ...left.map(leftLine),
    ...leaving.unproven.map(unprovenLine),
    ...newerLines(leaving),
    ...keptLines(leaving),
    ledger,
    ...retiredLines(leaving),
  ].map((line) => printableLine(line)) as unknown as StepLines;
}

function renewalLines(renewal: Leaving["renewal"]): string[] {
  if (renewal === null) return [];
  const { setting, rows, cronFile } = renewal;
  return [
    `dehydrated renews ${plural(rows.length, "certificate")} from now on: ${setting.directory} has its configuration, rows, hook, and a table of the files.`,
    ...keyLines(rows, setting),
    ...stackLines(setting),
    `${setting.workDirectory}/certs gets copies of keys and certificates, so that none is ordered before it is due.`,
    `${cronFile} starts it twice a day. It makes an account with ${setting.ca}.`,
  ];
}

/** What becomes of what the stack asks for. */
function stackLines({ keepsKeys, notAsked, directory }: RenewalSetting): string[] {
  const kept = `Renewals keep the keys, as reuseKey does in the stack, so that TLSA records stay right: ${directory}/config has PRIVATE_KEY_RENEW=no.`;
  const lost = `Not asked for any more: ${notAsked.join(", ")}. Renewed certificates are what the CA issues by default. See which settings your dehydrated has for it.`;
  return [...(keepsKeys ? [kept] : []), ...(notAsked.length > 0 ? [lost] : [])];
}

/** What becomes of the kinds of keys. */
function keyLines(rows: readonly RenewalRow[], { directory, keepsKeys }: RenewalSetting): string[] {
  const others = rowSettings(rows).filter(({ isNeeded }) => isNeeded);
  const lost = keepsKeys ? [] : rows.filter(({ key }) => key.lost !== null);
  const kinds =
    others.length === 0
      ? []
      : [
          `${directory}/${ROW_SETTINGS} has the kind of key of ${plural(others.length, "row")}, which is not that of most.`,
        ];
  return [...kinds, ...lost.map(lostLine)];
}

function lostLine({ alias, key }: RenewalRow): string {
  return `Renewed with another kind of key: ${alias} has ${key.lost}, which dehydrated does not make. Its next key is made with ${inLine(kindSettings(key))}.`;
}

function keptLines({ kept, renewal }: Leaving): string[] {
  return kept.map(
    ({ alias, key }) =>
      `Not written: ${renewal?.setting.directory}/${ROW_SETTINGS}/${alias} was not written by this command. Its next key is of another kind, unless you add these lines: ${inLine(kindSettings(key))}.`,
  );
}

function inLine(settings: string): string {
  return settings.trimEnd().replaceAll("\n", " ");
}

function leftLine(path: string): string {
  return `Not renewed: ${path} has no certificate with a key that could be read.`;
}

function unprovenLine({ alias, names }: RenewalRow): string {
  const wildcards = names.filter((name) => name.startsWith("*")).join(" ");
  return `Cannot be renewed: ${alias} is for ${wildcards}, and only DNS proves a wildcard. Run the command again with --dns-hook.`;
}

function newerLines({ newer, renewal }: Leaving): string[] {
  if (renewal === null) return [];
  const { directory, workDirectory } = renewal.setting;
  const hook = shownWord(`${directory}/hook`);
  return newer.flatMap(({ alias, files: [file] }) => {
    const words = ["privkey", "cert", "fullchain"].map(
      (name) => `${workDirectory}/certs/${alias}/${name}.pem`,
    );
    return [
      `Not copied: dehydrated has renewed ${alias} since, and ${file?.path} does not have the new certificate. The next run of dehydrated installs it. To do it now:`,
      `  ${hook} deploy_cert ${[alias, ...words].map(shellQuote).join(" ")} && ${hook} exit_hook`,
    ];
  });
}

/** A deploy after the host has left would take its files back. */
function retiredLines({ delivered: { addresses }, isDone }: Leaving): string[] {
  if (!addresses.some((address) => address.startsWith("mailsni_retired_renewers."))) return [];
  const how = isDone
    ? 'see "Switching on by hand" in docs/procedures.md'
    : "remove `retire` and deploy before you go on";
  return [
    `Old renewers stay switched off. To switch them on again, ${how}.`,
    'They renew their own files alone: see "Back to the old renewer" in docs/recipes/leaving.md.',
  ];
}

function programStep({ host, delivered }: Leaving): StepLines {
  const what = isLastHost(delivered)
    ? `remove the MailSni, its issuers and the mail host, since ${host} is the only one`
    : `remove the mail host ${host}`;
  return [
    printableLine(
      `In the program: ${what}. Do not deploy before step 3 is done: a deploy would remove its files. Stop the timer or cron line of "mail-sni renew" until then: a renewal would take the files back.`,
    ),
  ];
}

function isLastHost({ others }: Delivered): boolean {
  return !others.some((address) => /^mailsni_host_/.test(address));
}

function stateStep({ stack, directory, engine, delivered }: Leaving): StepLines {
  const { addresses, others } = delivered;
  const isLast = isLastHost(delivered);
  const forgotten = isLast
    ? [...addresses, ...others.filter((address) => address.startsWith("mailsni_"))]
    : addresses;
  const about = isLast ? "it has no other host" : "the other hosts keep theirs";
  return [
    printableLine(
      `In the state of the stack ${stack}: forget what was declared for the host (${about}). A copy of the state is its backup: it may hold keys.`,
    ),
    printableLine(`cd ${shellQuote(directory)} && ${shownWord(engine)} state rm \\`),
    ...forgotten.map((address, index) =>
      printableLine(`  ${shellQuote(address)}${index < forgotten.length - 1 ? " \\" : ""}`),
    ),
  ];
}

function checkStep({ renewal }: Leaving): StepLines {
  if (renewal === null)
    return [
      "Afterwards: nothing renews the certificates that the stack has issued. Install renewed ones in the same files, and reload the servers.",
    ];
  const configuration = shownWord(`${renewal.setting.directory}/config`);
  return [
    "Afterwards: see that it works.",
    printableLine(
      `dehydrated -c --accept-terms -f ${configuration}         # "Valid till …": nothing is due`,
    ),
    printableLine(`dehydrated -c --force --accept-terms -f ${configuration} # renews all of them now`),
  ];
}
