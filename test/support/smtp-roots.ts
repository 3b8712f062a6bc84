import { DebianRoot } from "./debian-root";

/** Debian's Postfix, with the users and directories that its package makes. */
export const POSTFIX_ROOT = new DebianRoot("trixie-postfix", ["postfix"], "usr/lib/postfix/sbin/smtpd");

/** Debian's Exim, which is linked to GnuTLS. */
export const EXIM_ROOT = new DebianRoot("trixie-exim", ["exim4-daemon-light"], "usr/sbin/exim4");
