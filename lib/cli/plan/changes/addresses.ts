/**
 * The mail domain of an address such as `mailsni_acme_certificate.c_example_org`, or of `mailsni_host_files.d_example_org__mx1`.
 * The constructs write dots as underscores, which host names do not have; two of them separate a domain from a host.
 *
 * @returns null for an address that is not of that form, such as in a configuration that was written by hand
 */
export function domainOfAddress(address: string): string | null {
  const [, certificate, files] = FORM.exec(address) ?? [];
  const name = certificate ?? files;
  return name === undefined ? null : name.replaceAll("_", ".");
}

const WORDS = "[A-Za-z0-9-]+(?:_[A-Za-z0-9-]+)*";
const FORM = new RegExp(
  `^(?:mailsni_(?:acme|private)_certificate\\.c_(${WORDS})|mailsni_host_files\\.d_(${WORDS})__${WORDS})$`,
);

/** Whether an address is that of a file of a staging tree, which the constructs declare as a resource of `hashicorp/local`. */
export function isStagedFile(address: string): boolean {
  return /^local_(?:sensitive_)?file\.f_[A-Za-z0-9-]+(?:_[A-Za-z0-9-]+)*__\S+$/.test(address);
}
