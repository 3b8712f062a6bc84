import { countsOf, type StackJournal, stackJournal } from "../../../inputs/stack-journal";
import type { Check } from "../../examination/check";
import { type Finding, orWell, skipped, warning, well } from "../../examination/finding";
import type { StackHere } from "./stack";

export const journal: Check<StackHere> = {
  id: "journal",
  looksAt: "the issuance journal of each stack that orders certificates from an ACME CA",
  reports: "nowhere to write it, open to other users, files that are not entries, hosts without a passphrase",
  findings({ name, declared: { certificates, journal: block }, environment, directory }) {
    if (certificates.length === 0) return [well("the stack orders nothing from an ACME CA")];
    const found = stackJournal(name, block, environment, directory);
    if ("path" in found) return inDirectory(found);
    if (found.is === "off") return [skipped("MAIL_SNI_JOURNAL switches it off")];
    if (found.is === "nowhere") return [withoutHome()];
    return environment.MAIL_SNI_KEY_PASSPHRASE
      ? [well(`it is on ${found.names.join(", ")}, encrypted`)]
      : [withoutPassphrase(found.names)];
  },
};

function inDirectory({ path, entries, ignored, fault }: StackJournal): readonly Finding[] {
  if (fault !== null) {
    return [
      warning(
        `${fault.problem}: a deploy does not write its issuance journal there, so a deploy that is killed loses certificates.`,
        fault.remedy,
      ),
    ];
  }
  return orWell(
    ignored.map((file) =>
      warning(`In the issuance journal, ${file}.`, "Find out who has put it there, and remove it."),
    ),
    entries.length === 0
      ? `nothing waits in ${path}`
      : `${path} has ${countsOf(entries)} that no plan has found in the state yet: the next deploy uses what fits`,
  );
}

function withoutHome(): Finding {
  return warning(
    "There is no home directory for the issuance journal: a deploy that is killed loses certificates that a CA has issued.",
    "Name a directory that stays, or hosts: journal of MailSni, or MAIL_SNI_JOURNAL.",
  );
}

function withoutPassphrase(hosts: readonly string[]): Finding {
  return warning(
    `The issuance journal is on ${hosts.join(", ")}, where only encrypted keys are written, and MAIL_SNI_KEY_PASSPHRASE is not set: a deploy writes nothing there, and one that is killed loses certificates that a CA has issued.`,
    'Set MAIL_SNI_KEY_PASSPHRASE where deploys run, and here: see "Encrypted keys" in docs/state.md of the package.',
  );
}
