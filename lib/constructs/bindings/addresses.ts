import {
  TerraformDataSource,
  type TerraformElement,
  TerraformLocal,
  TerraformOutput,
  TerraformResource,
  type TerraformStack,
} from "cdktf";
import type { IConstruct } from "constructs";
import { hostErrors, ruleErrors } from "../../shared/errors";

/**
 * The logical ids of all resources. Together with the resource types they are the addresses in a state, and
 * so a public contract. An id depends on names only: not on the order of declarations, and not on the tree of
 * constructs. A change has to come with `moved` blocks.
 *
 * No two resources of one type have the same id. Dots become underscores, which neither host names nor ids contain. No name
 * has two dots in a row, so the first double underscore is the one that separates a domain from a host.
 */
export const logicalId = {
  /** The certificate that is issued for a mail domain. */
  certificate: (domain: string) => `c_${undotted(domain)}`,
  /** The files of a mail domain on one host. */
  domain: (domain: string, host: string) => `d_${undotted(domain)}__${undotted(host)}`,
  /** The files that a host needs before any certificate. */
  base: (host: string) => `base__${undotted(host)}`,
  /** The files that present a host's default certificate (no SNI, or an unlisted name). */
  default: (host: string) => `default__${undotted(host)}`,
  /** What issues the certificates of a host on itself, and the resource that runs it. */
  dehydrated: (host: string) => `dehydrated__${undotted(host)}`,
  /** What is switched off on a host. */
  retired: (host: string) => `retired__${undotted(host)}`,
  /** The data source and the check of what a host serves, and the local value that they depend on. */
  served: (host: string) => `served__${undotted(host)}`,
  /** The identity of the stack's state. */
  stateIdentity: "this",
  privateCa: (id: string) => `ca_${undotted(id)}`,
  acmeAccount: (id: string) => `acme_${undotted(id)}`,
  /** One file of a staging tree, by its path on the host. */
  stagedFile: (host: string, path: string) => `f_${undotted(host)}${slashesAndDots(path)}`,
};

/**
 * Checks an id that becomes part of addresses.
 *
 * @param what has the id, for messages
 * @throws MailSniError `ID_INVALID`
 */
export function checkId(what: string, id: string): string {
  if (!/^[A-Za-z0-9]([A-Za-z0-9-]|\.(?=[A-Za-z0-9]))*$/.test(id)) throw hostErrors.idInvalid(what, id);
  return id;
}

/**
 * Error messages for resources, data sources, local values and outputs with the same address. cdktf silently keeps only the last of
 * them.
 */
export function duplicateAddresses(stack: TerraformStack): string[] {
  const paths = new Map<string, string>();
  const problems: string[] = [];
  for (const element of stack.node.findAll()) {
    const address = addressOf(element);
    if (address === undefined) continue;
    const earlier = paths.get(address);
    if (earlier !== undefined) {
      problems.push(ruleErrors.addressTwice(address, earlier, element.node.path).message);
    }
    paths.set(address, element.node.path);
  }
  return problems;
}

function addressOf(element: IConstruct): string | undefined {
  if (isResource(element)) return `${element.terraformResourceType}.${element.friendlyUniqueId}`;
  if (isDataSource(element)) return `data.${element.terraformResourceType}.${element.friendlyUniqueId}`;
  if (TerraformOutput.isTerraformOutput(element)) return `output.${element.friendlyUniqueId}`;
  return element instanceof TerraformLocal ? `local.${element.friendlyUniqueId}` : undefined;
}

function isResource(element: unknown): element is TerraformResource & TerraformElement {
  return TerraformResource.isTerraformResource(element);
}

function isDataSource(element: unknown): element is TerraformDataSource & TerraformElement {
  return TerraformDataSource.isTerraformDataSource(element);
}

function undotted(name: string): string {
  return name.replaceAll(".", "_");
}

/**
 * Encodes a path so that no two paths become the same name. A slash becomes two underscores, a dot within a
 * word becomes one, and a character that Terraform does not allow in names becomes `_-` and its code.
 */
function slashesAndDots(path: string): string {
  const special = /(\/)|((?<=[A-Za-z0-9])\.(?=[A-Za-z0-9]))|[^A-Za-z0-9-]/g;
  return path.replace(special, (character, slash, dot) => {
    if (slash !== undefined) return "__";
    return dot === undefined ? `_-${character.charCodeAt(0).toString(16)}` : "_";
  });
}
