/** Protocols that begin in clear text. `sieve` is ManageSieve. */
export const STARTTLS_PROTOCOLS = ["smtp", "imap", "pop3", "sieve"] as const;
export type StartTlsProtocol = (typeof STARTTLS_PROTOCOLS)[number];

/**
 * How a client begins: with the handshake itself (465, 993, 995), or in clear text followed by STARTTLS or
 * STLS.
 */
export const PROTOCOLS = ["tls", ...STARTTLS_PROTOCOLS] as const;
export type Protocol = (typeof PROTOCOLS)[number];
