import { X509Certificate } from "node:crypto";
import { parsePem } from "../../shared/pem";

/**
 * The chain whose last certificate was issued under that name (CN), as certbot's `--preferred-chain` has it.
 *
 * @param chains each a leaf and what stands behind it, as PEM that can be read
 */
export function chainIssuedBy(chains: readonly string[], commonName: string): string | undefined {
  return chains.find((chain) => {
    const last = parsePem(chain).blocks.at(-1);
    return last !== undefined && topIssuer(last.text) === commonName;
  });
}

/** The issuers that there would be to choose from. */
export function topIssuers(chains: readonly string[]): readonly string[] {
  return chains.flatMap((chain) => topIssuer(parsePem(chain).blocks.at(-1)?.text ?? "") ?? []);
}

function topIssuer(pem: string): string | undefined {
  const { issuer } = new X509Certificate(pem);
  return /^CN=(.*)$/m.exec(issuer)?.[1];
}
