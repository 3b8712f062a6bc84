import { argumentLists } from "../../../shared/transport/argument-lists";
import { askCall, saidIn } from "../../../shared/transport/asked";
import type { Session } from "../../../shared/transport/session";
import keysScript from "./keys.sh";

const LIMITS = { commandMs: 60_000, bytes: 15 * 1024 * 1024 };

/**
 * Fetches the private keys in files of a host: the only function that does. In one trip.
 *
 * @param paths on the host
 * @returns by path; files without a key are not in it
 * @throws {SessionLost}
 */
export async function privateKeysAt(
  session: Session,
  paths: readonly string[],
): Promise<Map<string, string>> {
  const answers = await session.roundFor(argumentLists(paths), (list) =>
    askCall(["sh", "-c", keysScript, "sh", ...list], LIMITS),
  );
  const found = new Map<string, string>();
  let path = "";
  for (const line of answers.flatMap(([, answer]) => saidIn(answer)?.text.split("\n") ?? [])) {
    if (line.startsWith("F\t")) path = line.slice(2);
    else if (line.startsWith("L\t")) found.set(path, `${found.get(path) ?? ""}${line.slice(2)}\n`);
  }
  return found;
}
