import { posix } from "node:path";
import { checkPath } from "../../service/host-content";

/** The name of the units and of the cron file. */
export const TIMER_NAME = "mail-sni-dehydrated";

/** Where on a host the renewal program and what it reads are. */
export class RenewalFiles {
  /** The program: what the timer runs, and the hook that dehydrated calls. */
  readonly program: string;
  /** dehydrated's configuration, which bash sources. */
  readonly config: string;
  /** The rows: one certificate each. */
  readonly domainsTxt: string;
  /** What the program installs, and how. */
  readonly table: string;
  /** CA certificates that the ACME server is verified against. */
  readonly caCertificate: string;
  /** Where dehydrated writes tokens (http-01), from where the program publishes them. */
  readonly tokens: string;
  /** The outcome of the last run. */
  readonly result: string;

  /**
   * @param directory of the files that the provider manages
   * @param workDirectory of the accounts, keys and certificates that dehydrated makes
   * @throws MailSniError `PATH_INVALID`
   */
  constructor(
    directory: string,
    readonly workDirectory: string,
  ) {
    checkPath("The issuer's directory", directory);
    checkPath("The issuer's workDirectory", workDirectory);
    this.program = `${directory}/renewal`;
    this.config = `${directory}/config`;
    this.domainsTxt = `${directory}/domains.txt`;
    this.table = `${directory}/table`;
    this.caCertificate = `${directory}/ca.pem`;
    this.tokens = `${workDirectory}/tokens`;
    this.result = `${workDirectory}/result`;
  }

  /**
   * Where a text waits that the program installs with a PEM. Each part has a folder of its own below that of its service: an
   * alias may be as long as a file name.
   *
   * @param index of the text among those of the part
   */
  snippet(service: string, alias: string, kind: "domain" | "default", index: number): string {
    const folders = [...(kind === "default" ? [kind] : []), ...(index > 0 ? [`${index + 1}`] : [])];
    return posix.join(posix.dirname(this.table), "snippets", service, ...folders, alias);
  }
}
