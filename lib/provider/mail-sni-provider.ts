import type { Summary } from "../shared/summary";
import { pathProblem } from "../shared/transport/paths";
import { AcmeDirectories } from "./acme/directories";
import type { HostSettings } from "./host/desired/host-settings";
import { Hosts } from "./host/hosts";
import { KeyPassphrases } from "./keys/key-passphrases";
import { CONFIGURATION } from "./messages/configuration";
import { requireChoice } from "./protocol/choices";
import type { Diagnostics } from "./protocol/diagnostics";
import type { Provider } from "./protocol/provider";
import type { PlannedOf } from "./protocol/resource";
import { isUnknown, isWhollyKnown, type Plannable } from "./protocol/values/unknown";
import {
  attributes,
  type HostConfig,
  hostSettings,
  onUnreachable,
  type ProviderAttributes,
  takesOver,
} from "./provider-config";
import { acmeAccount } from "./resources/acme-account";
import { acmeCertificate } from "./resources/acme-certificate";
import { hostFiles } from "./resources/host-files";
import { IssuedHere, noting } from "./resources/issued-here";
import { privateCa } from "./resources/private-ca";
import { privateCertificate } from "./resources/private-certificate";
import { servedCertificates } from "./resources/served-certificates";
import { stateIdentity } from "./resources/state-identity";
import { validateEnvironment, validateSsh } from "./ssh-validation";

/** The provider `mailsni` with its resources. */
export function mailSniProvider(): Provider<ProviderAttributes, Hosts> {
  const opened: Hosts[] = [];
  const directories = new AcmeDirectories();
  const passphrases = KeyPassphrases.takenFrom(process.env);
  const issued = new IssuedHere();
  return {
    schema: {
      version: 0,
      description:
        "Issues TLS certificates and keeps the files of mail hosts as declared, so that each client is presented the " +
        "certificate of the name that it requests (SNI).",
      attributes,
    },
    resources: {
      mailsni_acme_account: acmeAccount(directories, passphrases),
      mailsni_acme_certificate: noting(acmeCertificate(directories, passphrases), issued),
      mailsni_host_files: hostFiles(passphrases, issued),
      mailsni_private_ca: privateCa(passphrases),
      mailsni_private_certificate: noting(privateCertificate(passphrases), issued),
      mailsni_state_identity: stateIdentity(),
    },
    dataSources: { mailsni_served_certificates: servedCertificates(process.env) },
    validate: ({ config, diagnostics }) => validate(config, diagnostics),
    configure({ config, diagnostics }) {
      // Validates once more: values that were unknown in a plan may be known now.
      validate(config, diagnostics);
      validateEnvironment(process.env, diagnostics);
      passphrases.validate(diagnostics);
      const stack = isUnknown(config.stack) ? "" : config.stack;
      const hosts = new Hosts(
        stack,
        settingsOf(config.hosts),
        onUnreachable(process.env),
        takesOver(process.env),
      );
      opened.push(hosts);
      return hosts;
    },
    async finish() {
      await Promise.all(opened.map((hosts) => hosts.noteEndedStates()));
    },
    async close() {
      directories.close();
      await Promise.all(opened.map((hosts) => hosts.close()));
    },
  };
}

type HostsConfig = PlannedOf<ProviderAttributes>["hosts"];

function settingsOf(hosts: HostsConfig): ReadonlyMap<string, HostSettings | null> {
  if (hosts === null || isUnknown(hosts)) return new Map();
  return new Map(
    Object.entries(hosts).map(([name, config]) => [
      name,
      isWhollyKnown<HostConfig>(config) ? hostSettings(name, config, process.env) : null,
    ]),
  );
}

function validate({ stack, hosts }: PlannedOf<ProviderAttributes>, diagnostics: Diagnostics): void {
  if (typeof stack === "string" && !/^[^\s\x7f]{1,200}$/.test(stack)) {
    diagnostics.error(
      CONFIGURATION.notStack,
      `${JSON.stringify(stack)} is empty, too long or contains white space. Choose another name.`,
      ["stack"],
    );
  }
  if (hosts === null || isUnknown(hosts)) return;
  for (const [name, host] of Object.entries(hosts)) {
    validateKey(CONFIGURATION.notHostId, name, ["hosts", name], diagnostics);
    if (isUnknown(host)) continue;
    requireChoice(host.ownership, ["apply", "skip"], ["hosts", name, "ownership"], diagnostics);
    validateStateDirectory(host.state_directory, name, diagnostics);
    validateSsh(host, ["hosts", name], diagnostics);
    if (host.services === null || isUnknown(host.services)) continue;
    for (const [key, service] of Object.entries(host.services)) {
      validateKey(CONFIGURATION.notServiceName, key, ["hosts", name, "services", key], diagnostics);
      if (isUnknown(service)) continue;
      validateService(service, ["hosts", name, "services", key], diagnostics);
    }
  }
}

/** Names of services are written to a host's ledger, names of hosts to messages. */
function validateKey(
  summary: Summary,
  name: string,
  path: readonly string[],
  diagnostics: Diagnostics,
): void {
  if (/^[^\p{Cc}]{1,200}$/u.test(name)) return;
  diagnostics.error(
    summary,
    `${JSON.stringify(name)} is empty, too long or has control characters in it. Write one line of at most 200 characters.`,
    path,
  );
}

type ServiceConfig = Plannable<{
  readonly config: { readonly position: string } | null;
  readonly endpoints: readonly { readonly protocol: string }[] | null;
  readonly version: { readonly pattern: string } | null;
  readonly arrival: { readonly pattern: string } | null;
  readonly name_blocks: { readonly pattern: string; readonly winner: string | null } | null;
}>;

function validateService(service: ServiceConfig, path: readonly string[], diagnostics: Diagnostics): void {
  if (isUnknown(service)) return;
  const { config, endpoints } = service;
  if (config !== null && !isUnknown(config)) {
    requireChoice(config.position, ["first", "last"], [...path, "config", "position"], diagnostics);
  }
  if (service.name_blocks !== null && !isUnknown(service.name_blocks)) {
    requireChoice(
      service.name_blocks.winner,
      ["first", "last"],
      [...path, "name_blocks", "winner"],
      diagnostics,
    );
  }
  for (const attribute of ["version", "arrival", "name_blocks"] as const) {
    const entry = service[attribute];
    if (entry === null || isUnknown(entry)) continue;
    const { pattern } = entry;
    if (typeof pattern !== "string" || compiles(pattern)) continue;
    diagnostics.error(CONFIGURATION.notPattern, `"${pattern}" is not a valid regular expression.`, [
      ...path,
      attribute,
      "pattern",
    ]);
  }
  if (endpoints === null || isUnknown(endpoints)) return;
  endpoints.forEach((endpoint, index) => {
    if (isUnknown(endpoint)) return;
    const at = [...path, "endpoints", index, "protocol"];
    requireChoice(endpoint.protocol, ["tls", "smtp", "imap", "pop3", "sieve"], at, diagnostics);
  });
}

function validateStateDirectory(
  directory: Plannable<string | null>,
  host: string,
  diagnostics: Diagnostics,
): void {
  const problem = typeof directory === "string" ? pathProblem(directory) : undefined;
  if (!problem) return;
  diagnostics.error(CONFIGURATION.notDirectoryPath, `${JSON.stringify(directory)}: ${problem}.`, [
    "hosts",
    host,
    "state_directory",
  ]);
}

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}
