import { Unadoptable } from "../adoption/local-file";
import { originOf } from "./acme-directory";

/** A certificate with its chain is far smaller. */
const MOST_CHARACTERS = 262_144;
const LONGEST_URL = 2048;

/** Whether an address is that of the provider vancluever/acme, of whichever registry or mirror. */
export function isOfAcmeProvider(providerAddress: string): boolean {
  return /^[^/]+\/vancluever\/acme$/.test(providerAddress);
}

/** A text in the state of the other provider. @throws {Unadoptable} */
export function sourceText(source: Readonly<Record<string, unknown>>, name: string): string {
  const value = source[name];
  if (typeof value !== "string" || value === "") throw new Unadoptable(`Its state has no ${name}.`);
  if (value.length > MOST_CHARACTERS) throw new Unadoptable(`${name} in its state is too long.`);
  return value;
}

/**
 * A URL in the state of the other provider, and the origin of the CA. The state has no URL of a directory.
 *
 * @throws {Unadoptable}
 */
export function sourceUrl(
  source: Readonly<Record<string, unknown>>,
  name: string,
): { readonly url: string; readonly origin: string } {
  const url = sourceText(source, name);
  const origin = url.length > LONGEST_URL ? null : originOf(url);
  if (origin === null) throw new Unadoptable(`${name} in its state is not the URL of a CA.`);
  return { url, origin };
}
