import { catalogue } from "../../summary";

/**
 * The problems of a connection that `diagnosis.ts` recognises. "About SSH connections" in docs/messages.md
 * lists all problems of this file, with their remedies.
 */
export const CONNECTION = catalogue({
  keyChanged: (key: string, place: string) =>
    `its host key has changed: it shows ${key}, which is not the key that is known (${place})`,
  keyRevoked: (key: string) => `its host key is marked as revoked: it shows ${key}`,
  keyUnknown: (key: string) => `its host key is not known: it shows ${key}`,
  keyNotAccepted: (key: string) => `its host key was not accepted: it shows ${key}`,
  identityReadable: (file: string) => `ssh does not use the private key ${file}, because others can read it`,
  identityUnreadable: (file: string, reason: string) =>
    `login failed: the identityFile ${file} cannot be read: ${reason}`,
  tooManyKeys: "it closed the connection after too many keys",
  loginRefused: (login: string, methods: string) => `it does not let ${login} in (it accepts: ${methods})`,
  nameWithoutAddress: (name: string, reason: string) => `${name} has no address (${reason})`,
  nothingListens: (port: string, host: string) => `nothing listens on port ${port} of ${host}`,
  portUnreachable: (port: string, host: string, reason: string) =>
    `port ${port} of ${host} cannot be reached (${reason})`,
  timedOut: (words: string) => `the connection timed out (${words})`,
  configurationInvalid: (words: string) => `ssh cannot read its configuration: ${words}`,
  noCommonAlgorithm: (reason: string) => `ssh and the host have no algorithm in common: ${reason}`,
  closedBeforeLogin: (words: string) => `it closed the connection before login (${words})`,
});

/** The problems of a shell on a host whose connection is open. */
export const SHELL = catalogue({
  needsTerminal: (command: string) => `\`${command}\` requires a terminal, and the provider has none`,
  asksForPassword: (command: string) => `\`${command}\` asks for a password, which the provider cannot give`,
  notAllowed: (command: string, words: string) => `\`${command}\` is not allowed to this user (${words})`,
  commandMissing: (command: string) => `\`${command}\` was not found`,
  noMoreSessions: "its sshd allows no more sessions",
  noShell: "the user has no shell there",
  notStarted: (words: string) => `the user is logged in, and ${words}`,
  endedSilently: (words: string) => `${words} before it began, without a message`,
  connectionLost: "the connection was lost",
});

/** Problems without a known cause. */
export const OTHER = catalogue({
  loginTimedOut: (seconds: string) => `ssh was not logged in within ${seconds} s`,
  ended: (words: string) => `ssh has ended: ${words}`,
});
