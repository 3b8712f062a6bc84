import type { Host } from "../../host/host";
import type { InstalledCertificate } from "../../host/served/installed-certificates";
import type { HostJob } from "./schema";

/** Notes what the host has to present by the last results, for the data source that asks it. */
export function noteReadResults(state: HostJob, host: Host): void {
  for (const [id, certificate] of presentedBy(state))
    if (certificate !== null) host.installed.noteRead(id, certificate);
}

/** @param isApplied whether the plan runs the job: its program confirms what is served afterwards */
export function notePlannedResults(prior: HostJob, isApplied: boolean, host: Host | null): void {
  for (const [id, certificate] of presentedBy(prior))
    host?.installed.notePlanned(id, isApplied ? null : certificate);
}

/** The certificates of the rows by an id of each; null for a row that is not known to be installed. */
function presentedBy({ id, certificates, results }: HostJob): [string, InstalledCertificate | null][] {
  return Object.entries(certificates ?? {}).flatMap(([row, { names, services, is_default: isDefault }]) => {
    const { status, fingerprint_sha256: fingerprint } = results?.[row] ?? {
      status: null,
      fingerprint_sha256: null,
    };
    const leaves =
      status === "ok" && fingerprint !== null
        ? Object.fromEntries(services.map((service) => [service, fingerprint]))
        : null;
    const installed = (isDefault: boolean) => leaves && { isDefault, names, leaves };
    const own: [string, InstalledCertificate | null] = [`${id} ${row}`, installed(false)];
    return isDefault === true ? [own, [`${id} ${row} default`, installed(true)]] : [own];
  });
}
