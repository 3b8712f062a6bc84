import { logicalId } from "../bindings/addresses";
import type { HostPart } from "./host-delivery";

/** The logical id of the resource that writes a part's files to a host. */
export function partId(part: HostPart, host: string): string {
  return part.kind === "domain" ? logicalId.domain(part.certificate.name, host) : logicalId[part.kind](host);
}
