import { isAbsolute } from "node:path";
import { Lazy, Token } from "cdktf";
import type { Construct } from "constructs";
import { acmeErrors } from "../../shared/errors";
import type { AcmeCertificateChallenge } from "../bindings/mailsni/acme-certificate";
import { directoryFromStack } from "../host/directory-path";
import { checkPath } from "../service/host-content";

export interface ChallengeOptions {
  /**
   * Whether the machine that deploys looks at the token or the record itself before the CA is asked, so that a wrong record
   * costs none of the few failures that a CA allows. Switch it off where that machine cannot see what the CA sees.
   *
   * @default true
   */
  readonly lookFirst?: boolean;
  /**
   * The DNS servers that this check and optional names ask: addresses, with `:PORT` where it is not 53.
   *
   * @default - those of the machine that deploys, and for TXT records the name servers of their zone: others may remember that
   *   a record was absent
   */
  readonly dnsServers?: string[];
}

export interface HttpWebrootOptions extends ChallengeOptions {
  /**
   * The names of the mail hosts that the token is put on: all that a name may lead to, since nobody knows which one the CA
   * asks.
   *
   * @default - all of the stack's
   */
  readonly hosts?: string[];
}

export interface DnsHookOptions extends ChallengeOptions {
  /**
   * Whether one call takes all names of a certificate (dehydrated's `HOOK_CHAIN`).
   *
   * @default false
   */
  readonly chain?: boolean;
  /**
   * How long a record may take to be seen, in seconds.
   *
   * @default 120
   */
  readonly propagationSeconds?: number;
}

/** Set by the class, which alone has what it returns. */
let renderingOf: (challenge: Challenge) => ChallengeRendering;

/** How it is proven to a CA that names are yours (RFC 8555 §8). */
export class Challenge {
  /**
   * Tokens that a web server on port 80 of the mail hosts shows to everybody (http-01). They are put on the hosts in the way
   * in which certificates come there, and taken away again. Not for wildcards.
   *
   * @param path the web server's directory on the hosts, absolute: the CA asks for `.well-known/acme-challenge/TOKEN` below it
   * @throws MailSniError `CHALLENGE_WEBROOT`, `PATH_INVALID`
   */
  public static httpWebroot(path: string, options: HttpWebrootOptions = {}): Challenge {
    checkPath("The webroot", path);
    if (path.endsWith(TOKENS)) throw acmeErrors.webroot(path, path.slice(0, -TOKENS.length) || "/");
    const { hosts, ...common } = options;
    return new Challenge({ isHttp: true, blockIn: () => ({ webroot: path, hosts, ...common }) });
  }

  /**
   * TXT records that a program makes (dns-01), with the arguments of dehydrated's hooks: `deploy_challenge` and
   * `clean_challenge`, the name, the token, the record's value. Its secrets belong into the environment.
   *
   * @param command the program, by a name on the `PATH` or a path that is absolute or relative to the directory in which
   *   cdktf runs, and its first arguments
   * @throws MailSniError `CHALLENGE_HOOK`
   */
  public static dnsHook(command: string[], options: DnsHookOptions = {}): Challenge {
    const [program, ...args] = command;
    if (program === undefined || program === "") throw acmeErrors.hookEmpty();
    const { chain, ...common } = options;
    return new Challenge({
      isHttp: false,
      blockIn: (scope) => ({
        hook: [programFromStack(scope, program), ...args],
        hookChain: chain,
        ...common,
      }),
    });
  }

  static {
    renderingOf = (challenge) => challenge.rendering;
  }

  private constructor(private readonly rendering: ChallengeRendering) {}
}

/** What certificates need of a challenge, and users do not. */
export interface ChallengeRendering {
  readonly isHttp: boolean;
  /** The block of a certificate's resource, in the stack of `scope`. */
  readonly blockIn: (scope: Construct) => AcmeCertificateChallenge;
}

export function challengeRendering(challenge: Challenge): ChallengeRendering {
  return renderingOf(challenge);
}

/** Where CAs ask for tokens (RFC 8555 §8.3), and what dehydrated's `WELLKNOWN` ends in. */
const TOKENS = "/.well-known/acme-challenge";

/** Engines run in the stack's own directory. */
function programFromStack(scope: Construct, program: string): string {
  if (Token.isUnresolved(program) || isAbsolute(program) || !program.includes("/")) return program;
  return Lazy.stringValue({ produce: directoryFromStack(scope, program) });
}
