import { hostname, userInfo } from "node:os";

/** The user and the machine that this runs as and on, in one word of printable ASCII: for others to know who has changed a host. */
export function thisMachine(): string {
  return `${userName()}${hostname()}`.replaceAll(/[^\x21-\x7e]/g, "?").slice(0, 100) || "?";
}

function userName(): string {
  try {
    return `${userInfo().username}@`;
  } catch {
    // In a container a user may have a number alone.
    return "";
  }
}
