import { printable } from "../../shared/text/printable";
import { sentence } from "../../shared/transport/sentence";
import { SessionLost } from "../../shared/transport/session";
import { HostUnreachable } from "../../shared/transport/unreachable";
import type { Host } from "../host/host";
import type { Hosts } from "../host/hosts";
import type { Asked } from "../host/served/asking";
import { forwardingRefusal, type Mismatch, mismatchesIn } from "../host/served/mismatches";
import type { DataSource } from "../protocol/resource";
import { attribute, type ValuesOf } from "../protocol/schema/schema";
import { refuseUndeclared } from "./named-host";

/** The environment variable that decides whether hosts are asked. */
export const SERVED_VARIABLE = "MAIL_SNI_SERVED";
export const SERVED_CHOICES = ["ask", "skip"] as const;

/** How many mismatches the state has: enough to see what is wrong. */
const MOST_MISMATCHES = 50;

const attributes = {
  host: attribute.string({
    description:
      "A key of the provider's `hosts`. Take it from the `host` of every `mailsni_host_files` of the host, as in the " +
      "example: only what the engine has read or planned before is asked for.",
    required: true,
  }),
  status: attribute.string({
    description:
      "`asked`; `unreachable` if no connection to the host can be made; or `not_asked` if there was nothing to ask, or if " +
      `the environment variable \`${SERVED_VARIABLE}\` is \`skip\`.`,
    computed: true,
  }),
  reason: attribute.string({
    description: "Why the host was not asked, or not for everything; null if it was.",
    computed: true,
  }),
  handshakes: attribute.number({ description: "The number of handshakes that were made.", computed: true }),
  mismatch_count: attribute.number({
    description: `The number of mismatches. Only the first ${MOST_MISMATCHES} are in \`mismatches\`.`,
    computed: true,
  }),
  mismatches: attribute.objects(
    {
      names: attribute.list("string", {
        description:
          "The names that were sent; empty for clients without SNI, and for ports that do not answer.",
        computed: true,
      }),
      service: attribute.string({ description: "The service of the host.", computed: true }),
      ports: attribute.list("number", { description: "TCP ports.", computed: true }),
      message: attribute.string({
        description: "What is served, and what should be: one line for a warning.",
        computed: true,
      }),
      fingerprint_sha256: attribute.string({
        description:
          "The SHA-256 fingerprint of the certificate that is served: lower-case hex. Null if none is.",
        computed: true,
      }),
      subject: attribute.string({ description: "Its subject.", computed: true }),
      issuer: attribute.string({ description: "Its issuer.", computed: true }),
      not_after: attribute.string({ description: "When it expires, RFC 3339.", computed: true }),
    },
    {
      description:
        "What the host serves in place of what is installed: one for all names of a certificate that are served the same at the same ports.",
      computed: true,
    },
  ),
};

type Attributes = typeof attributes;
type Values = ValuesOf<Attributes>;
type Answer = Omit<Values, "host">;

/**
 * `mailsni_served_certificates`: what the servers of a host present. Whatever a host does is an attribute, never an error.
 *
 * @param environment `MAIL_SNI_SERVED=skip` connects to no host
 */
export function servedCertificates(
  environment: Readonly<Record<string, string | undefined>>,
): DataSource<Attributes, Hosts> {
  return {
    schema: {
      version: 0,
      description:
        "Which certificates the servers of a host present: one TLS handshake for each name at each port. A name has a " +
        "mismatch if its server presents another certificate than the one that the last apply installed. Certificates " +
        "that the same plan changes are left out: their apply confirms them.",
      attributes,
    },

    async read({ config, provider, diagnostics, signal }) {
      const { host: name } = config;
      const answered = (answer: Answer): Values => ({ host: name, ...answer });
      if (environment[SERVED_VARIABLE] === "skip") {
        return answered(notAsked(`The environment variable ${SERVED_VARIABLE} is "skip".`));
      }
      if (!provider.areKnown) return answered(notAsked("The provider's hosts are only known after apply."));
      const host = provider.find(name);
      if (host === undefined) {
        refuseUndeclared(name, diagnostics);
        return null;
      }
      return answered(await answerOf(host, signal));
    },
  };
}

async function answerOf(host: Host | null, signal: AbortSignal): Promise<Answer> {
  const obstacle = obstacleTo(host);
  if (host === null || obstacle !== null) return notAsked(obstacle ?? "");
  try {
    return answerFrom(await host.askServed(signal));
  } catch (error) {
    if (!(error instanceof HostUnreachable || error instanceof SessionLost)) throw error;
    return { ...notAsked(printable(sentence(error.message))), status: "unreachable" };
  }
}

/** Why there is nothing to ask; null if there is something. */
function obstacleTo(host: Host | null): string | null {
  if (host === null) return "The host's settings are only known after apply.";
  if (host.settings.gone) return "The host is marked as gone.";
  if (!host.settings.applyOwnership) return "No services run there: `ownership` is `skip`.";
  if (host.installed.settled.length === 0) {
    return "No certificate is known to be installed there, or each of them has a pending change.";
  }
  return null;
}

function answerFrom({ answered, handshakes, unasked }: Asked): Answer {
  if (answered.length + unasked === 0) {
    return notAsked("No service has a port that uses SNI, or all names are wildcards or optional.");
  }
  const refusal = answered.length > 0 ? forwardingRefusal(answered) : undefined;
  if (refusal !== undefined) {
    const reason = `Its SSH server does not forward connections (${refusal.message}): ${ALLOW_FORWARDING}`;
    return { ...notAsked(printable(reason)), status: "unreachable", handshakes };
  }
  const mismatches = mismatchesIn(answered);
  return {
    status: "asked",
    reason: unasked > 0 ? `There was no time for ${unasked} of the handshakes.` : null,
    handshakes,
    mismatch_count: mismatches.length,
    mismatches: mismatches.slice(0, MOST_MISMATCHES).map(attributesOf),
  };
}

const ALLOW_FORWARDING =
  "allow them by AllowTcpForwarding and PermitOpen in sshd_config, and by the options of the key in authorized_keys.";

function notAsked(reason: string): Answer {
  return { status: "not_asked", reason, handshakes: 0, mismatch_count: 0, mismatches: [] };
}

function attributesOf({ names, service, ports, message, served }: Mismatch) {
  return {
    names: [...names],
    service,
    ports: [...ports],
    message,
    fingerprint_sha256: served?.fingerprint ?? null,
    subject: served?.subject ?? null,
    issuer: served?.issuer ?? null,
    not_after: served?.notAfter ?? null,
  };
}
