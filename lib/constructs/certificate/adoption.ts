import { Lazy } from "cdktf";
import type { Construct } from "constructs";
import { acmeErrors } from "../../shared/errors";
import { directoryFault, directoryFromStack } from "../host/directory-path";

/**
 * A certificate and its private key that exist already, as PEM files on the machine that deploys. A relative path is relative
 * to the project's directory, where the program runs. `{domain}` in a path stands for the mail domain, as lower-case A-labels.
 *
 * The provider reads the files when it creates the certificate's resource, and never again. It uses the certificate if it
 * fits: the issuer's CA issued it, it has the names and the key algorithm of the stack, servers can present it, and its
 * renewal is not due. Otherwise it orders a certificate, and warns why. You can remove `adoptFrom` and the files after the
 * first deploy.
 */
export interface AdoptFrom {
  /** The certificate, followed by its chain. */
  readonly certificate: string;
  /**
   * The private key, which may be in the same file. The file must belong to root or to the user who deploys, and must not
   * be readable for every user. An encrypted key is decrypted with the environment variable `MAIL_SNI_OWN_KEY_PASSPHRASE`.
   */
  readonly privateKey: string;
}

/** What stands for the mail domain in a path. */
const DOMAIN = /\{domain\}/g;

/**
 * The files of a domain, for the provider.
 *
 * @throws MailSniError `ADOPTION_PATH`
 */
export function adoptedFiles(
  scope: Construct,
  domain: string,
  { certificate, privateKey }: AdoptFrom,
): { readonly adoptCertificateFile: string; readonly adoptPrivateKeyFile: string } {
  const file = (path: string) => adoptedFile(scope, path.replace(DOMAIN, domain));
  return { adoptCertificateFile: file(certificate), adoptPrivateKeyFile: file(privateKey) };
}

/** A file for the provider. @throws MailSniError `ADOPTION_PATH` */
export function adoptedFile(scope: Construct, path: string): string {
  const fault =
    directoryFault(path) ?? (/[$%]\{/.test(path) ? "has a Terraform expression in it" : undefined);
  if (fault !== undefined) throw acmeErrors.adoptionPath(path, fault);
  return Lazy.stringValue({ produce: directoryFromStack(scope, path) });
}

/** Refuses what only an ACME issuer can do. @throws MailSniError `ADOPTION_UNSUPPORTED` */
export function refuseAdoption(domain: string, adoptFrom: AdoptFrom | undefined, source: string): void {
  if (adoptFrom !== undefined) throw acmeErrors.adoptionUnsupported(domain, source);
}
