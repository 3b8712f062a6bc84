import {
  type DoveconfSetting,
  doveconfSettings,
  fileIn,
  isCertificate,
} from "../../../shared/dovecot/doveconf-settings";
import {
  BLOCK_RULES_23,
  BLOCK_RULES_24,
  type BlockRules,
  LocalNameBlocks,
} from "../../../shared/dovecot/local-name-blocks";
import { MailSniError } from "../../../shared/errors";
import type { ConfigurationFile } from "../../inputs/configuration-files";
import type { FoundServer, Pair, ServerEntry } from "./server";
import { ofKind } from "./source";

/** Dovecot as it was found, or why its configuration cannot be read. */
export interface FoundDovecot {
  readonly server: FoundServer | null;
  /** Certificates in blocks other than `local_name`, which hold for some clients alone: the blocks, outermost first. */
  readonly conditional: readonly (readonly string[])[];
  /** Whether the files were read instead of what `doveconf` says. */
  readonly isFromFiles: boolean;
  /** Why nothing is known. */
  readonly problem: string | null;
}

const NAME = "doveconf -n";

/**
 * Reads the output of `doveconf -n`, or the files themselves without `doveconf`.
 *
 * @param listing what `doveconf` has printed
 * @param sources the same lines of the files
 * @returns null if there is no Dovecot
 */
export function readDovecot(
  listing: readonly ConfigurationFile[],
  sources: readonly ConfigurationFile[],
): FoundDovecot | null {
  const [main] = ofKind(listing, "dovecot");
  if (main === undefined) return null;
  const said = textOf([main]);
  // One of another version prints its own version, and fails then.
  const isFromFiles = main.status !== 0 || !said.startsWith("# 2.");
  const text = isFromFiles ? listingFrom(ofKind(sources, "dovecot")) : said;
  try {
    return { ...found(text), isFromFiles, problem: null };
  } catch (error) {
    if (!(error instanceof MailSniError)) throw error;
    return { server: null, conditional: [], isFromFiles, problem: error.problem };
  }
}

function textOf(files: readonly ConfigurationFile[]): string {
  return files.flatMap(({ lines }) => lines.map(({ text }) => text)).join("\n");
}

/** The settings of the files that matter here. */
const READ = /^((ssl_)?(server_)?(cert|key)(_file)?|dovecot_config_version) =/;

/** The files as `doveconf` would print them. */
function listingFrom(files: readonly ConfigurationFile[]): string {
  const lines = textOf(files)
    .split("\n")
    .map((line) =>
      withoutComment(line)
        .replace(/^(\w+)\s*=\s*/, "$1 = ")
        .replaceAll('"', ""),
    )
    .map((line) => (line.endsWith("{") ? `${line.slice(0, -1).trimEnd()} {` : line))
    .filter((line) => !/^\w+ = /.test(line) || READ.test(line));
  const is24 = lines.some((line) => /^(dovecot_config_version|ssl_server_cert_file) =/.test(line));
  return [`# ${is24 ? "2.4" : "2.3"}`, ...lines].join("\n");
}

function withoutComment(line: string): string {
  const at = line.indexOf("#");
  return (at < 0 ? line : line.slice(0, at)).trim();
}

/** A setting, and its index among all. */
interface Positioned extends DoveconfSetting {
  readonly at: number;
}

function found(text: string): Pick<FoundDovecot, "server" | "conditional"> {
  const version = text.startsWith("# 2.3") ? "2.3" : "2.4";
  const settings = doveconfSettings(text, NAME);
  const certificates = settings
    .map((setting, at): Positioned => ({ ...setting, at }))
    .filter((setting) => isCertificate(setting) && setting.value !== "");
  const isLocalName = ({ blocks: [outer, ...inner] }: DoveconfSetting) =>
    outer?.startsWith("local_name ") === true && inner.length === 0;
  // Of several in a block the last is in force.
  const named = new Map(certificates.filter(isLocalName).map((setting) => [setting.blocks, setting]));
  const entries = [...named.values()].map((setting) => entryOf(setting, settings));
  const [fallback] = certificates.filter(({ blocks }) => blocks.length === 0).slice(-1);
  const conditional = certificates
    .filter((setting) => setting.blocks.length > 0 && !isLocalName(setting))
    .map(({ blocks }) => blocks);
  const server: FoundServer = {
    kind: "dovecot",
    title: `Dovecot ${version}`,
    version,
    fallback: fallback === undefined ? null : pairOf(fallback, settings),
    entries,
    entryFor: choice(version === "2.3" ? BLOCK_RULES_23 : BLOCK_RULES_24, entries),
  };
  return { server, conditional };
}

function entryOf(setting: Positioned, settings: readonly DoveconfSetting[]): ServerEntry {
  const block = setting.blocks[0] as string;
  const names = block.slice("local_name ".length).trim().toLowerCase().split(/\s+/);
  return { names, title: block, ...pairOf(setting, settings) };
}

/** The certificate with the key of the same block: the setting that follows it. */
function pairOf(certificate: Positioned, settings: readonly DoveconfSetting[]): Pair {
  const { at } = certificate;
  const beside = settings.slice(Math.max(at - 3, 0), at + 4);
  const key = beside.find(({ name, blocks }) => KEY.test(name) && blocks === certificate.blocks);
  return { certificate: fileIn(certificate.value), key: key === undefined ? null : fileIn(key.value) };
}

const KEY = /^(ssl_key|ssl_server_key_file|ssl_server\/key_file)$/;

/** Which entry a version of Dovecot selects, by the code that the SNI table uses. */
function choice(rules: BlockRules, entries: readonly ServerEntry[]): FoundServer["entryFor"] {
  const blocks = new LocalNameBlocks(
    rules,
    entries.map(({ names, certificate }) => ({ names: [...names], certificate })),
  );
  // Blocks with the same names are merged, and the settings of the last are in force.
  const byBlock = new Map(entries.map((entry) => [keyOf(entry), entry]));
  return (name) => {
    const chosen = blocks.chosen(name);
    return chosen && byBlock.get(keyOf(chosen));
  };
}

function keyOf({ names, certificate }: Pick<ServerEntry, "names" | "certificate">): string {
  return JSON.stringify([names, certificate]);
}
