/** The path below a web server's directory that a CA requests (RFC 8555 §8.3). */
export const CHALLENGES = ".well-known/acme-challenge";
