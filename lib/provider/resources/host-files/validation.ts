import { MailSniError } from "../../../shared/errors";
import { parseCertificateName } from "../../../shared/host-name";
import { pathProblem } from "../../../shared/transport/paths";
import { LARGEST_FILE_BYTES } from "../../host/record/facts";
import { CONFIGURATION } from "../../messages/configuration";
import type { Diagnostics } from "../../protocol/diagnostics";
import type { PlannedOf } from "../../protocol/resource";
import { isUnknown } from "../../protocol/values/unknown";
import { refuseEmptyTexts } from "../empty-text";
import { validateStateId } from "../state-id";
import { linkedPath } from "./desired-change";
import type { HostFilesAttributes } from "./schema";

type Config = PlannedOf<HostFilesAttributes>;

/** Refuses what is invalid on any host. */
export function validate({ config, diagnostics }: { config: Config; diagnostics: Diagnostics }): void {
  validateStateId(config, diagnostics);
  validatePaths(config, diagnostics);
  validateModes(config, diagnostics);
  validateOwners(config, diagnostics);
  validateContents(config, diagnostics);
  validateLinks(config, diagnostics);
  validatePlaceholders(config, diagnostics);
}

function validatePaths(config: Config, diagnostics: Diagnostics): void {
  const seen = new Map<string, string>();
  for (const attribute of ["directories", "files", "links", "placeholders"] as const) {
    for (const path of Object.keys(entries<unknown>(config[attribute]))) {
      const problem = pathProblem(path);
      if (problem) {
        const expected = "Write an absolute path such as /var/qmail/control/servercert.pem.";
        diagnostics.error(CONFIGURATION.notFilePath, `${JSON.stringify(path)}: ${problem}. ${expected}`, [
          attribute,
          path,
        ]);
      }
      const other = seen.get(path);
      if (other && attribute !== "placeholders") {
        diagnostics.error(
          CONFIGURATION.pathTwice,
          `${path} is declared in ${other} and in ${attribute}. Declare it once.`,
          [attribute, path],
        );
      }
      seen.set(path, attribute);
    }
  }
}

function validateModes(config: Config, diagnostics: Diagnostics): void {
  for (const attribute of ["directories", "files", "placeholders"] as const) {
    for (const [path, entry] of Object.entries(entries(config[attribute]))) {
      const mode = isUnknown(entry) ? null : entry.mode;
      if (typeof mode !== "string" || /^[0-7]?[0-7]{3}$/.test(mode)) continue;
      diagnostics.error(
        CONFIGURATION.notMode,
        `"${mode}" is not a file mode. Write permission bits in octal, such as "0640".`,
        [attribute, path, "mode"],
      );
    }
  }
}

/** `chown` takes an empty name for none. */
function validateOwners(config: Config, diagnostics: Diagnostics): void {
  for (const attribute of ["directories", "files", "placeholders"] as const) {
    for (const [path, entry] of Object.entries(entries(config[attribute])))
      if (!isUnknown(entry)) refuseEmptyTexts(entry, ["owner", "group"], diagnostics, [attribute, path]);
  }
}

function validateContents(config: Config, diagnostics: Diagnostics): void {
  const files = entries(config.files);
  const secrets = entries(config.secrets);
  for (const [path, file] of Object.entries(files)) {
    if (isUnknown(file)) continue;
    const at = ["files", path];
    refuseTooLarge(path, file.text, at, diagnostics);
    if (typeof file.text === "string" && file.text.includes("\0")) {
      diagnostics.error(
        CONFIGURATION.notText,
        `The text of ${path} holds a NUL character, which a configuration file must not contain.`,
        at,
      );
    }
    if (file.text === null && !isUnknown(config.secrets) && !(path in secrets)) {
      diagnostics.error(
        CONFIGURATION.fileWithoutContents,
        `${path} has no text, and secrets has no PEM for it. Give one of them.`,
        at,
      );
    }
    if (typeof file.text === "string" && path in secrets) {
      diagnostics.error(
        CONFIGURATION.fileWithTwoContents,
        `${path} has a text, and a PEM in secrets. Leave out one.`,
        at,
      );
    }
  }
  for (const [path, pem] of Object.entries(secrets))
    refuseTooLarge(path, pem, ["secrets", path], diagnostics);
  if (isUnknown(config.files)) return;
  for (const path of Object.keys(secrets)) {
    if (path in files) continue;
    diagnostics.error(
      CONFIGURATION.pemForNoFile,
      `secrets has a PEM for ${path}, which is not in files. Declare the file.`,
      ["secrets", path],
    );
  }
}

/** Such a file would be written, and then not be known on the host. */
function refuseTooLarge(
  path: string,
  contents: unknown,
  at: readonly string[],
  diagnostics: Diagnostics,
): void {
  if (typeof contents !== "string" || Buffer.byteLength(contents) <= LARGEST_FILE_BYTES) return;
  diagnostics.error(
    CONFIGURATION.tooLarge,
    `The contents of ${path} are larger than ${LARGEST_FILE_BYTES / 2 ** 20} MiB. Declare less, or deliver the file in another way.`,
    at,
  );
}

function validateLinks(config: Config, diagnostics: Diagnostics): void {
  if (isUnknown(config.files)) return;
  const files = entries(config.files);
  for (const [path, target] of Object.entries(entries(config.links))) {
    if (isUnknown(target) || (!target.startsWith("/") && linkedPath(path, target) in files)) continue;
    diagnostics.error(
      CONFIGURATION.linkToNowhere,
      `${path} points to ${JSON.stringify(target)}. A link is relative, and leads to one of this resource's files.`,
      ["links", path],
    );
  }
}

function validatePlaceholders(config: Config, diagnostics: Diagnostics): void {
  for (const [path, placeholder] of Object.entries(entries(config.placeholders))) {
    if (isUnknown(placeholder)) continue;
    const at = ["placeholders", path];
    const { config_file: file, config_text: text, names } = placeholder;
    if ((file === null) !== (text === null)) {
      diagnostics.error(
        CONFIGURATION.halfPlaceholder,
        `config_file and config_text of ${path} go together. Set both, or neither.`,
        at,
      );
    }
    const problem = typeof file === "string" ? pathProblem(file) : undefined;
    if (problem) diagnostics.error(CONFIGURATION.notFilePath, `${JSON.stringify(file)}: ${problem}.`, at);
    for (const name of isUnknown(names) ? [] : names) {
      const notAName = typeof name === "string" ? nameProblem(name) : undefined;
      if (notAName) diagnostics.error(CONFIGURATION.notHostName, notAName, [...at, "names"]);
    }
  }
}

function nameProblem(name: string): string | undefined {
  try {
    parseCertificateName(name);
    return undefined;
  } catch (error) {
    if (!(error instanceof MailSniError)) throw error;
    return error.message;
  }
}

/** The entries of a map; empty if it is unknown. */
function entries<T>(map: Readonly<Record<string, T>> | null | symbol): Readonly<Record<string, T>> {
  return map === null || typeof map === "symbol" ? {} : map;
}
