import { plural } from "../../output/plural";
import type { HostFacts } from "../host/read-host";

/** What was found on the host, a phrase for each part. */
export function foundParts({ servers, rows, renewers }: HostFacts): string[] {
  const clients = [...new Set(rows.map(({ client }) => client))];
  return [
    ...servers.map(({ title, entries, kind }) => `${title} (${plural(entries.length, NOUNS[kind])})`),
    ...clients.map(
      (client) => `${client} (${plural(rows.filter((row) => row.client === client).length, "certificate")})`,
    ),
    ...(renewers.length > 0 ? [plural(renewers.length, "renewer")] : []),
  ];
}

/** What an entry of a server is called. */
const NOUNS = { qmail: "name", dovecot: "block", postfix: "row" } as const;
