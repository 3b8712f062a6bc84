import { isIPv6 } from "node:net";

/** An IP address in the one form that equal addresses share, without its zone; other text as it is. */
export function canonicalAddress(text: string): string {
  const [address = ""] = text.split("%");
  // URLs have the form of RFC 5952.
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : text;
}
