import type { KeyObject } from "node:crypto";
import type { FullChain } from "../../../shared/certificate-facts";
import type { CertificateName } from "../../../shared/host-name";
import type { AcmeAccount } from "../../acme/account";
import type { Solver } from "../../acme/solver";
import type { Owner } from "../../journal/fitting";
import type { Journal } from "../../journal/journal";
import type { KeyPassphrases } from "../../keys/key-passphrases";
import type { Diagnostics } from "../../protocol/diagnostics";
import type { PrivateState } from "../../protocol/resource";
import type { Values } from "./schema";

/** A certificate that is to be obtained: the configuration as read, and what a source needs besides. */
export interface Wanted {
  readonly config: Values;
  /** The current state; null when the resource is created. */
  readonly prior: Values | null;
  /** The key of the current state. */
  readonly former: KeyObject | null;
  /** All names of the certificate, without those that a wildcard covers. */
  readonly names: readonly CertificateName[];
  /** The optional names that can be validated now. */
  readonly provable: readonly string[];
  readonly account: AcmeAccount;
  readonly solver: Solver;
  readonly journal: Journal;
  /** Whose entries of the journal are this resource's. */
  readonly owner: Owner;
  readonly passphrases: KeyPassphrases;
  readonly diagnostics: Diagnostics;
  readonly signal: AbortSignal;
}

/** A certificate that servers can present, and its key. */
export interface Obtained {
  readonly fullChain: FullChain;
  /** The private key as the state contains it: encrypted if there is a passphrase. */
  readonly sealedKey: string;
  /** The names of the certificate. @default those that were wanted */
  readonly names?: readonly CertificateName[];
  /** When to renew it, if the source knows already. @default the CA is asked */
  readonly renewal?: Renewal;
  /** The URL of the account that ordered it; null if that is not known. */
  readonly orderedBy: string | null;
}

export interface Renewal {
  /** The certificate's identifier in renewal information (RFC 9773 §4.1). */
  readonly id: string | null;
  readonly renewAt: Date | null;
  /** What is remembered of the CA's suggestions. @default nothing */
  readonly remembered?: PrivateState;
}
