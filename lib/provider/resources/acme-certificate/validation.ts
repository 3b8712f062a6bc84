import { isIPv4, isIPv6 } from "node:net";
import { isEncryptedKey } from "../../../shared/encrypted-key";
import { pathProblem } from "../../../shared/transport/paths";
import { validateLocalFile } from "../../adoption/file-path";
import type { KeyPassphrases } from "../../keys/key-passphrases";
import { ACME } from "../../messages/acme";
import { CERTIFICATE } from "../../messages/certificates";
import { CONFIGURATION } from "../../messages/configuration";
import type { Diagnostics } from "../../protocol/diagnostics";
import { isUnknown } from "../../protocol/values/unknown";
import { readAccountKey } from "../account-key";
import { validateDirectory } from "../acme-directory";
import { validateDistinct, validateNames } from "../certificate-names";
import { refuseEmptyText, refuseEmptyTexts } from "../empty-text";
import { refuseNul } from "../program-arguments";
import { validateStateId } from "../state-id";
import type { Config } from "./schema";

/** A year; more is a mistake. */
const LONGEST_INTERVAL_HOURS = 8_784;

export function validate(config: Config, passphrases: KeyPassphrases, diagnostics: Diagnostics): void {
  validateDirectory(config, diagnostics);
  validateStateId(config, diagnostics);
  refuseEmptyText(config, "account_url", "Write `url` of a `mailsni_acme_account`.", diagnostics);
  refuseEmptyTexts(config, ["profile", "preferred_chain", "adopt_ordered_by"], diagnostics);
  validateNames(config.names, diagnostics);
  if (config.optional_names !== null) {
    const { names, optional_names } = config;
    if (!diagnostics.hasErrors) validateDistinct({ names, optional_names }, diagnostics);
    refuseWildcards("optional_names", optional_names, "Write it among names, or leave it out.", diagnostics);
  }
  validateChallenge(config, diagnostics);
  validateAdoption(config, diagnostics);
  requireFraction(config.critical_fraction, diagnostics);
  const { max_new_orders_per_run: most } = config;
  if (typeof most === "number" && !(Number.isInteger(most) && most >= 1)) {
    diagnostics.error(
      ACME.notOrders,
      `max_new_orders_per_run is ${most}. Write a whole number, at least 1.`,
      ["max_new_orders_per_run"],
    );
  }
  const { run_interval_hours: interval } = config;
  if (typeof interval === "number" && !(interval > 0 && interval <= LONGEST_INTERVAL_HOURS)) {
    diagnostics.error(
      CERTIFICATE.hoursOutOfRange,
      `run_interval_hours is ${interval}. Write the hours between two applies, above 0 and up to ${LONGEST_INTERVAL_HOURS}.`,
      ["run_interval_hours"],
    );
  }
  const { account_key_pem: key } = config;
  if (typeof key === "string" && !isEncryptedKey(key)) {
    readAccountKey(key, passphrases, ["account_key_pem"], diagnostics);
  }
}

function validateAdoption(config: Config, diagnostics: Diagnostics): void {
  const { adopt_certificate_file: certificate, adopt_private_key_file: key } = config;
  if ((certificate === null) !== (key === null)) {
    diagnostics.error(
      ACME.halfAdoption,
      "adopt_certificate_file and adopt_private_key_file belong together. Write both, or neither.",
      ["names"],
    );
  }
  validateLocalFile(certificate, "adopt_certificate_file", diagnostics);
  validateLocalFile(key, "adopt_private_key_file", diagnostics);
}

function validateChallenge({ challenge, names }: Config, diagnostics: Diagnostics): void {
  if (isUnknown(challenge)) return;
  const { webroot, hook, propagation_seconds: seconds, dns_servers: servers } = challenge;
  if ((webroot === null) === (hook === null)) {
    diagnostics.error(
      ACME.notOneChallenge,
      "Write either webroot, for tokens that a web server on the mail hosts serves, or hook, for TXT records.",
      ["challenge"],
    );
  }
  const problem = typeof webroot === "string" ? pathProblem(webroot) : undefined;
  if (problem !== undefined) {
    diagnostics.error(CONFIGURATION.notDirectoryPath, `${JSON.stringify(webroot)}: ${problem}.`, [
      "challenge",
      "webroot",
    ]);
  }
  if (webroot !== null && hook === null) {
    refuseWildcards("names", names, "Use a DNS hook, or take the wildcard out.", diagnostics);
  }
  if (hook !== null && !isUnknown(hook) && (hook.length === 0 || hook[0] === "")) {
    diagnostics.error(
      ACME.noProgram,
      "The list begins with no program. Write the program and its arguments.",
      ["challenge", "hook"],
    );
  }
  if (hook !== null && !isUnknown(hook)) refuseNul(hook, diagnostics, ["challenge", "hook"]);
  if (typeof seconds === "number" && !(Number.isInteger(seconds) && seconds >= 0 && seconds <= 3600)) {
    diagnostics.error(
      ACME.notSeconds,
      `propagation_seconds is ${seconds}. Write a whole number from 0 to 3600.`,
      ["challenge", "propagation_seconds"],
    );
  }
  if (servers !== null && !isUnknown(servers)) {
    for (const [index, server] of servers.entries()) validateServer(server, index, diagnostics);
  }
}

function validateServer(server: unknown, index: number, diagnostics: Diagnostics): void {
  if (typeof server !== "string" || isServer(server)) return;
  diagnostics.error(
    ACME.notDnsServer,
    `${JSON.stringify(server)} is not a DNS server address. Write an address with or without a port: "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53".`,
    ["challenge", "dns_servers", index],
  );
}

/** Whether Node.js accepts the address: any other makes it throw or end the process. */
function isServer(text: string): boolean {
  const [, inBrackets, plain = "", port = "53"] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  const isAddress = inBrackets === undefined ? isIPv4(plain) || isIPv6(text) : isIPv6(inBrackets);
  return isAddress && Number(port) >= 1 && Number(port) <= 65_535;
}

/** CAs validate wildcards by DNS challenges only. */
function refuseWildcards(
  attribute: "names" | "optional_names",
  names: Config["names"] | Config["optional_names"],
  remedy: string,
  diagnostics: Diagnostics,
): void {
  if (names === null || isUnknown(names)) return;
  for (const [index, name] of names.entries()) {
    if (typeof name !== "string" || !name.startsWith("*.")) continue;
    diagnostics.error(
      ACME.wildcardNotPossible,
      `${name} can be validated by a DNS challenge only. ${remedy}`,
      [attribute, index],
    );
  }
}

function requireFraction(fraction: Config["critical_fraction"], diagnostics: Diagnostics): void {
  if (typeof fraction !== "number" || (fraction >= 0 && fraction <= 1)) return;
  diagnostics.error(ACME.notFraction, `critical_fraction is ${fraction}. Write a number from 0 to 1.`, [
    "critical_fraction",
  ]);
}
