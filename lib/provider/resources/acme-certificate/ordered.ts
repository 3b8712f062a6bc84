import type { KeyObject } from "node:crypto";
import { orderCertificate } from "../../acme/order";
import { ACME } from "../../messages/acme";
import { generateKey } from "../../x509/key-algorithm";
import { DEFAULT_KEY_ALGORITHM } from "../issuance";
import { presentableChain } from "./presentable-chain";
import type { Obtained, Wanted } from "./wanted";

/** Orders the certificate at the CA. @throws {AcmeFailure} */
export async function ordered(wanted: Wanted): Promise<Obtained> {
  const { config, prior, names, account, solver, diagnostics, signal } = wanted;
  // A certificate of another CA does not count: when all domains move from staging to production, the limits
  // of production apply.
  const isFirst = prior?.directory_url !== config.directory_url;
  const { key, sealedKey } = await keyFor(wanted);
  const { certificateRequest } = await import("../../x509/certificate-request");
  // CAs refuse it for a certificate that another account has ordered.
  const replaced = !isFirst && prior.ordered_by === config.account_url ? prior.renewal_information_id : null;
  const request = {
    names,
    csr: await certificateRequest(names, key),
    solver,
    profile: config.profile,
    replaces: replaced,
    signal,
  };
  const issued = await account.firstOrders.run(isFirst ? config.max_new_orders_per_run : null, () =>
    orderCertificate(account, request),
  );
  for (const warning of issued.warnings) diagnostics.warning(ACME.challengeLeft, warning);
  return { fullChain: await presentableChain(issued, wanted, key), sealedKey, orderedBy: config.account_url };
}

/** The key to order with, and its form in the state. */
async function keyFor({
  config,
  prior,
  former,
  passphrases,
}: Wanted): Promise<{ readonly key: KeyObject; readonly sealedKey: string }> {
  const algorithm = config.key_algorithm ?? DEFAULT_KEY_ALGORITHM;
  if (config.reuse_key === true && former !== null && prior?.key_algorithm === algorithm) {
    return { key: former, sealedKey: await passphrases.reseal(String(prior.private_key_pem)) };
  }
  const key = await generateKey(algorithm);
  return { key, sealedKey: await passphrases.seal(key) };
}
