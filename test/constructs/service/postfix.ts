import {
  type HostContent,
  HostFile,
  type IMailService,
  Lookup,
  MailProtocol,
  type ServedCertificate,
  type ServedCertificates,
} from "../../../lib";

/**
 * Postfix 3.4 and later. One table for the whole host (`tls_server_sni_maps`) names the PEM of each name, so every
 * certificate brings a fragment, and `rebuild` makes the table of all of them, `table.db`.
 *
 * `main.cf` has `tls_server_sni_maps = hash:/etc/postfix/mail-sni/table` and
 * `smtpd_tls_chain_files = /etc/postfix/mail-sni/default.pem`.
 */
export class Postfix implements IMailService {
  readonly name = "postfix";
  readonly endpoints = [
    { port: 25, protocol: MailProtocol.SMTP },
    { port: 587, protocol: MailProtocol.SMTP },
    { port: 465, protocol: MailProtocol.TLS },
  ];
  readonly commands;

  constructor(private readonly directory = "/etc/postfix/mail-sni") {
    this.commands = {
      rebuild: ["sh", "-c", BUILD, "sh", directory],
      check: ["postfix", "check"],
      activate: ["postfix", "reload"],
      running: ["postfix", "status"],
    };
  }

  hostFiles(): HostContent {
    return {
      directories: { [this.directory]: { mode: "0755" } },
      placeholders: { [`${this.directory}/default.pem`]: {} },
    };
  }

  certificateFiles({ name, names, pem }: ServedCertificate): HostContent {
    const path = `${this.directory}/${name}.pem`;
    const rows = names.map((served) => `${keyOf(served)} ${path}\n`).join("");
    return { files: { [path]: HostFile.pem(pem), [`${this.directory}/${name}.map`]: HostFile.text(rows) } };
  }

  defaultFiles({ pem }: ServedCertificate): HostContent {
    return { files: { [`${this.directory}/default.pem`]: HostFile.pem(pem, { keep: true }) } };
  }

  lookup(name: string, certificates: ServedCertificates): Lookup {
    const folded = name.toLowerCase();
    const wildcard = folded.replace(/^[^.]+/, "*");
    const certificate = certificates.declaredFor(folded) ?? certificates.declaredFor(wildcard);
    if (certificate === undefined)
      return Lookup.byDefault(`the table has neither ${folded} nor a parent of it`);
    return Lookup.found(certificate, keyOf(certificate.names.includes(folded) ? folded : wildcard));
  }
}

/**
 * The table holds a copy of every private key. It is built as a new file that no other user can read (`postmap` gives it the
 * mode of its source), and replaces the old one when it is complete. `postmap -F` only warns of a PEM that is missing, so
 * the new table is asked for every key. There may be no fragment yet.
 */
const BUILD = `
umask 077
cd "$1" || exit
trap 'rm -f new new.db keys' EXIT
rm -f new new.db keys
find . -name "*.map" -exec cat {} + >new && postmap -F "hash:$1/new" || exit
cut -d " " -f 1 new | sort -u >keys
missing=$(postmap -q - "hash:$1/new" <keys | cut -f 1 | comm -23 keys -) || exit
if [ -n "$missing" ]; then
  echo "The table has no entry for" $missing "(is the PEM there?)"
  exit 1
fi
sync new.db && mv -f new.db table.db && rm -f table
`;

/** A parent domain stands for all names below it: it begins with a dot. */
function keyOf(name: string): string {
  return name.replace(/^\*/, "");
}
