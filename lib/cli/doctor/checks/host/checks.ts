import type { Check } from "../../examination/check";
import { directories } from "./directories";
import { dovecotPems } from "./dovecot-pems";
import type { HostThere } from "./host-there";
import { owners } from "./owners";
import { clock, shell, ssh, tools } from "./reach";
import { serviceIncludes } from "./service-includes";
import { serviceVersion } from "./service-version";

/** The checks of a host, in the order of reports. */
export const HOST_CHECKS: readonly [Check<HostThere>, ...Check<HostThere>[]] = [
  ssh,
  shell,
  tools,
  clock,
  serviceVersion,
  serviceIncludes,
  dovecotPems,
  owners,
  directories,
];
