import type { Construct } from "constructs";
import type { HostContent } from "../service/host-content";
import type { IMailService } from "../service/mail-service";
import type { ServedCertificate } from "../service/served-certificate";
import type { OnDestroy } from "./on-destroy";
import type { DehydratedSettings } from "./renewal/dehydrated-config";
import type { TimerSettings } from "./renewal/renewal-timer";

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
  /**
   * Declares the resources by which the host issues certificates itself.
   *
   * @returns what delivers the parts with these certificates
   * @throws MailSniError `DEHYDRATED_…` where a host cannot do that
   */
  issueOnHost(scope: Construct, issuing: IssuingOnHost): IHostDelivery;
}

/** How a host issues certificates itself. */
export interface IssuingOnHost {
  /** The mail servers that run on the host. */
  readonly services: readonly IMailService[];
  /** The directory of the files that the provider manages. */
  readonly directory: string;
  /**
   * The directory of accounts, keys and certificates.
   *
   * @default - `dehydrated` in the host's stateDirectory
   */
  readonly workDirectory?: string;
  /** The settings of dehydrated. */
  readonly settings: DehydratedSettings;
  readonly timer: TimerSettings;
  readonly onDestroy: OnDestroy;
}
