import { X509Certificate } from "node:crypto";
import { parsePem } from "../../shared/pem";

/**
 * The chain whose last certificate has an issuer with this CN, as certbot's `--preferred-chain` selects it.
 *
 * @param chains each a leaf followed by its intermediates, as valid PEM
 */
export function chainIssuedBy(chains: readonly string[], commonName: string): string | undefined {
  return chains.find((chain) => {
    const last = parsePem(chain).blocks.at(-1);
    return last !== undefined && topIssuer(last.text) === commonName;
  });
}

/** The issuers that a user can choose from. */
export function topIssuers(chains: readonly string[]): readonly string[] {
  return chains.flatMap((chain) => topIssuer(parsePem(chain).blocks.at(-1)?.text ?? "") ?? []);
}

function topIssuer(pem: string): string | undefined {
  const { issuer } = new X509Certificate(pem);
  return /^CN=(.*)$/m.exec(issuer)?.[1];
}
