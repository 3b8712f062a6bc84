import type { Member } from "../json/member";
import { parseJson } from "../json/parse-json";
import { PROTOCOLS } from "../tls/protocols";
import type {
  SniTableDocument,
  SniTableEndpoint,
  SniTableHost,
  SniTableName,
  SniTableService,
} from "./document";

/** The maximum size in characters: a thousand mail domains on fifty hosts take a third of it. */
export const MOST_TABLE_CHARACTERS = 256 * 1024 * 1024;

const MOST_HOSTS = 10_000;
const MOST_SERVICES = 100;
const MOST_ENDPOINTS = 100;
const MOST_NAMES = 1_000_000;
/** A host name has 253 characters at most; patterns and ids of constructs may have more. */
const MOST_NAME_CHARACTERS = 1000;
/** Paths (PATH_MAX is 4096) and reasons, with words around them. */
const MOST_TEXT_CHARACTERS = 20_000;
/** The subject of an acknowledgement lists names. */
const MOST_SUBJECT_CHARACTERS = 10_000_000;

/**
 * Reads the text of `sni-table.json`, wherever it comes from. Unknown members are ignored; known
 * ones have to be as the constructs write them.
 *
 * @throws JsonError and nothing else
 */
export function parseSniTable(text: string): SniTableDocument {
  const document = parseJson(text, MOST_TABLE_CHARACTERS);
  // Check the version first: everything else may be different in another one.
  if (document.member("version").integer(0, Number.MAX_SAFE_INTEGER) !== 1) {
    throw document.member("version").error("this release cannot read: it reads version 1");
  }
  const hosts = document.member("hosts").list(MOST_HOSTS, hostOf);
  refuseRepeated(document.member("hosts"), hosts, ({ stack, host }) => `${stack} / ${host}`);
  return {
    version: 1,
    hosts,
    acknowledged: document.member("acknowledged").list(MOST_NAMES, (acknowledged) => ({
      code: acknowledged.member("code").text(MOST_NAME_CHARACTERS),
      at: acknowledged.member("at").text(MOST_TEXT_CHARACTERS),
      reason: acknowledged.member("reason").text(MOST_TEXT_CHARACTERS),
      subject: acknowledged.member("subject").text(MOST_SUBJECT_CHARACTERS),
    })),
    leftOut: document.member("leftOut").list(MOST_NAMES, (leftOut) => ({
      file: leftOut.member("file").text(MOST_TEXT_CHARACTERS),
      row: leftOut.member("row").text(MOST_TEXT_CHARACTERS),
      reason: leftOut.member("reason").text(MOST_TEXT_CHARACTERS),
    })),
  };
}

function hostOf(host: Member): SniTableHost {
  const services = host.member("services").list(MOST_SERVICES, serviceOf);
  refuseRepeated(host.member("services"), services, ({ service }) => service);
  return {
    stack: host.member("stack").text(MOST_NAME_CHARACTERS),
    host: host.member("host").text(MOST_NAME_CHARACTERS),
    services,
  };
}

function serviceOf(service: Member): SniTableService {
  const byDefault = service.member("default");
  const refusesMalformedNames = service.member("refusesMalformedNames");
  const names = service.member("names").list(MOST_NAMES, nameOf);
  refuseRepeated(service.member("names"), names, ({ name }) => name);
  return {
    service: service.member("service").text(MOST_NAME_CHARACTERS),
    endpoints: service.member("endpoints").list(MOST_ENDPOINTS, endpointOf),
    ...(byDefault.isPresent && { default: byDefault.text(MOST_NAME_CHARACTERS) }),
    ...(isSet(refusesMalformedNames) && { refusesMalformedNames: true }),
    names,
  };
}

function endpointOf(endpoint: Member): SniTableEndpoint {
  return {
    port: endpoint.member("port").integer(1, 65_535),
    protocol: endpoint.member("protocol").oneOf(PROTOCOLS),
    sni: endpoint.member("sni").boolean(),
    ...(isSet(endpoint.member("optional")) && { optional: true }),
  };
}

function nameOf(row: Member): SniTableName {
  const certificate = row.member("certificate");
  const file = row.member("file");
  const entry = row.member("entry");
  const reason = row.member("reason");
  const refused = isSet(row.member("refused"));
  const served = [certificate.isPresent, file.isPresent, refused].filter(Boolean).length;
  if (served > 1) throw row.error("has more than one of certificate, file, refused");
  if (served === 0 && !reason.isPresent) throw row.error("has none of certificate, file, refused, reason");
  return {
    name: row.member("name").text(MOST_NAME_CHARACTERS),
    ...(certificate.isPresent && { certificate: certificate.text(MOST_NAME_CHARACTERS) }),
    ...(file.isPresent && { file: file.text(MOST_TEXT_CHARACTERS) }),
    ...(entry.isPresent && { entry: entry.text(MOST_TEXT_CHARACTERS) }),
    ...(reason.isPresent && { reason: reason.text(MOST_TEXT_CHARACTERS) }),
    ...(refused && { refused: true }),
    ...(isSet(row.member("optional")) && { optional: true }),
  };
}

/** The value of a member that is `true` or absent. */
function isSet(member: Member): boolean {
  if (!member.isPresent) return false;
  if (!member.boolean()) throw member.error("is written only where it is true");
  return true;
}

/** Refuses two elements with the same name: it would be unclear which one applies. */
function refuseRepeated<T>(
  list: Member,
  elements: readonly T[],
  nameOfElement: (element: T) => string,
): void {
  const names = new Set<string>();
  for (const element of elements) {
    const name = nameOfElement(element);
    if (names.has(name)) throw list.error(`has ${JSON.stringify(name)} twice`);
    names.add(name);
  }
}
