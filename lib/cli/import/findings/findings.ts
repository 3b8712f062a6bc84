import type { HostFacts } from "../host/read-host";
import { blockFindings } from "./blocks";
import type { Certificates } from "./certificates";
import type { Declarations } from "./declarations";
import { closedDirectories, readableKeys, rowFindings } from "./files";
import { FINDING_STATES, type Finding, finding } from "./finding";
import { pemFindings } from "./pems";
import { renewerFindings } from "./renewers";
import { defaultFindings, servedFindings } from "./served";
import { staleFindings } from "./stale";

/** Everything that is wrong on a host, or that should be known, except for DNS. What needs a decision comes first. */
export function findingsOf(
  facts: HostFacts,
  { declared, findings }: Declarations,
  certificates: Certificates,
): Finding[] {
  return [
    ...defaultFindings(facts.servers, certificates),
    ...servedFindings(facts.servers, declared, certificates),
    ...staleFindings(facts.servers, declared, certificates),
    ...blockFindings(facts.dovecot, declared),
    ...findings,
    ...rowFindings(facts, declared, certificates),
    ...pemFindings(facts, certificates),
    ...closedDirectories(facts),
    ...readableKeys(facts),
    ...renewerFindings(facts),
    ...notRead(facts),
  ];
}

export function sorted(findings: readonly Finding[]): Finding[] {
  return FINDING_STATES.flatMap((state) => findings.filter((each) => each.state === state));
}

function notRead({ gaps, unreadable, listing, postfix, servers }: HostFacts): Finding[] {
  const remedy = "Run it as root: log in as root, or give --become 'sudo -n'.";
  return [
    ...gaps.map((gap) =>
      finding("not-read", "decision", gap, "Look at it by hand, or run the command again."),
    ),
    ...(unreadable.length === 0
      ? []
      : [
          finding("not-read", "decision", "There are files that the user on the host may not read.", remedy, {
            places: unreadable,
          }),
        ]),
    ...(listing.odd === 0
      ? []
      : [
          finding(
            "not-read",
            "note",
            `${listing.odd === 1 ? "A path has" : `${listing.odd} paths have`} control characters, and ${listing.odd === 1 ? "was" : "were"} left out.`,
            "No server presents such a file by that name.",
          ),
        ]),
    ...(postfix?.unread.length
      ? [
          finding(
            "not-read",
            "decision",
            "Postfix looks names up in tables that are not read here, so nothing is known of what it presents.",
            "Compare the stack with those tables by hand.",
            { places: postfix.unread },
          ),
        ]
      : []),
    ...(servers.some(({ kind }) => kind === "postfix")
      ? [
          finding(
            "server-unsupported",
            "note",
            "Postfix presents certificates, and the printed stack does not declare it: the library has no class for it.",
            "Copy the class Postfix of docs/recipes/another-server.md into your program, and add it to the services.",
          ),
        ]
      : []),
  ];
}
