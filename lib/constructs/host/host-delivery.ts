import type { Construct } from "constructs";
import type { HostContent } from "../service/host-content";
import type { ServedCertificate } from "../service/served-certificate";

/** A part of the files of a host. Each part becomes a resource and can fail without the others. */
export type HostPart =
  /** The files that are needed before any certificate. */
  | { readonly kind: "base" }
  /** The files that present the default certificate (no SNI, or an unlisted name). */
  | { readonly kind: "default"; readonly certificate: ServedCertificate }
  /** The files that present a certificate for its names. */
  | { readonly kind: "domain"; readonly certificate: ServedCertificate };

/** Declares the resources that write the files of services to a host. */
export interface IHostDelivery {
  /**
   * Declares the resources of a part. The base comes first.
   *
   * @param contents the files of each service, by its name
   * @throws MailSniError `MODE_INVALID`, `PATH_INVALID`, `PATH_TWICE`
   */
  deliver(scope: Construct, part: HostPart, contents: ReadonlyMap<string, HostContent>): void;
}
