import type { ChallengeSettings } from "../host/renewal/dehydrated-config";
import { checkPath } from "../service/host-content";
import { tokensBelow } from "./challenge";

/** Options for HTTP challenges of dehydrated. */
export interface DehydratedHttpOptions {
  /**
   * Your own hook: the absolute path of a program on the host. It is called with everything that dehydrated calls its hook with,
   * after the renewal program.
   *
   * @default - none
   */
  readonly hook?: string;
}

/** Options for DNS challenges of dehydrated. */
export interface DehydratedDnsOptions {
  /**
   * Whether the hook is called once for all names of a certificate (dehydrated's `HOOK_CHAIN`).
   *
   * @default false
   */
  readonly chain?: boolean;
}

/** Reads the private members of a challenge. The class assigns it in its static block. */
let settingsOf: (challenge: DehydratedChallenge) => ChallengeSettings;

/** The way in which dehydrated proves to a CA that you control the names (RFC 8555 §8). */
export class DehydratedChallenge {
  /**
   * HTTP challenge (http-01): a web server on port 80 of the host serves the tokens publicly. All names of the certificates have
   * to lead to this host. CAs issue no wildcards for it.
   *
   * @param path absolute path of the web server's directory on the host: the CA requests `.well-known/acme-challenge/TOKEN`
   *   below it
   * @throws MailSniError `CHALLENGE_WEBROOT`, `PATH_INVALID`
   */
  public static httpWebroot(path: string, options: DehydratedHttpOptions = {}): DehydratedChallenge {
    const { hook } = options;
    if (hook !== undefined) checkPath("The hook", hook);
    return new DehydratedChallenge({ wellKnown: tokensBelow(path), hook });
  }

  /**
   * DNS challenge (dns-01): your own hook on the host creates the TXT records. Hooks that are written for dehydrated work as
   * they are. It is called with all that dehydrated calls its hook with.
   *
   * @param hook the absolute path of the program on the host
   * @throws MailSniError `PATH_INVALID`
   */
  public static dnsHook(hook: string, options: DehydratedDnsOptions = {}): DehydratedChallenge {
    return new DehydratedChallenge({ hook: checkPath("The hook", hook), chain: options.chain });
  }

  static {
    settingsOf = (challenge) => challenge.settings;
  }

  private constructor(private readonly settings: ChallengeSettings) {}
}

export function dehydratedChallenge(challenge: DehydratedChallenge): ChallengeSettings {
  return settingsOf(challenge);
}
