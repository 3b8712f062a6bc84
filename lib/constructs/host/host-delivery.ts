import type { Construct } from "constructs";
import type { HostContent } from "../service/host-content";
import type { ServedCertificate } from "../service/served-certificate";

/** A part of what a host is to have: one that can fail without the others. */
export type HostPart =
  /** What is there before any certificate. */
  | { readonly kind: "base" }
  /** What is presented to clients without SNI, or with an unlisted name. */
  | { readonly kind: "default"; readonly certificate: ServedCertificate }
  /** What is presented to clients that ask for the certificate's names. */
  | { readonly kind: "domain"; readonly certificate: ServedCertificate };

/** How what the services of a host want gets there. */
export interface IHostDelivery {
  /**
   * Has a part brought to the host. The base comes first.
   *
   * @param contents by the name of the service
   * @throws MailSniError `MODE_INVALID`, `PATH_INVALID`, `PATH_TWICE`
   */
  deliver(scope: Construct, part: HostPart, contents: ReadonlyMap<string, HostContent>): void;
}
