import type { SniRuleCode } from "./codes";
import { MailSniError } from "./mail-sni-error";
import { listed, quote } from "./wording";

/** Messages of the rules; docs/rules.md explains each. A `party` names a domain and its MailSni. */
export const ruleErrors = {
  nameTaken: (name: string, host: string, one: string, other: string) =>
    new MailSniError(
      "SNI001",
      `${name} is declared twice for the mail host ${quote(host)}: by ${one} and by ${other}.`,
      "Declare it once: a server can present only one certificate for a name.",
    ),
  defaultMissing: (host: string) =>
    new MailSniError(
      "SNI002",
      `Nothing says which certificate the mail host ${quote(host)} presents to clients without SNI, or with an unlisted name.`,
      "Give a MailSni that has it among its hosts a defaultDomain: without a default, neither qmail nor Dovecot offers TLS.",
    ),
  addressTwice: (address: string, one: string, other: string) =>
    new MailSniError(
      "SNI003",
      `Two constructs have the address ${address}, but only one would be deployed: ${one} and ${other}.`,
      "Declare it once, or give one another id. To present one certificate on the hosts of two MailSni, hand it over: certificate: domain.certificate.",
    ),
  wildcardNotServed: (service: string, domain: string, wildcard: string) =>
    new MailSniError(
      "SNI004",
      `${service} cannot serve ${wildcard} of ${domain}: it matches exact names only.`,
      `List the names that clients use instead, such as HostNames.core(), or ${wildcard.replace("*", "imap")} and ${wildcard.replace("*", "smtp")}; the certificate itself may still have the wildcard.`,
    ),
  namesWithoutEntry: (names: readonly string[], hosts: readonly string[], defaultDomain: string) =>
    new MailSniError(
      "SNI005",
      `Certificates cover ${listed(names)}, but ${listed(hosts)} ${hosts.length === 1 ? "has" : "have"} no entry for that, and servers match exact names only: clients that request such a name get the certificate of ${defaultDomain}, the default, and warn their users.`,
      `Declare the names that clients use. ${unless("SNI005", "no mail client uses one")}`,
    ),
  /** @param prefixes of each domain: `imap.`, or the empty string for the domain itself */
  clientNames: (domains: readonly string[], prefixes: readonly string[], hosts: readonly string[]) =>
    new MailSniError(
      "SNI006",
      `Mail clients that look for the servers of ${listed(domains)} try ${tried(domains, prefixes)} too, which ${prefixes.length === 1 ? "is" : "are"} not declared: those that DNS leads to ${listed(hosts)} by such a name get the default certificate, and warn their users.`,
      `Declare those that DNS has; HostNames.core() has all of them. ${unless("SNI006", "DNS has none of them")}`,
    ),
  takenNames: (
    names: readonly string[],
    { host, service }: { readonly host: string; readonly service: string },
    { file, entry, reason }: { readonly file?: string; readonly entry?: string; readonly reason?: string },
  ) =>
    new MailSniError(
      "SNI007",
      `On ${host}, ${service} presents ${file} for ${listed(names)} instead of the declared certificate: ${entry} in the server's own configuration overrides it${reason === undefined ? "" : ` (${reason})`}.`,
      `Remove the block from the server's configuration and from otherBlocks, or stop declaring the name.`,
    ),
  upgradeDifferences: (
    names: readonly string[],
    hosts: readonly string[],
    {
      service,
      upgrade,
      now,
      then,
    }: { readonly service: string; readonly upgrade: string; readonly now: string; readonly then: string },
  ) =>
    new MailSniError(
      "SNI008",
      `After an upgrade of ${service} on ${listed(hosts)} to ${upgrade}, clients that request ${listed(names)} get ${then} instead of ${now}: several blocks match, and that version uses another one.`,
      `Before the upgrade, remove the blocks that should not match. ${unless("SNI008", "clients accept both")}`,
    ),
  portsWithoutSni: (
    names: readonly string[],
    {
      hosts,
      service,
      port,
      defaultDomain,
    }: {
      readonly hosts: readonly string[];
      readonly service: string;
      readonly port: number;
      readonly defaultDomain: string;
    },
  ) =>
    new MailSniError(
      "SNI009",
      `Port ${port} of ${service} on ${listed(hosts)} presents the certificate of ${defaultDomain} to all clients, whatever name they request. Clients that connect there as ${listed(names)} warn their users.`,
      `Make the port use SNI: for qmail's 465, run tcpserver with SMTPS=1 and set smtps: QmailSmtps.PER_NAME. Or have users connect to another port, or by a name that the certificate covers. ${unless("SNI009", "they do")}`,
    ),
  wildcardOverHttp: (wildcard: string) =>
    new MailSniError(
      "SNI010",
      `${wildcard} cannot be validated over HTTP.`,
      "Use Challenge.dnsHook(…), or list the names that clients use instead.",
    ),
  namesNotPublic: (names: readonly string[]) =>
    new MailSniError(
      "SNI011",
      `No public CA issues for ${listed(names)}: public DNS does not have such names.`,
      "Remove them, or issue the domain's certificate from a PrivateCa or from your own AcmeIssuer.directory(…).",
    ),
  tooManyNames: (domain: string, count: number, profile: string, most: number) =>
    new MailSniError(
      "SNI012",
      `The certificate of ${domain} would be for ${count} names, and Let's Encrypt's profile ${profile} allows ${most}.`,
      "Declare some of the names as a separate domain with its own certificate, or use another profile.",
    ),
  /**
   * @param of the subject: the certificate of a domain, or what Let's Encrypt issues from a date on
   * @param longest the longest interval that is allowed, in hours
   */
  runsTooRare: (
    of: { readonly domain: string } | { readonly profile: string; readonly from: string },
    lifetimeHours: number,
    runIntervalHours: number,
    longest: number,
  ) =>
    new MailSniError(
      "SNI013",
      "domain" in of
        ? `The certificate of ${of.domain} is valid for ${lifetimeHours} hours, and a deploy runs every ${runIntervalHours} hours (runIntervalHours): a renewal that fails once may not be tried again before the certificate expires.`
        : `From ${of.from} on, Let's Encrypt's profile ${of.profile} issues certificates that are valid for ${lifetimeHours} hours. A deploy runs every ${runIntervalHours} hours (runIntervalHours), and from that day on it is refused: a renewal that fails once may not be tried again before a certificate expires.`,
      intervalThatWouldDo(longest),
    ),
  /**
   * @param readable the directory of the state, and its mode unless the engine has yet to create it
   * @param encryptable whether a passphrase would encrypt all keys of the stack
   */
  readableState: (
    stack: string,
    path: string,
    readable: { readonly directory: string; readonly mode?: string },
    encryptable: boolean,
  ) => {
    const { directory, mode } = readable;
    const why =
      mode === undefined
        ? `the engine would create ${directory} with mode 0755`
        : `${directory} has mode ${mode}`;
    const remedy =
      mode === undefined
        ? `Create the directory before the first deploy: mkdir -p ${directory} && chmod 700 ${directory}.`
        : `Keep the state in a directory of its own: mkdir -m 700 state, and new LocalBackend(stack, { path: "../../../state/${stack}.tfstate" }). If nothing else is in ${directory}, it is enough to close that: chmod 700 ${directory}.`;
    const encrypt = encryptable ? " Or encrypt the keys: set MAIL_SNI_KEY_PASSPHRASE." : "";
    return new MailSniError(
      "SNI014",
      `Every user of this machine can read the private keys in the state of the stack ${stack}, ${path}: ${why}.`,
      `${remedy}${encrypt} ${unless("SNI014", "all users of the machine may have the keys")}`,
    );
  },
  /** @param instead where the secret belongs, as the end of a sentence */
  backendPassword: (stack: string, backend: string, argument: string, instead: string) =>
    new MailSniError(
      "SNI015",
      `The backend ${quote(backend)} of the stack ${stack} has a secret in ${argument}: the engine writes the block to .terraform/terraform.tfstate, which every user may read, and synth to cdk.tf.json.`,
      `Remove it from the program, and give it to the engine ${instead}. If cdk.tf.json was ever committed or copied, replace the secret.`,
    ),
  localStateSize: (stack: string, resources: number) =>
    new MailSniError(
      "SNI016",
      `The stack ${stack} has ${resources} resources, and Terraform writes a local state whole after each of them: a first deploy of 1,003 resources took 70 s, and 18 s with a remote backend.`,
      `Keep the state in a remote backend, such as PgBackend, or deploy with OpenTofu. ${unless("SNI016", "the time does not matter")}`,
    ),
};

function intervalThatWouldDo(longest: number): string {
  const hours = longest < 10 ? Math.floor(longest * 10) / 10 : Math.floor(longest);
  if (hours === 0)
    return "No interval is short enough: use certificates that are valid for longer, or renew them earlier.";
  return `Run a deploy at least every ${hours} hours and declare that (runIntervalHours: ${hours}), or use certificates that are valid for longer.`;
}

function tried(domains: readonly string[], prefixes: readonly string[]): string {
  if (domains.length === 1) return listed(prefixes.map((prefix) => `${prefix}${domains[0]}`));
  return listed(prefixes.map((prefix) => (prefix === "" ? "the domain itself" : `${prefix}…`)));
}

/** How to acknowledge a rule, as part of a remedy. */
function unless(code: SniRuleCode, because: string): string {
  return `If ${because}, acknowledge it: SniRules.of(stack).acknowledge("${code}", "…").`;
}
