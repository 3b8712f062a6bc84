import { certificateIn, type PlannedChange, privateCaIn, type StackPlan } from "../../planned/planned-change";
import { PRIVATE_CA, PRIVATE_CERTIFICATE } from "../../planned/resource-format";

interface RenewedCa {
  readonly address: string;
  readonly identity: string;
}

/** The private CAs that a plan renews, whose certificates are issued again with them. */
export class RenewedCas {
  readonly #renewed: readonly RenewedCa[];
  readonly #references: StackPlan["caReferences"];

  constructor({ changes, caReferences }: StackPlan) {
    this.#references = caReferences;
    this.#renewed = changes.flatMap(({ isOurs, type, action, address, before }) => {
      const identity = privateCaIn(before)?.identity ?? null;
      const isRenewed = isOurs && type === PRIVATE_CA && action === "update" && identity !== null;
      return isRenewed ? [{ address, identity }] : [];
    });
  }

  /**
   * Whether a certificate gets another `ca_certificate_pem` because its CA is renewed, and not because it is moved to another CA:
   * the one that has issued it, by its subject and key, is the one that the plan has it issued by.
   */
  reissue({ address, type, before, after, changed, unknown }: PlannedChange): boolean {
    const issuer = certificateIn(before)?.issuer ?? null;
    if (type !== PRIVATE_CERTIFICATE || issuer === null || !changed.includes("ca_certificate_pem"))
      return false;
    // It is known if the CA was renewed by an earlier apply, which ended before its certificates were issued.
    if (!unknown.includes("ca_certificate_pem")) return certificateIn(after)?.issuer === issuer;
    const references = this.#references.get(withoutKey(address)) ?? [];
    return this.#renewed.some((ca) => ca.identity === issuer && areOnlyTo(ca.address, references));
  }
}

/** The configuration has a resource once, whatever its `count` or `for_each`. */
function withoutKey(address: string): string {
  return address.replace(/\[.*$/s, "");
}

/**
 * Whether the certificate of one CA is all that an expression has. Beside the attribute, engines list what contains it: the resource, and
 * the resource without its key.
 */
function areOnlyTo(address: string, references: readonly string[]): boolean {
  const whole = `${address}.certificate_pem`;
  return references.includes(whole) && references.every((one) => one === whole || isWithin(whole, one));
}

function isWithin(whole: string, part: string): boolean {
  return whole.startsWith(`${part}.`) || whole.startsWith(`${part}[`);
}
