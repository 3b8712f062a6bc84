import type { Resource } from "../protocol/resource";
import type { Attributes } from "../protocol/schema/schema";

/**
 * The leaves that this process has seen in resources that issue and renew certificates: nobody has to be told that one of
 * them expires soon.
 */
export class IssuedHere {
  readonly #leaves = new Set<string>();

  /** @param state of a resource that issues; null if there is none */
  note(state: object | null | undefined): void {
    const { certificate_pem: pem } = (state ?? {}) as { readonly certificate_pem?: unknown };
    const leaf = typeof pem === "string" ? firstCertificate(pem) : null;
    if (leaf !== null) this.#leaves.add(leaf);
  }

  /** @param pem with the leaf in front of its chain */
  has(pem: string): boolean {
    const leaf = firstCertificate(pem);
    return leaf !== null && this.#leaves.has(leaf);
  }
}

/** A resource that issues, and whose certificates are noted whenever it is read, planned or applied. */
export function noting<A extends Attributes, D>(
  resource: Resource<A, D>,
  issued: IssuedHere,
): Resource<A, D> {
  return {
    ...resource,
    plan(request) {
      issued.note(request.prior);
      return resource.plan?.(request);
    },
    async create(request) {
      const outcome = await resource.create(request);
      issued.note(outcome?.state);
      return outcome;
    },
    async read(request) {
      issued.note(request.prior);
      return resource.read(request);
    },
    async update(request) {
      issued.note(request.prior);
      const outcome = await resource.update(request);
      issued.note(outcome?.state);
      return outcome;
    },
  };
}

function firstCertificate(pem: string): string | null {
  return (
    /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/.exec(pem)?.[0].replace(/\s+/g, "") ?? null
  );
}
