import type { Protocol } from "../tls/protocols";

/** A port, and the protocol that is spoken there before the TLS handshake. */
export interface MailPort {
  readonly port: number;
  readonly protocol: Protocol;
}

/** The ports at which Dovecot may serve TLS, in the order in which handshakes prefer them. A server may lack some. */
export const DOVECOT_PORTS: readonly MailPort[] = [
  { port: 993, protocol: "tls" },
  { port: 995, protocol: "tls" },
  { port: 143, protocol: "imap" },
  { port: 110, protocol: "pop3" },
  { port: 4190, protocol: "sieve" },
];

/** The port of submissions (RFC 8314). On a qmail host another program than qmail-smtpd may answer there. */
export const QMAIL_SMTPS_PORT: MailPort = { port: 465, protocol: "tls" };

/** The same for qmail. */
export const QMAIL_PORTS: readonly MailPort[] = [
  { port: 587, protocol: "smtp" },
  { port: 25, protocol: "smtp" },
  QMAIL_SMTPS_PORT,
];

/** The ports of mail clients and servers (RFC 8314, RFC 5804): each once. */
export const MAIL_PORTS: readonly MailPort[] = [...DOVECOT_PORTS, ...QMAIL_PORTS];
