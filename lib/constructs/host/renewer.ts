import { hostErrors } from "../../shared/errors";
import { RENEWERS } from "../../shared/renewers/renewers";
import { checkPath } from "../service/host-content";

/**
 * What renews certificates on a host without this library: a client of a CA that cron or a timer runs, or a hook of one. In
 * `retire` of a mail host it is switched off for as long as it is declared there, and then on again.
 */
export class Renewer {
  /** certbot: its timer, its lines in crontabs, and scripts of cron that run it. */
  public static certbot(): Renewer {
    return Renewer.of("certbot");
  }

  /** dehydrated: whatever runs it from time to time. A `DehydratedIssuer` is not affected: it has a timer of its own. */
  public static dehydrated(): Renewer {
    return Renewer.of("dehydrated");
  }

  /** acme.sh: its line in the crontab of the user that deploys work as. */
  public static acmeSh(): Renewer {
    return Renewer.of("acme.sh");
  }

  /** lego: whatever runs it from time to time. */
  public static lego(): Renewer {
    return Renewer.of("lego");
  }

  /**
   * Another client of a CA.
   *
   * @param program `certbot`, `dehydrated`, `acme.sh`, `lego`, `getssl`, `uacme`, `letsencrypt-auto` or `simp_le`
   * @throws MailSniError `RENEWER_UNKNOWN`
   */
  public static of(program: string): Renewer {
    if (!(RENEWERS as readonly string[]).includes(program))
      throw hostErrors.renewerUnknown(program, RENEWERS);
    return new Renewer(program, undefined);
  }

  /**
   * An executable that a client runs after a renewal, where the client itself also renews certificates of other servers and has
   * to go on.
   *
   * @param path of the executable on the host, such as `/etc/letsencrypt/renewal-hooks/deploy/mail`
   * @throws MailSniError `PATH_INVALID`
   */
  public static hook(path: string): Renewer {
    return new Renewer(undefined, checkPath("The hook", path));
  }

  private constructor(
    /** The program of a client; undefined for a hook. */
    public readonly program: string | undefined,
    /** The path of a hook; undefined for a client. */
    public readonly path: string | undefined,
  ) {}
}
