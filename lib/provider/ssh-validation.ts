import { MailSniError } from "../shared/errors";
import { parseProxyJump, parseSshDestination } from "../shared/ssh-destination";
import { checkSshFile } from "../shared/ssh-file";
import { parseHostKey } from "../shared/ssh-host-key";
import { pathProblem } from "../shared/transport/paths";
import { TAKE_OVER_VARIABLE } from "./host/apply/other-state";
import { isStateId } from "./host/record/states";
import { CONFIGURATION } from "./messages/configuration";
import { requireChoice } from "./protocol/choices";
import type { Diagnostics } from "./protocol/diagnostics";
import { VALUE } from "./protocol/messages";
import type { AttributePath } from "./protocol/schema/attribute-path";
import { isUnknown, type Plannable } from "./protocol/values/unknown";
import {
  type HostConfig,
  SERVED_CHOICES,
  SERVED_VARIABLE,
  takesOver,
  UNREACHABLE_CHOICES,
  UNREACHABLE_VARIABLE,
} from "./provider-config";

/** The SSH settings of a host in a configuration, in which anything may be unknown. */
type SshConfig = { readonly [K in keyof Omit<HostConfig, "services">]: Plannable<HostConfig[K]> };

const ONLY_WITH_ADDRESS = [
  "ssh_config_file",
  "identity_file",
  "known_hosts_file",
  "host_keys",
  "proxy_jump",
  "become",
] as const;

/** Refuses settings that ssh would misread, or that contradict each other. */
export function validateSsh(host: SshConfig, path: AttributePath, diagnostics: Diagnostics): void {
  requireChoice(host.on_unreachable, UNREACHABLE_CHOICES, [...path, "on_unreachable"], diagnostics);
  check(host.address, parseSshDestination, [...path, "address"], diagnostics);
  check(host.proxy_jump, parseProxyJump, [...path, "proxy_jump"], diagnostics);
  for (const file of ["ssh_config_file", "identity_file", "known_hosts_file"] as const) {
    check(host[file], (given) => checkSshFile(file, given), [...path, file], diagnostics);
  }
  if (host.host_keys !== null && !isUnknown(host.host_keys)) {
    host.host_keys.forEach((key, index) => {
      check(key, parseHostKey, [...path, "host_keys", index], diagnostics);
    });
  }
  if (host.address === null) refuseWithoutAddress(host, path, diagnostics);
  else validateRoot(host.root, path, diagnostics);
}

const CHOICES: readonly (readonly [variable: string, choices: readonly string[]])[] = [
  [UNREACHABLE_VARIABLE, UNREACHABLE_CHOICES],
  [SERVED_VARIABLE, SERVED_CHOICES],
];

/** Refuses a value of the environment that is not allowed. */
export function validateEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  diagnostics: Diagnostics,
): void {
  for (const [variable, choices] of CHOICES) {
    const value = environment[variable];
    if (!value || choices.includes(value)) continue;
    const allowed = choices.map((choice) => `"${choice}"`).join(" or ");
    diagnostics.error(
      VALUE.notAllowed,
      `The environment variable ${variable} is ${JSON.stringify(value)}. Set it to ${allowed}, or unset it.`,
    );
  }
  for (const id of takesOver(environment)) {
    if (isStateId(id)) continue;
    diagnostics.error(
      CONFIGURATION.notStateId,
      `The environment variable ${TAKE_OVER_VARIABLE} holds ${JSON.stringify(id)}. Set it to the identity that the message ` +
        "about the other state names, 16 hexadecimal digits; separate several with commas.",
    );
  }
}

function check(
  value: Plannable<string | null>,
  parse: (given: string) => unknown,
  path: AttributePath,
  diagnostics: Diagnostics,
): void {
  if (typeof value !== "string") return;
  try {
    parse(value);
  } catch (error) {
    if (!(error instanceof MailSniError)) throw error;
    diagnostics.error(CONFIGURATION.notReachable, error.message, path);
  }
}

function refuseWithoutAddress(host: SshConfig, path: AttributePath, diagnostics: Diagnostics): void {
  for (const name of ONLY_WITH_ADDRESS) {
    if (host[name] === null) continue;
    diagnostics.error(
      CONFIGURATION.sshWithoutAddress,
      `${name} applies to SSH only, and the host has no address. Set address, or leave ${name} out.`,
      [...path, name],
    );
  }
}

/** On a host that is reached by SSH the root must be absolute: there is no stack's folder. */
function validateRoot(root: Plannable<string | null>, path: AttributePath, diagnostics: Diagnostics): void {
  const problem = typeof root === "string" && root !== "/" ? pathProblem(root) : undefined;
  if (!problem) return;
  diagnostics.error(CONFIGURATION.notDirectoryPath, `${JSON.stringify(root)}: ${problem}.`, [
    ...path,
    "root",
  ]);
}
