import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const INSTALLED = "/usr/lib/postgresql";

/** The directory of the programs of Debian's PostgreSQL, the newest version; null where it is not installed. */
export function findPostgresql(): string | null {
  if (!existsSync(INSTALLED)) return null;
  const versions = readdirSync(INSTALLED).sort((one, other) => Number(other) - Number(one));
  return (
    versions
      .map((version) => join(INSTALLED, version, "bin"))
      .find((bin) => existsSync(join(bin, "initdb"))) ?? null
  );
}

/** The ids of the user that Debian's package makes: PostgreSQL refuses to run as root. */
export function postgresqlUser(): { readonly uid: number; readonly gid: number } {
  const [uid, gid] = ["-u", "-g"].map((option) =>
    Number(spawnSync("id", [option, "postgres"], { encoding: "utf8" }).stdout),
  ) as [number, number];
  return { uid, gid };
}
