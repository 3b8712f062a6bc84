import type { Member } from "../../shared/json/member";
import type { Command } from "../../shared/provider-block/blocks";
import { hostBlocks } from "../inputs/stack-hosts";
import { knownText, literal, literalOf } from "../inputs/template";

/** What a stack has brought onto a host, as far as it is known without the engine. */
export interface Delivered {
  /** The name by which the ledgers of hosts know the stack; null if only the engine knows it. */
  readonly ledgerStack: string | null;
  /** The addresses of the resources that are about the host alone. */
  readonly addresses: readonly string[];
  /** The files with a key and a certificate. */
  readonly pems: readonly DeliveredPem[];
  /** What each service runs after its files have changed, in the order of their names. */
  readonly activations: readonly Activation[];
  /** Whether the host issues certificates itself. */
  readonly issuesItself: boolean;
  /** The addresses of the other hosts' resources, and of what issues certificates. */
  readonly others: readonly string[];
}

export interface DeliveredPem {
  readonly path: string;
  readonly mode: string;
  /** Null for the user who runs dehydrated. */
  readonly owner: string | null;
  readonly group: string | null;
}

export interface Activation {
  readonly service: string;
  readonly command: Command;
}

const MOST_RESOURCES = 1_000_000;
const MOST_TYPES = 10_000;
const MOST_FILES = 100_000;
const MOST_SERVICES = 100;
const MOST_WORDS = 1000;

/** The types of resources that are about one host. */
const OF_HOSTS = ["mailsni_host_files", "mailsni_host_job", "mailsni_retired_renewers"];

/** Reads it from `cdk.tf.json`. */
export function deliveredTo(host: string, document: Member): Delivered {
  const resources = resourcesIn(document);
  const own = resources.filter((resource) => resource.host === host);
  return {
    ledgerStack: ledgerStackIn(document),
    addresses: own.map(({ address }) => address),
    pems: own.flatMap(({ pems }) => pems),
    activations: activationsOf(host, document),
    issuesItself: own.some(({ type }) => type === "mailsni_host_job"),
    others: resources.filter((resource) => resource.host !== host).map(({ address }) => address),
  };
}

function ledgerStackIn(document: Member): string | null {
  const found = document
    .member("provider")
    .optional((providers) =>
      providers
        .member("mailsni")
        .optional((list) => list.list(1, (block) => knownText(block.member("stack")))),
    );
  return found?.[0] ?? null;
}

interface Resource {
  readonly address: string;
  readonly type: string;
  /** Null for a resource that is about no host. */
  readonly host: string | null;
  readonly pems: readonly DeliveredPem[];
}

function resourcesIn(document: Member): Resource[] {
  const types = document.member("resource").optional((found) => found.entries(MOST_TYPES, (type) => type));
  return (types ?? []).flatMap(([type, members]) =>
    members
      .entries(MOST_RESOURCES, (resource) => resourceIn(type, resource))
      .map(([name, resource]) => ({ address: `${type}.${name}`, type, ...resource })),
  );
}

function resourceIn(type: string, resource: Member): Pick<Resource, "host" | "pems"> {
  if (!OF_HOSTS.includes(type)) return { host: null, pems: [] };
  const pems = type === "mailsni_host_files" ? resource.member("files").optional(pemsIn) : null;
  return { host: knownText(resource.member("host")), pems: pems ?? [] };
}

/** A file without a text is a PEM. */
function pemsIn(files: Member): DeliveredPem[] {
  return files
    .entries(MOST_FILES, (file) => ({
      hasText: file.member("text").isPresent,
      mode: knownText(file.member("mode")) ?? "0600",
      owner: knownText(file.member("owner")),
      group: knownText(file.member("group")),
    }))
    .flatMap(([key, { hasText, ...file }]) => {
      const path = literalOf(key);
      return hasText || path === null ? [] : [{ path, ...file }];
    });
}

function activationsOf(host: string, document: Member): Activation[] {
  const found = hostBlocks(document, (block) => block.member("services").optional(activationsIn) ?? []).get(
    host,
  );
  return found === undefined || typeof found === "string" ? [] : [...found];
}

function activationsIn(services: Member): Activation[] {
  return services
    .entries(MOST_SERVICES, (service) =>
      service.member("activate").optional((command) => command.list(MOST_WORDS, literal)),
    )
    .flatMap(([service, command]) =>
      command === null ? [] : [{ service: literalOf(service) ?? service, command }],
    );
}
