import type { DovecotVersion } from "../../support/dovecot-installation";
import { oursLabel, theirsLabel } from "./certificate-pool";
import { DOVECOTS, startDovecot } from "./configured-dovecot";
import { lookupProperty } from "./lookup-property";
import { numberOf } from "./placed-set";

export function dovecotLookupProperty(version: DovecotVersion): void {
  lookupProperty(`the lookup of Dovecot ${version}`, {
    ...DOVECOTS[version],
    start: async (sets, fallback, pool) => {
      const { server, configured } = await startDovecot(version, sets, fallback, pool);
      return {
        service: configured.service,
        port: server.ports.imaps,
        labelOf,
        stop: () => server.stop(),
      };
    },
  });
}

function labelOf(file: string): string {
  const [, name] = /([^/]+)\.pem$/.exec(file) as unknown as [string, string];
  const [, their] = /^theirs(\d)$/.exec(name) ?? [];
  return their === undefined ? oursLabel(numberOf(name)) : theirsLabel(Number(their));
}
