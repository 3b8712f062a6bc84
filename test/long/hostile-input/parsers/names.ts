import { MailDomains } from "../../../../lib/constructs/domain/mail-domains";
import { MailSniError } from "../../../../lib/shared/errors";
import { parseCertificateName, parseHostName } from "../../../../lib/shared/host-name";
import { inFile } from "./files";
import type { Parser } from "./parser";
import { mailSni } from "./refusals";

export function listParsers(): Parser[] {
  return [
    {
      name: "host names",
      seeds: [
        "mail.example.org",
        "bücher.example",
        "xn--bcher-kva.example",
        "*.example.org",
        "[2001:db8::1]",
      ],
      throws: mailSni,
      read: (input) => [tried(parseHostName, input.toString()), parseCertificateName(input.toString())],
      repeats: ["a.", "xn--", "ü", "::", "1."],
    },
    {
      name: "domains.txt",
      seeds: [
        "# all\nexample.org mail.example.org imap.example.org\n*.example.net example.net > net\nip:192.0.2.1 a.test > a_rsa\n",
        "bücher.example\r\nexample.com > first > second\n",
      ],
      throws: mailSni,
      read: (input) =>
        inFile("domains.txt", input, (path) =>
          MailDomains.fromDomainsTxt(path).entries.map(({ source }) => source),
        ),
      repeats: [" ", ">", "> ", "a.test ", "a.test\n", "\v"],
      // Each row says in which file it stands.
      growth: 60,
    },
  ];
}

function tried(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof MailSniError) return error.message;
    throw error;
  }
}
