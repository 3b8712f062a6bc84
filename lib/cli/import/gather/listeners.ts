import { isIP } from "node:net";
import type { Looked } from "./host-look";

/** A TCP port at which a program of the host listens for others than the host itself. */
export interface Listener {
  readonly port: number;
  /** Null if it listens at all addresses. */
  readonly address: string | null;
}

/** What `ss` prints for an address and a port, such as `192.0.2.1%eth0:993`, `[::]:993` and `*:993`. */
const LOCAL = /^(?:\[([^\]]*)\]|([^[\]:]*))(?:%[^:]*)?:(\d{1,5})$/;
const EVERY_ADDRESS: ReadonlySet<string> = new Set(["*", "0.0.0.0", "::"]);

/** Reads what `listeners` of the script has printed. Null if that is not known. */
export function listenersIn(looked: Looked): Listener[] | null {
  const lines = (looked ?? []).filter((line) => line.startsWith("P\t"));
  if (lines.length === 0) return null;
  return lines.flatMap((line) => listenerOf(line.slice("P\t".length)) ?? []);
}

/** An IPv6 address with its zone, and a port. */
const LONGEST = 100;

function listenerOf(text: string): Listener | null {
  if (text.length > LONGEST) return null;
  const [, v6, other = "", digits] = LOCAL.exec(text) ?? [];
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535)) return null;
  const address = (v6 ?? other.replace(/%.*$/, "")).replace(/^::ffff:(?=[\d.]+$)/i, "");
  if (EVERY_ADDRESS.has(address)) return { port, address: null };
  return isIP(address) === 0 || isLoopback(address) ? null : { port, address };
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}
