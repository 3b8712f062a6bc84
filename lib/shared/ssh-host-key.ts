import { sshErrors } from "./errors";

/** A public host key, or a whole line of a known_hosts file, which names its hosts. */
export type HostKey = { readonly key: string } | { readonly line: string };

/**
 * Parses `ssh-ed25519 AAAA…`, as in a host's `/etc/ssh/ssh_host_ed25519_key.pub`, or a line of a known_hosts
 * file, markers such as `@cert-authority` included (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
 *
 * @throws MailSniError `HOST_KEY_INVALID`
 */
export function parseHostKey(given: string): HostKey {
  const text = given.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is refused
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(text)) throw sshErrors.hostKey(given, "is more than one line");
  const words = text.split(/[ \t]+/);
  const [first, second] = words;
  if (isKey(first, second)) return { key: `${first} ${second}` };
  const [, type, body] = first?.startsWith("@") ? words.slice(1) : words;
  if (isKey(type, body)) return { line: text };
  throw sshErrors.hostKey(given, faultOf(text));
}

function faultOf(text: string): string {
  if (text === "") return "is empty";
  if (text.startsWith("SHA256:") || text.startsWith("MD5:")) {
    return "is a fingerprint, and ssh has to compare the key itself";
  }
  if (text.includes("PRIVATE KEY")) return "is a private key";
  return "is neither a public key nor a line of a known_hosts file";
}

/**
 * Whether the body is a key of the type: a key begins with the length of its type, and the type (RFC 4253
 * §6.6).
 */
function isKey(type: string | undefined, body: string | undefined): boolean {
  if (type === undefined || body === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return false;
  const bytes = Buffer.from(body, "base64");
  if (bytes.length < 4) return false;
  const length = bytes.readUInt32BE(0);
  return length < bytes.length - 4 && bytes.toString("latin1", 4, 4 + length) === type;
}
