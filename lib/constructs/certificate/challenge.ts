import { isAbsolute } from "node:path";
import { Lazy, Token } from "cdktf";
import type { Construct } from "constructs";
import { CHALLENGES } from "../../shared/acme/challenge-path";
import { acmeErrors } from "../../shared/errors";
import type { AcmeCertificateChallenge } from "../bindings/mailsni/acme-certificate";
import { directoryFromStack } from "../host/directory-path";
import { checkPath } from "../service/host-content";

/** Options for all challenges. */
export interface ChallengeOptions {
  /**
   * Whether the machine that deploys checks the token or the record itself before it asks the CA. A wrong
   * record then costs none of the few failed validations that a CA allows. Set it to false if that machine
   * does not see what the CA sees.
   *
   * @default true
   */
  readonly lookFirst?: boolean;
  /**
   * The DNS servers that the self-check and the check of optional names query: IP addresses, with `:PORT` if
   * the port is not 53.
   *
   * @default - those of the machine that deploys; for TXT records the name servers of the zone, because other
   *   servers may have cached that a record was absent
   */
  readonly dnsServers?: string[];
}

/** Options for HTTP challenges. */
export interface HttpWebrootOptions extends ChallengeOptions {
  /**
   * The names of the mail hosts that receive the token. List all hosts that a name may resolve to: the CA may
   * ask any of them.
   *
   * @default - all hosts of the stack
   */
  readonly hosts?: string[];
}

/** Options for DNS challenges. */
export interface DnsHookOptions extends ChallengeOptions {
  /**
   * Whether the program is called once for all names of a certificate (dehydrated's `HOOK_CHAIN`).
   *
   * @default false
   */
  readonly chain?: boolean;
  /**
   * The maximum time until a record is visible, in seconds.
   *
   * @default 120
   */
  readonly propagationSeconds?: number;
}

/** Reads the private members of a challenge. The class assigns it in its static block. */
let renderingOf: (challenge: Challenge) => ChallengeRendering;

/** The way to prove to a CA that you control the names (RFC 8555 §8). */
export class Challenge {
  /**
   * HTTP challenge (http-01): a web server on port 80 of the mail hosts serves the tokens publicly. The
   * provider writes the tokens to the hosts as it writes certificates, and removes them afterwards. CAs issue
   * no wildcards for it.
   *
   * @param path absolute path of the web server's directory on the hosts: the CA requests
   *   `.well-known/acme-challenge/TOKEN` below it
   * @throws MailSniError `CHALLENGE_WEBROOT`, `PATH_INVALID`
   */
  public static httpWebroot(path: string, options: HttpWebrootOptions = {}): Challenge {
    tokensBelow(path);
    const { hosts, ...common } = options;
    return new Challenge({ isHttp: true, blockIn: () => ({ webroot: path, hosts, ...common }) });
  }

  /**
   * DNS challenge (dns-01): a program creates the TXT records. It is called with the arguments of
   * dehydrated's hooks: `deploy_challenge` or `clean_challenge`, the name, the token, the record's value. The
   * program's secrets belong in the environment.
   *
   * @param command the program and its first arguments; the program is a name on the `PATH`, or a path that
   *   is absolute or relative to the directory in which cdktf runs
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

/** The members of a challenge that certificates need and that are not public. */
export interface ChallengeRendering {
  readonly isHttp: boolean;
  /** Renders the `challenge` block of a certificate's resource in the stack of `scope`. */
  readonly blockIn: (scope: Construct) => AcmeCertificateChallenge;
}

export function challengeRendering(challenge: Challenge): ChallengeRendering {
  return renderingOf(challenge);
}

/** The path at which CAs request tokens (RFC 8555 §8.3); dehydrated's `WELLKNOWN` ends with it. */
const TOKENS = `/${CHALLENGES}`;

/**
 * The directory of tokens below that of a web server.
 *
 * @throws MailSniError `CHALLENGE_WEBROOT`, `PATH_INVALID`
 */
export function tokensBelow(webroot: string): string {
  checkPath("The webroot", webroot);
  if (webroot.endsWith(TOKENS)) throw acmeErrors.webroot(webroot, webroot.slice(0, -TOKENS.length) || "/");
  return `${webroot}${TOKENS}`;
}

/** The program's path, relative to the stack's directory: engines run there. */
function programFromStack(scope: Construct, program: string): string {
  if (Token.isUnresolved(program) || isAbsolute(program) || !program.includes("/")) return program;
  return Lazy.stringValue({ produce: directoryFromStack(scope, program) });
}
