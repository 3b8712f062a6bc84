import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type HostContent, Qmail } from "../../../lib";
import { spawnQmail } from "../../support/qmail/spawn";
import { lookupProperty } from "./lookup-property";

/** What the lookup of `Qmail` says is what it presents. */
export function qmailLookupProperty(starts?: number): void {
  lookupProperty("the lookup of qmail", {
    starts,
    requirement: { missing: null },
    // Refused at synth: what is literal cannot be a wildcard.
    wildcards: false,
    otherNames: 0,
    async start(sets, fallback) {
      const directory = mkdtempSync(join(tmpdir(), "mail-sni-qmail-"));
      const remove = () => rmSync(directory, { recursive: true, force: true });
      try {
        chmodSync(directory, 0o755);
        const service = Qmail.standard({ directory });
        write(service.defaultFiles(fallback));
        for (const certificate of [fallback, ...sets.flatMap(({ certificates }) => certificates)]) {
          write(service.certificateFiles(certificate));
        }
        const server = await spawnQmail({ directory, mode: "smtps" });
        return {
          service,
          port: server.port,
          labelOf: (file) => file,
          stop: () => server.stop().finally(remove),
        };
      } catch (error) {
        remove();
        throw error;
      }
    },
  });
}

function write({ files = {}, links = {} }: HostContent): void {
  for (const path of [...Object.keys(files), ...Object.keys(links)]) {
    mkdirSync(dirname(path), { recursive: true });
  }
  for (const [path, { contents }] of Object.entries(files)) writeFileSync(path, contents);
  for (const [path, target] of Object.entries(links)) symlinkSync(target, path);
}
