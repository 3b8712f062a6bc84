import { posix } from "node:path";
import { listed } from "../../../../shared/errors/wording";
import { onHost } from "../../../../shared/transport/connection-settings";
import { ancestors } from "../../../../shared/transport/paths";
import type { Check } from "../../examination/check";
import { type Finding, failure, orWell, skipped, warning } from "../../examination/finding";
import { type HostThere, throughShell } from "./host-there";

/** Enough for the files of a thousand domains, twice. */
const LITTLE_SPACE_KB = 32 * 1024;
const NO_SPACE_KB = 1024;
/** A stack has a directory for each domain; they are on few file systems, and have few directories above them. */
const MOST_DIRECTORIES = 200;

export const directories: Check<HostThere> = {
  id: "directories",
  looksAt: "the directories of files and of the ledger on each host",
  reports: "not writable, little or no space",
  findings: (host) =>
    throughShell(async () => {
      const places = await existingPlaces(host);
      if (places.length === 0) return [skipped("the host does not say which directories there are")];
      return orWell(
        [...(await notWritable(host, places)), ...(await withoutSpace(host, places))],
        "its directories are writable, and have space",
      );
    }),
};

/** For each directory itself, or the lowest one above it that exists. */
async function existingPlaces(host: HostThere): Promise<readonly string[]> {
  const { connection } = host.declared;
  const wanted = [connection.stateDirectory, ...host.files.directories]
    .slice(0, MOST_DIRECTORIES)
    .map((path) => onHost(connection, path));
  const chains = wanted.map((path) => ["/", ...ancestors(path), path]);
  const all = [...new Set(chains.flat())];
  const said = await host.ask(all.map((path) => ["test", "-d", path]));
  const there = new Set(all.filter((_, index) => said[index]?.status === 0));
  return [...new Set(chains.flatMap((chain) => chain.findLast((path) => there.has(path)) ?? []))].sort();
}

async function notWritable(host: HostThere, places: readonly string[]): Promise<Finding[]> {
  const said = await host.ask(places.map((path) => ["test", "-w", path]));
  const closed = places.filter((_, index) => said[index]?.status === 1);
  if (closed.length === 0) return [];
  return [
    failure(
      `The user of the deploy cannot write in ${listed(closed)}.`,
      "Log in as root or set become; or give that user the directory. If it is root, the file system is mounted read-only.",
    ),
  ];
}

async function withoutSpace(host: HostThere, places: readonly string[]): Promise<Finding[]> {
  const [blocks, inodes] = await host.ask([
    ["df", "-Pk", "--", ...places],
    ["df", "-Pi", "--", ...places],
  ]);
  const low = leastAvailable(blocks?.text ?? "").filter(({ available }) => available < LITTLE_SPACE_KB);
  const full = leastAvailable(inodes?.text ?? "").filter(
    ({ available, size }) => size > 0 && available === 0,
  );
  return [
    ...low.map(({ mount, available }) =>
      (available < NO_SPACE_KB ? failure : warning)(
        `The file system of ${mount} has ${available} KB left.`,
        "Free space on it; df -h shows how much is used.",
      ),
    ),
    ...full.map(({ mount }) =>
      failure(
        `The file system of ${mount} has no inodes left.`,
        "Remove files on it; df -i shows how many inodes are used.",
      ),
    ),
  ];
}

interface FileSystem {
  readonly mount: string;
  readonly size: number;
  readonly available: number;
}

/** The lines of `df -P`, each file system once. */
function leastAvailable(listing: string): FileSystem[] {
  const found = listing.split("\n").flatMap((line): [string, FileSystem][] => {
    const [, size, available, mount] =
      /\s(\d{1,15})\s+\d+\s+(\d{1,15})\s+(?:\d+%|-)\s+(\/.*)$/.exec(line) ?? [];
    if (mount === undefined) return [];
    return [[mount, { mount: posix.normalize(mount), size: Number(size), available: Number(available) }]];
  });
  return [...new Map(found).values()];
}
