import { MailSniError } from "./mail-sni-error";
import { quote } from "./wording";

/** Errors about the SSH settings of a host. */
export const sshErrors = {
  address: (given: string, fault: string) =>
    new MailSniError(
      "SSH_ADDRESS_INVALID",
      `The SSH address ${quote(given)} ${fault}.`,
      'Write "user@host:port" or "host", an IPv6 address in brackets ("root@[2001:db8::1]:22"), or the name of a Host in your ssh configuration.',
    ),
  file: (what: string, given: string, fault: string) =>
    new MailSniError(
      "SSH_FILE_INVALID",
      `The ${what} ${quote(given)} ${fault}.`,
      "Write the path of a file on the machine that deploys, absolute, relative to the project or beginning with ~/, without quotation marks, backslashes, control characters and ${.",
    ),
  hostKey: (given: string, fault: string) =>
    new MailSniError(
      "HOST_KEY_INVALID",
      `The host key ${quote(given)} ${fault}.`,
      "Write the contents of /etc/ssh/ssh_host_ed25519_key.pub of the host (ssh-ed25519 AAAA…), or a whole line of a known_hosts file.",
    ),
  become: (given: string) =>
    new MailSniError(
      "BECOME_INVALID",
      `${quote(given)} is not a valid command prefix.`,
      'Write a program and its options, such as "sudo -n" or "doas -n": plain words without quotation marks, variables or pipes.',
    ),
};
