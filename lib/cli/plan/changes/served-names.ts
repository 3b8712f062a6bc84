import type { SniTableHost, SniTableName, SniTableService } from "../../../shared/sni-table/document";

/** What a server does with a client that sends a name. */
export type Served =
  | { readonly kind: "certificate"; readonly domain: string; readonly isOptional: boolean }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "refused" }
  /** The default certificate, which is that of a mail domain; null if the table does not know it. */
  | { readonly kind: "default"; readonly domain: string | null };

/** A service of the table, and how it serves each name. */
export class ServedNames {
  readonly #rows: ReadonlyMap<string, SniTableName>;

  constructor(private readonly service: SniTableService) {
    this.#rows = new Map(service.names.map((row) => [row.name, row]));
  }

  get names(): readonly string[] {
    return [...this.#rows.keys()];
  }

  has(name: string): boolean {
    return this.#rows.has(name);
  }

  /** What clients get that send no name, or one that is not listed. */
  get byDefault(): Served {
    return { kind: "default", domain: this.service.default ?? null };
  }

  /** What clients get that send this name, whether it is listed or not. */
  of(name: string): Served {
    const row = this.#rows.get(name) ?? this.#wildcardOf(name);
    if (row?.certificate !== undefined) {
      return { kind: "certificate", domain: row.certificate, isOptional: row.optional === true };
    }
    if (row?.file !== undefined) return { kind: "file", path: row.file };
    return row?.refused ? { kind: "refused" } : this.byDefault;
  }

  /** The row of `*.example.org` for `imap.example.org`: a wildcard stands for one label. */
  #wildcardOf(name: string): SniTableName | undefined {
    const parent = name.indexOf(".");
    return parent === -1 ? undefined : this.#rows.get(`*${name.slice(parent)}`);
  }
}

/** Where a name is served. */
export interface Place {
  readonly stack: string;
  readonly host: string;
  readonly service: string;
}

export interface ServedPlace {
  readonly place: Place;
  readonly service: SniTableService;
  readonly names: ServedNames;
}

/** The services of a table, by a key of their place. */
export function placesOf(hosts: readonly SniTableHost[]): ReadonlyMap<string, ServedPlace> {
  return new Map(
    hosts.flatMap(({ stack, host, services }) =>
      services.map((service) => {
        const place = { stack, host, service: service.service };
        return [placeKey(place), { place, service, names: new ServedNames(service) }] as const;
      }),
    ),
  );
}

export function placeKey({ stack, host, service }: Place): string {
  return JSON.stringify([stack, host, service]);
}

export function isSameServed(one: Served, other: Served): boolean {
  return servedKey(one) === servedKey(other);
}

/** Whether a certificate has an optional name depends on DNS, not on the server. */
export function servedKey(served: Served): string {
  switch (served.kind) {
    case "certificate":
      return JSON.stringify([served.kind, served.domain]);
    case "file":
      return JSON.stringify([served.kind, served.path]);
    case "default":
      return JSON.stringify([served.kind, served.domain]);
    default:
      return served.kind;
  }
}
