import { isIPv6 } from "node:net";
import { shownWord } from "../../output/shown-command";
import { type Question, serverNameOf } from "./question";

/** The equivalent `openssl s_client` command, a line for a POSIX shell. Null without an address. */
export function openSslCommand(question: Question): string | null {
  const { address, asked, endpoint } = question;
  if (address === null) return null;
  const { port, protocol } = endpoint;
  const serverName = serverNameOf(question);
  const words = [
    ...["openssl", "s_client", "-connect", isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`],
    ...(protocol === "tls" ? [] : ["-starttls", protocol]),
    ...(serverName === undefined ? ["-noservername"] : ["-servername", serverName]),
    ...(asked.kind === "version" ? [asked.version === "TLSv1.3" ? "-tls1_3" : "-tls1_2"] : []),
    "-showcerts",
  ];
  return `${words.map(shownWord).join(" ")} </dev/null`;
}
