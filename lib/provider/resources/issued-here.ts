import type { Resource } from "../protocol/resource";
import type { Attributes } from "../protocol/schema/schema";

/**
 * The leaf certificates of resources that this process manages. They are renewed by themselves, so no warning
 * is needed if one expires soon.
 */
export class IssuedHere {
  readonly #leaves = new Set<string>();

  /** @param state of a resource that issues certificates; null if there is none */
  note(state: object | null | undefined): void {
    const { certificate_pem: pem } = (state ?? {}) as { readonly certificate_pem?: unknown };
    const leaf = typeof pem === "string" ? firstCertificate(pem) : null;
    if (leaf !== null) this.#leaves.add(leaf);
  }

  /** @param pem the leaf followed by its chain */
  has(pem: string): boolean {
    const leaf = firstCertificate(pem);
    return leaf !== null && this.#leaves.has(leaf);
  }
}

/** Wraps a resource so that its certificates are noted whenever it is read, planned or applied. */
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
