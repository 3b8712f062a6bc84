import { lastLines } from "./session";

/**
 * The message of a tool that could not write, move or remove a file, with a remedy if the system gives a
 * known reason.
 */
export function complaint(output: string): string {
  const said = lastLines(output).replace(/\.$/, "");
  const advice = adviceOn(output);
  return advice === undefined ? said : `${said}. ${advice}`;
}

/** The remedy for the last reason that the system gave; undefined if none is known. */
export function adviceOn(output: string): string | undefined {
  const known = ADVICE.map(([reason, advice]) => ({ at: output.lastIndexOf(reason), advice })).filter(
    ({ at }) => at >= 0,
  );
  return known.sort((one, other) => other.at - one.at)[0]?.advice;
}

/** Remedies by the words of the C library, which all tools print in the plain locale. */
const ADVICE: readonly (readonly [reason: string, advice: string])[] = [
  [
    "Read-only file system",
    "Mount it writable (`mount -o remount,rw`). If it was not mounted so on purpose, the kernel did it because of a " +
      "damaged disk: see `journalctl -k`",
  ],
  ["No space left on device", "Make room on that file system: `df -h` shows its blocks, `df -i` its inodes"],
  ["Disk quota exceeded", "Raise the quota of the user who owns the file (`quota`), or make room"],
  [
    "Permission denied",
    "Run as a user who may do that, such as root: over SSH log in as one, or set `become`. If it is root already, SELinux " +
      "or AppArmor may forbid it: see `journalctl -k`",
  ],
  [
    "Operation not permitted",
    "Run as root: over SSH log in as root, or set `become`. If it is root already, the file or its directory may be " +
      "immutable: `lsattr` shows that, `chattr -i` ends it",
  ],
  [
    "Input/output error",
    "The disk or the network file system does not answer as it should: see `journalctl -k`",
  ],
  ["Structure needs cleaning", "The file system is damaged: unmount it and run `fsck`"],
  ["Stale file handle", "The network file system has been exported again: remount it"],
  ["Too many levels of symbolic links", "Remove the link in its path that leads to itself"],
  ["Device or resource busy", "Something is mounted at that very path: mount it on a directory above"],
  ["File name too long", "Use a shorter path"],
];
