import { hostname, userInfo } from "node:os";
import { sha256 } from "../../../shared/sha256";

/** The user and the machine that this runs as and on, in one word of printable ASCII: for others to know who has changed a host. */
export function thisMachine(): string {
  return `${userName()}${hostname()}`.replaceAll(/[^\x21-\x7e]/g, "?").slice(0, 100) || "?";
}

/** This machine, user and directory, in a word that says nothing of them to others: an engine is run where its stack is. */
export function thisPlace(): string {
  return sha256(JSON.stringify([thisMachine(), process.getuid?.(), process.cwd()])).slice(0, 16);
}

function userName(): string {
  try {
    return `${userInfo().username}@`;
  } catch {
    // In a container a user may have a number alone.
    return "";
  }
}
