import type { ConfigurationFile } from "../../inputs/configuration-files";

/** A program on the host that obtains certificates from a CA. */
export const CLIENTS = ["dehydrated", "certbot", "acme.sh", "lego"] as const;

export type Client = (typeof CLIENTS)[number];

/** How a client proves to the CA that it controls a name; null if the files do not say. */
export type FoundChallenge =
  | { readonly kind: "webroot"; readonly path: string }
  | { readonly kind: "dns"; readonly words: string }
  | null;

/** One certificate that a client obtains. */
export interface Row {
  readonly client: Client;
  /** The name under which the client keeps the certificate. */
  readonly title: string;
  /** The names as the client's files have them; null if they are those of the certificate alone. */
  readonly names: readonly string[] | null;
  /** Where that is written: `FILE:LINE`, or a file. */
  readonly source: string;
  /** The files that the client writes. */
  readonly certificate: string;
  readonly key: string;
  /** The URL of the CA's ACME directory; null for the client's default. */
  readonly directoryUrl: string | null;
  /** Scheme, host and port of the CA, if the files have no more of it. */
  readonly caOrigin?: string;
  readonly challenge: FoundChallenge;
  /** The key of the account that orders it: a PEM, or certbot's JSON. */
  readonly accountKey?: string;
  /** What the client itself refuses in the row. */
  readonly fault?: string;
  /** Files outside of its own directory that the client writes after a renewal. */
  readonly installs?: readonly string[];
}

/** Scheme, host and port of a URL. */
export const ORIGIN = /^https:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?=\/)/;

/** A directory with a directory for each certificate. */
export interface Store {
  readonly client: Client;
  readonly directory: string;
  /** The names of its files in each of them. */
  readonly certificate: string;
  readonly key: string;
}

/** The files of one kind. */
export function ofKind(files: readonly ConfigurationFile[], kind: string): ConfigurationFile[] {
  return files.filter((file) => file.kind === kind);
}
