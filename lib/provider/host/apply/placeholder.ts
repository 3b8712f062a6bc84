import { type CertificateName, parseCertificateName } from "../../../shared/host-name";
import { readCaCertificate } from "../../x509/issuing-ca";
import { generateKey, privateKeyPem } from "../../x509/key-algorithm";
import { validityFrom } from "../../x509/validity";
import type { DesiredFile, Placeholder } from "../desired/change";
import type { Facts } from "../record/facts";

/** Makes those files of a placeholder that do not exist on the host. */
export async function missingFiles(placeholder: Placeholder, facts: Facts): Promise<DesiredFile[]> {
  const { path, names, mode, owner, group, service, configuration } = placeholder;
  const files: DesiredFile[] = [];
  if (!facts.has(path)) {
    files.push({ path, contents: await placeholderPem(names), secret: true, mode, owner, group, service });
  }
  if (configuration && !facts.has(configuration.path)) {
    const { path: file, text } = configuration;
    files.push({ path: file, contents: text, secret: false, mode: "0644", owner, group, service });
  }
  return files;
}

const TEN_YEARS_HOURS = 87_600;

/**
 * A PEM with which a server can start and that no client trusts: signed by a CA whose key is discarded at
 * once.
 */
export async function placeholderPem(names: readonly string[]): Promise<string> {
  const { issueCa, issueLeaf } = await import("../../x509/issue");
  const [caKey, key] = await Promise.all([generateKey("ECDSA-P256"), generateKey("ECDSA-P256")]);
  const validity = validityFrom(new Date(), TEN_YEARS_HOURS);
  const caPem = await issueCa({ ...validity, commonName: "mail-sni placeholder", key: caKey });
  const ca = readCaCertificate(caPem);
  if ("problem" in ca) throw ca.problem;
  const certificateNames: CertificateName[] = names.map((name) => parseCertificateName(name));
  const leaf = await issueLeaf({ ...validity, names: certificateNames, key, ca: ca.value, caKey });
  return `${privateKeyPem(key)}${leaf}${caPem}`;
}
