import { journalPlace } from "../shared/journal/place";
import type { HostBlock, JournalBlock } from "../shared/provider-block/blocks";
import { AcmeDirectories } from "./acme/directories";
import { onUnreachable, takesOver, validateEnvironment } from "./environment";
import type { HostSettings } from "./host/desired/host-settings";
import { Hosts } from "./host/hosts";
import { thisPlace } from "./host/record/this-machine";
import type { Journal } from "./journal/journal";
import { journalAt } from "./journal/journal-at";
import { Journals } from "./journal/journals";
import { runPlace, runWorkspace } from "./journal/run-place";
import { KeyPassphrases } from "./keys/key-passphrases";
import type { Provider } from "./protocol/provider";
import type { PlannedOf } from "./protocol/resource";
import type { ValuesOf } from "./protocol/schema/schema";
import { isUnknown, isWhollyKnown } from "./protocol/values/unknown";
import { withoutNulls } from "./protocol/values/without-nulls";
import { attributes, type HostAttributes, type ProviderAttributes } from "./provider-schema";
import { hostSettings } from "./provider-settings";
import { validateProvider } from "./provider-validation";
import { acmeAccount } from "./resources/acme-account";
import { acmeCertificate } from "./resources/acme-certificate";
import { hostFiles } from "./resources/host-files";
import { hostJob } from "./resources/host-job";
import { IssuedHere, noting } from "./resources/issued-here";
import { privateCa } from "./resources/private-ca";
import { privateCertificate } from "./resources/private-certificate";
import { retiredRenewers } from "./resources/retired-renewers";
import { renewers } from "./resources/retired-renewers/data-source";
import { servedCertificates } from "./resources/served-certificates";
import { stateIdentity } from "./resources/state-identity";

/** The provider `mailsni` with its resources. */
export function mailSniProvider(): Provider<ProviderAttributes, Hosts> {
  const opened: Hosts[] = [];
  const directories = new AcmeDirectories();
  const passphrases = KeyPassphrases.takenFrom(process.env);
  const issued = new IssuedHere();
  const journals = new Journals();
  return {
    schema: {
      version: 0,
      description:
        "Issues TLS certificates and keeps the files of mail hosts as declared, so that each client is presented the " +
        "certificate of the name that it requests (SNI).",
      attributes,
    },
    resources: {
      mailsni_acme_account: acmeAccount(directories, passphrases, journals),
      mailsni_acme_certificate: noting(acmeCertificate(directories, passphrases, journals), issued),
      mailsni_host_files: hostFiles(passphrases, issued),
      mailsni_host_job: hostJob(),
      mailsni_private_ca: privateCa(passphrases),
      mailsni_private_certificate: noting(privateCertificate(passphrases), issued),
      mailsni_retired_renewers: retiredRenewers(),
      mailsni_state_identity: stateIdentity(journals),
    },
    dataSources: {
      mailsni_renewers: renewers(),
      mailsni_served_certificates: servedCertificates(process.env),
    },
    validate: ({ config, diagnostics }) => validateProvider(config, diagnostics),
    configure({ config, diagnostics, isEngineGone }) {
      // Validates once more: values that were unknown in a plan may be known now.
      validateProvider(config, diagnostics);
      validateEnvironment(process.env, diagnostics);
      passphrases.validate(diagnostics);
      const stack = isUnknown(config.stack) ? "" : config.stack;
      const hosts = new Hosts(
        stack,
        diagnostics.hasErrors ? new Map() : settingsOf(config.hosts),
        onUnreachable(process.env),
        takesOver(process.env),
        thisPlace(),
        isEngineGone,
      );
      opened.push(hosts);
      if (!diagnostics.hasErrors)
        journals.set(hosts, openJournal(config.journal, hosts, passphrases, isEngineGone));
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

/** Unknown values are those of a plan, which writes nothing: an apply knows them. */
function openJournal(
  config: PlannedOf<ProviderAttributes>["journal"],
  hosts: Hosts,
  passphrases: KeyPassphrases,
  isEngineGone: () => boolean,
): Journal {
  const [environment, directory] = [process.env, process.cwd()];
  const run = {
    place: runPlace(hosts.place, environment, directory),
    workspace: runWorkspace(environment, directory),
    isEngineGone,
  };
  if (!isWhollyKnown<ValuesOf<ProviderAttributes>["journal"]>(config))
    return journalAt({ is: "off" }, hosts, passphrases, run);
  const block = config === null ? undefined : withoutNulls<JournalBlock>(config);
  return journalAt(journalPlace(block, environment, directory), hosts, passphrases, run);
}

type HostsConfig = PlannedOf<ProviderAttributes>["hosts"];

function settingsOf(hosts: HostsConfig): ReadonlyMap<string, HostSettings | null> | null {
  if (isUnknown(hosts)) return null;
  if (hosts === null) return new Map();
  return new Map(
    Object.entries(hosts).map(([name, config]) => [
      name,
      isWhollyKnown<ValuesOf<HostAttributes>>(config)
        ? hostSettings(name, withoutNulls<HostBlock>(config), process.env)
        : null,
    ]),
  );
}
