import { madeOnce } from "../../../shared/made-once";
import type {
  SniTableDocument,
  SniTableHost,
  SniTableName,
  SniTableService,
} from "../../../shared/sni-table/document";
import type { HostStatement } from "../../inputs/host-statements";
import type { Asked, AskedEndpoint, Expected, ExpectedAnswer, Place, Question } from "./question";

/** What is known of the current certificate of a mail domain. */
export interface CurrentCertificate {
  /** SHA-256: lower-case hex; null if unknown. */
  readonly fingerprint: string | null;
  readonly notAfter: Date | null;
  /**
   * What the mail host that issues it itself says about it. The other members are from there.
   *
   * @default - the stack issues the certificate
   */
  readonly said?: HostStatement;
}

/** The known current certificates, by mail domain. */
export type CurrentCertificates = ReadonlyMap<string, CurrentCertificate>;

/** A name below `.invalid`, which no server can have (RFC 6761 §6.4). */
export const UNLISTED_NAME = "mail-sni-check.invalid";
/** Stands for the asterisk of a wildcard, which no client sends. */
const ANY_LABEL = "mail-sni-check";

export interface ExpectationOptions {
  /** The places to connect to for an endpoint of a host in the table, and for a name (null: no SNI). */
  readonly places: (host: SniTableHost, name: string | null, endpoint: AskedEndpoint) => readonly Place[];
  /** The current certificates that a host of a stack should present. */
  readonly current: (stack: string, host: string) => CurrentCertificates;
  /** Whether to request every name also with each TLS version and in capital letters. */
  readonly deep: boolean;
}

/** The questions for each endpoint of the table, with their expected results: one per name, and a few per endpoint. */
export function* questionsOfTable(
  { hosts }: SniTableDocument,
  options: ExpectationOptions,
): Generator<Question> {
  for (const host of hosts) {
    for (const service of host.services) yield* questionsOfService(host, service, options);
  }
}

function* questionsOfService(
  host: SniTableHost,
  service: SniTableService,
  { places, current, deep }: ExpectationOptions,
): Generator<Question> {
  const declared = new Declared(service, current(host.stack, host.host));
  const rows = service.names.flatMap((row) => askable(row) ?? []);
  for (const { port, protocol, sni, optional } of service.endpoints) {
    const answer: ExpectedAnswer = optional ? "optional" : "required";
    const endpoint: AskedEndpoint = { host: host.host, service: service.service, port, protocol };
    const ask = function* (asked: Asked, expected: Presented) {
      const name = "serverName" in asked && asked.kind !== "unlisted" ? asked.serverName : null;
      for (const place of places(host, name, endpoint)) {
        yield { endpoint, ...place, asked, expected: { ...expected, answer } };
      }
    };
    yield* ask({ kind: "no-name" }, declared.byDefault());
    // The endpoint ignores SNI: every client is presented the default.
    if (!sni) continue;
    yield* ask({ kind: "unlisted", serverName: UNLISTED_NAME }, declared.byDefault());
    let isFirst = true;
    for (const { row, serverName } of rows) {
      const { name } = row;
      const expected = declared.expectedFor(row);
      yield* ask({ kind: "name", name, serverName }, expected);
      if (row.certificate === undefined || !(isFirst || deep)) continue;
      isFirst = false;
      yield* ask({ kind: "upper-case", name, serverName: serverName.toUpperCase() }, expected);
      yield* ask({ kind: "version", name, serverName, version: "TLSv1.2" }, expected);
      yield* ask({ kind: "version", name, serverName, version: "TLSv1.3" }, expected);
    }
  }
}

/** The name that a client sends for a row. Of patterns, only wildcards with a certificate are requested. */
function askable(row: SniTableName): { row: SniTableName; serverName: string } | undefined {
  const { name, certificate } = row;
  if (!/[*?]/.test(name)) return { row, serverName: name };
  const parent = /^\*\.([^*?]+)$/.exec(name)?.[1];
  if (parent === undefined || certificate === undefined) return undefined;
  return { row, serverName: `${ANY_LABEL}.${parent}` };
}

/** What is expected at every endpoint alike. */
type Presented = Omit<Expected, "answer">;

/** The certificates of one service, from the table. */
class Declared {
  readonly #names = new Map<string, string[]>();

  constructor(
    private readonly service: SniTableService,
    private readonly current: CurrentCertificates,
  ) {
    for (const { name, certificate, optional } of service.names) {
      if (certificate === undefined || optional === true) continue;
      madeOnce(this.#names, certificate, () => []).push(name);
    }
  }

  /** The expected presentation to clients without SNI, or with an unlisted name. */
  byDefault(): Presented {
    return this.#of(this.service.default ?? null, "not-needed");
  }

  expectedFor({ certificate, file, refused, optional }: SniTableName): Presented {
    if (refused) return { ...this.#of(null, "not-needed"), isRefused: true };
    if (file !== undefined) return this.#of(null, "required");
    if (certificate === undefined) return this.byDefault();
    return this.#of(certificate, optional ? "optional" : "required");
  }

  #of(domain: string | null, covers: Expected["covers"]): Presented {
    const current = domain === null ? undefined : this.current.get(domain);
    return {
      domain,
      fingerprint: current?.fingerprint ?? null,
      notAfter: current?.notAfter ?? null,
      said: current?.said ?? null,
      domainNames: domain === null ? [] : (this.#names.get(domain) ?? []),
      covers,
      isRefused: false,
    };
  }
}
