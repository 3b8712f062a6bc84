import type { SshDestination } from "../../ssh-destination";
import { parseHostKey } from "../../ssh-host-key";

/**
 * A known_hosts file for one host. A key without a host name is trusted for whatever name and port ssh
 * derives from the address, which may be an alias, but not for the jump hosts.
 *
 * @throws MailSniError `HOST_KEY_INVALID`
 */
export function knownHosts(hostKeys: readonly string[], jumps: readonly SshDestination[]): string {
  const others = jumps.flatMap(({ host, port }) => [`!${host}`, `![${host}]:${port ?? 22}`]);
  const pattern = ["*", ...others].join(",");
  return hostKeys
    .map((given) => {
      const parsed = parseHostKey(given);
      return "line" in parsed ? `${parsed.line}\n` : `${pattern} ${parsed.key}\n`;
    })
    .join("");
}
