import { hostname, userInfo } from "node:os";
import { sha256 } from "../../../shared/sha256";

/** `USER@MACHINE` of this process, in one word of printable ASCII, so that ledgers show who has changed a host. */
export function thisMachine(): string {
  return `${userName()}${hostname()}`.replaceAll(/[^\x21-\x7e]/g, "?").slice(0, 100) || "?";
}

/**
 * A hash of machine, user and working directory, which reveals none of them. An engine runs in the directory
 * of its stack, so the same stack has the same place.
 */
export function thisPlace(): string {
  return sha256(JSON.stringify([thisMachine(), process.getuid?.(), process.cwd()])).slice(0, 16);
}

function userName(): string {
  try {
    return `${userInfo().username}@`;
  } catch {
    // In a container a user may have no name.
    return "";
  }
}
