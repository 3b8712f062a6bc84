/** A certificate and its key, as a server's configuration names them. They may be the same file. */
export interface Pair {
  readonly certificate: string;
  /** Null if the configuration does not say. */
  readonly key: string | null;
}

/** What a server has for a name, or for several. */
export interface ServerEntry extends Pair {
  /** The names as the server has them, in lower case if it ignores the case; perhaps with `*` for a label. */
  readonly names: readonly string[];
  /** What it is, for messages: a path, or a block. */
  readonly title: string;
}

/** A mail server that was found on the host, and which certificate it presents for which name. */
export interface FoundServer {
  readonly kind: "qmail" | "dovecot" | "postfix";
  readonly title: string;
  /** Dovecot's version. */
  readonly version?: "2.3" | "2.4";
  /** What clients without SNI, or with an unlisted name, are presented. */
  readonly fallback: Pair | null;
  readonly entries: readonly ServerEntry[];
  /** The entry that the server selects for a name; undefined for the default. */
  readonly entryFor: (name: string) => ServerEntry | undefined;
}
