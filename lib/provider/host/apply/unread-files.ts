import { sentence } from "../../../shared/transport/sentence";
import { SERVICE } from "../../messages/services";
import type { Problem } from "../desired/change";
import type { Service } from "../services/service";
import type { Part } from "./work";

/** The parts that prepare the host, if the service does not read their files. */
export async function unreadParts(service: Service, parts: readonly Part[]): Promise<Map<Part, Problem>> {
  const preparing = parts.filter(({ work, isInQuestion }) => work.change.role === "base" && isInQuestion);
  if (preparing.length === 0 || (await service.reads()) !== false) return new Map();
  return new Map(preparing.map((part) => [part, unread(service, part)]));
}

/** The problem: the configuration is in place and has no effect. */
export function unread({ name, hostName, settings }: Service, part: Part): Problem {
  const { arrival, name_blocks: nameBlocks } = settings;
  const list = (arrival ?? nameBlocks)?.list.join(" ") ?? "";
  const [file] = part.configurationFiles;
  const now = part.steps.length > 0 ? " The previous files were restored." : "";
  return {
    summary: SERVICE.doesNotRead(name, file?.path ?? "its files"),
    detail:
      `The configuration that \`${list}\` shows on host "${hostName}" lacks its settings: no client would get the ` +
      `new certificates.${now}${arrival ? ` ${sentence(arrival.advice)}` : ""}`,
    path: file?.path,
  };
}
