import { type TerraformElement, TerraformResource, type TerraformStack } from "cdktf";
import { hostErrors, ruleErrors } from "../../shared/errors";

/**
 * The logical ids of all resources. With their types they are the addresses under which a state knows them, and so a
 * public contract: they depend on names alone, neither on their order nor on the tree of constructs, and no two things
 * have the same. A change of them has to come with `moved` blocks.
 *
 * Injective, because dots become underscores, which neither host names nor ids have, and because nothing has two dots
 * in a row: the first double underscore is the one that separates a domain from a host.
 */
export const logicalId = {
  /** Of the certificate that was issued for a mail domain. */
  certificate: (domain: string) => `c_${undotted(domain)}`,
  /** Of what one host has of a mail domain. */
  domain: (domain: string, host: string) => `d_${undotted(domain)}__${undotted(host)}`,
  /** Of what a host has before any certificate. */
  base: (host: string) => `base__${undotted(host)}`,
  /** Of what a host presents to clients that ask for nothing known. */
  default: (host: string) => `default__${undotted(host)}`,
  /** Of what tells the stack's state from others. */
  stateIdentity: "this",
  privateCa: (id: string) => `ca_${undotted(id)}`,
  acmeAccount: (id: string) => `acme_${undotted(id)}`,
  /** Of one file of a staging tree, by its path on the host. */
  stagedFile: (host: string, path: string) => `f_${undotted(host)}${slashesAndDots(path)}`,
};

/**
 * An id that becomes a part of addresses.
 *
 * @param what for messages: what has the id
 * @throws MailSniError `ID_INVALID`
 */
export function checkId(what: string, id: string): string {
  if (!/^[A-Za-z0-9]([A-Za-z0-9-]|\.(?=[A-Za-z0-9]))*$/.test(id)) throw hostErrors.idInvalid(what, id);
  return id;
}

/** Of resources that have the same address cdktf keeps the last one, without a word: what there is to say about it. */
export function duplicateAddresses(stack: TerraformStack): string[] {
  const paths = new Map<string, string>();
  const problems: string[] = [];
  for (const resource of stack.node.findAll().filter(isResource)) {
    const address = `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;
    const earlier = paths.get(address);
    if (earlier !== undefined) {
      problems.push(ruleErrors.addressTwice(address, earlier, resource.node.path).message);
    }
    paths.set(address, resource.node.path);
  }
  return problems;
}

function isResource(element: unknown): element is TerraformResource & TerraformElement {
  return TerraformResource.isTerraformResource(element);
}

function undotted(name: string): string {
  return name.replaceAll(".", "_");
}

/**
 * Slashes become two underscores, dots within a word one, and what Terraform takes in no name `_-` and its code: so no two
 * paths become the same.
 */
function slashesAndDots(path: string): string {
  const special = /(\/)|((?<=[A-Za-z0-9])\.(?=[A-Za-z0-9]))|[^A-Za-z0-9-]/g;
  return path.replace(special, (character, slash, dot) => {
    if (slash !== undefined) return "__";
    return dot === undefined ? `_-${character.charCodeAt(0).toString(16)}` : "_";
  });
}
