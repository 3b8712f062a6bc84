import type { Problem } from "../change/change";
import type { Part } from "../change/work";
import { sentence } from "../sentence";
import type { Service } from "./service";

/** The parts that prepare a host for a service which does not read the files that are there for it. */
export async function unreadParts(service: Service, parts: readonly Part[]): Promise<Map<Part, Problem>> {
  const preparing = parts.filter(
    ({ work, stagedConfiguration }) => work.change.role === "base" && stagedConfiguration.length > 0,
  );
  if (preparing.length === 0 || (await service.reads()) !== false) return new Map();
  return new Map(preparing.map((part) => [part, unread(service, part.stagedConfiguration[0].path)]));
}

/** @param path of a configuration file that is there and has no effect */
export function unread({ name, hostName, settings }: Service, path: string): Problem {
  const { arrival, nameBlocks } = settings;
  const list = (arrival ?? nameBlocks)?.list.join(" ") ?? "";
  return {
    summary: `${name} does not read ${path}`,
    detail:
      `What it sets is not in the configuration that \`${list}\` shows on host "${hostName}": no client would be shown the ` +
      `new certificates. What was there before is back in place.${arrival ? ` ${sentence(arrival.advice)}` : ""}`,
    path,
  };
}
