import { MailSniError } from "./mail-sni-error";

/** Errors of `parsePem`. They never quote the text, which may be a key. `line` counts from 1. */
export const pemErrors = {
  empty: () =>
    new MailSniError(
      "PEM_EMPTY",
      "The PEM is empty.",
      "Give the private key, the certificate and its chain, as they stand in privkey.pem and fullchain.pem.",
    ),
  noBlock: (what: string | null) =>
    new MailSniError(
      "PEM_NO_BLOCK",
      `The text is not a PEM: it has no line -----BEGIN …-----.${what === null ? "" : ` It seems to be ${what}.`}`,
      "Give the contents of the PEM file, not its path; a DER or PKCS #12 file has to be converted first (openssl x509, openssl pkcs12).",
    ),
  unfinishedBlock: (label: string, line: number | null) =>
    new MailSniError(
      "PEM_BLOCK_BROKEN",
      `The ${label} block is cut off: ${line === null ? "the text ends" : `another block begins on line ${line}`} before its -----END ${label}-----.`,
      "Copy the file again, whole.",
    ),
  strayEnd: (label: string, line: number) =>
    new MailSniError(
      "PEM_BLOCK_BROKEN",
      `Line ${line} ends a ${label} block that was never begun.`,
      "Copy the file again, whole.",
    ),
  notInFirstColumn: (line: number) =>
    new MailSniError(
      "PEM_NOT_IN_FIRST_COLUMN",
      `Line ${line} has something in front of its dashes, so servers skip the block.`,
      "Have every BEGIN and END line start in the first column: remove the indentation (<<-EOT in Terraform does that).",
    ),
  /** @param most the maximum number of blocks */
  tooManyBlocks: (most: number) =>
    new MailSniError(
      "PEM_TOO_MANY_BLOCKS",
      `The PEM has more than ${most} blocks.`,
      "Give only the private key, the certificate and its chain, which are 2 to 5 blocks. A bundle of trusted CAs is not a chain.",
    ),
  notSeparated: (line: number) =>
    new MailSniError(
      "PEM_NOT_SEPARATED",
      `On line ${line} one PEM block ends and another begins.`,
      "End each part by a newline before joining them: qmail answers such a file with a fatal alert.",
    ),
  noFinalNewline: () =>
    new MailSniError(
      "PEM_NO_FINAL_NEWLINE",
      "The PEM does not end in a newline.",
      "Add one: whatever is appended later would make the last block unreadable.",
    ),
};
