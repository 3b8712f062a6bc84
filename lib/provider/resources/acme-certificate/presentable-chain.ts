import { type KeyObject, X509Certificate } from "node:crypto";
import type { FullChain } from "../../../shared/certificate-facts";
import { type Inspection, inspectCombinedPem } from "../../../shared/combined-pem";
import { certificateErrors } from "../../../shared/errors";
import { type CertificateName, type HostName, hasName, isWildcard } from "../../../shared/host-name";
import { parsePem } from "../../../shared/pem";
import { chainIssuedBy, topIssuers } from "../../acme/chain";
import { AcmeFailure } from "../../acme/failure";
import type { IssuedChains } from "../../acme/order";
import { pause } from "../../acme/timeouts";
import { ACME } from "../../messages/acme";
import type { Diagnostics } from "../../protocol/diagnostics";
import { privateKeyPem } from "../../x509/key-algorithm";
import type { Values } from "./schema";
import type { Wanted } from "./wanted";

/**
 * The chain for servers to present, with its leaf, once the leaf is valid.
 *
 * @throws {AcmeFailure} if no server can present what the CA has issued
 */
export async function presentableChain(
  issued: IssuedChains,
  { config, names, diagnostics, signal }: Wanted,
  key: KeyObject,
): Promise<FullChain> {
  await validNow(issued.byDefault, signal);
  const inspection = (pem: string) => inspected(privateKeyPem(key), pem, names);
  const pem = await chosenChain(issued, (chain) => inspection(chain).ok, config, diagnostics);
  return required(inspection(pem));
}

/** The preferred chain if the CA offers it and servers can present it; otherwise the CA's default chain. */
async function chosenChain(
  issued: IssuedChains,
  isUsable: (pem: string) => boolean,
  { preferred_chain: preferred }: Values,
  diagnostics: Diagnostics,
): Promise<string> {
  const { byDefault } = issued;
  if (preferred === null || chainIssuedBy([byDefault], preferred) !== undefined) return byDefault;
  // A missing chain is no error: the certificate is issued, and counts towards the CA's limits.
  const { chains, problems } = await issued.alternatives();
  const chosen = chainIssuedBy(chains, preferred);
  if (chosen !== undefined && isUsable(chosen)) return chosen;
  const offered = topIssuers([byDefault, ...chains]).map((name) => JSON.stringify(name));
  const why =
    chosen === undefined
      ? `The CA offers no chain that was issued by ${JSON.stringify(preferred)}. It offers ${offered.join(", ")}.`
      : `No server can present the chain that was issued by ${JSON.stringify(preferred)}.`;
  diagnostics.warning(
    ACME.chainNotOffered,
    [
      why,
      "The CA's default chain is used.",
      ...problems.map((problem) => `Another chain could not be fetched. ${problem}`),
    ].join(" "),
    ["preferred_chain"],
  );
  return byDefault;
}

/** Waits until the certificate is valid: some CAs do not backdate, and clocks differ slightly. */
async function validNow(pem: string, signal: AbortSignal): Promise<void> {
  const missing = Date.parse(new X509Certificate(pem).validFrom) - Date.now();
  if (missing > 0 && missing <= LONGEST_CLOCK_DIFFERENCE_MS) await pause(missing, signal);
}

const LONGEST_CLOCK_DIFFERENCE_MS = 60_000;

/**
 * Whether no server can ever present what the CA has issued, whatever its chain and the time: the leaf is for another key or other
 * names, or of a kind that servers refuse.
 */
export function isUseless({ byDefault }: IssuedChains, { names }: Wanted, key: KeyObject): boolean {
  const leaf = parsePem(byDefault).blocks.find(({ text }) => new X509Certificate(text).checkPrivateKey(key));
  if (leaf === undefined) return true;
  const { validFrom } = new X509Certificate(leaf.text);
  return !inspected(privateKeyPem(key), leaf.text, names, new Date(validFrom)).ok;
}

/** Checks a certificate like a user's: otherwise the delivery to a host would refuse it later. */
export function inspected(
  keyPem: string,
  chain: string,
  names: readonly CertificateName[],
  at = new Date(),
): Inspection {
  const hostNames = names.filter((name): name is HostName => !isWildcard(name));
  const inspection = inspectCombinedPem(`${keyPem}${chain}`, { names: hostNames, at });
  if (!inspection.ok) return inspection;
  const { dnsNames } = inspection.certificate.leaf;
  const missing = names.filter((name) => !hasName(dnsNames, name));
  return missing.length === 0
    ? inspection
    : { ok: false, problems: [certificateErrors.namesNotCovered(missing, dnsNames)] };
}

function required(inspection: Inspection): FullChain {
  if (inspection.ok) return inspection.certificate;
  const problem = inspection.problems[0]?.problem;
  throw new AcmeFailure(
    `The CA issued a certificate that no server can present: ${problem}`,
    "Check the clock of this machine; if it is right, ask the CA.",
  );
}
