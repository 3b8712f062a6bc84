import { onHost, rootPrefix, withoutRoot } from "../../../shared/transport/connection-settings";
import type { Answer, Call } from "../../../shared/transport/session";
import type { HostSettings, ServiceSettings } from "../desired/host-settings";

/** The number of characters that a message shows of a place. */
const LONGEST_PLACE = 300;

/**
 * Finds where a service's configuration contains a word; undefined if the settings do not say which files it
 * includes.
 */
export function placesCall(host: HostSettings, { config }: ServiceSettings, word: string): Call | undefined {
  if (!config?.includes || word === "") return undefined;
  return ["mentions", onHost(host, config.file), rootPrefix(host), config.includes, word];
}

/**
 * `FILE:LINE` of the first place that the provider did not write.
 *
 * @param isOurs whether the provider writes the file at a path
 */
export function firstPlace(
  host: HostSettings,
  { output }: Answer,
  word: string,
  isOurs: (path: string) => boolean,
): string | undefined {
  const alone = new RegExp(
    `(?<![\\w.*?-])${word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")}(?![\\w.*?-])`,
    "i",
  );
  for (const line of output.split("\n")) {
    const [, file, number, text] = /^(\/[^:]*):(\d+):(.*)$/.exec(line) ?? [];
    if (file === undefined || text === undefined || !alone.test(text) || /^\s*#/.test(text)) continue;
    const path = withoutRoot(host, file);
    if (!isOurs(path)) return `${path}:${number}`.slice(0, LONGEST_PLACE);
  }
  return undefined;
}
