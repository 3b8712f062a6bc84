import type { MailPort } from "../../shared/service/usual-ports";
import type { MailProtocol, ServiceEndpoint } from "./mail-service";

/** The endpoint of a usual port. A server may do without it. */
export function optionalEndpoint({ port, protocol }: MailPort): ServiceEndpoint {
  return { port, protocol: protocol as MailProtocol, optional: true };
}
