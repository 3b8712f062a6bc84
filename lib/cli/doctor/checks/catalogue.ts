import type { Check } from "../examination/check";
import { HOST_CHECKS } from "./host/checks";
import { MACHINE_CHECKS } from "./machine/checks";
import { acmeDirectory } from "./names/acme-directory";
import { NAME_CHECKS } from "./names/checks";
import { orders } from "./names/orders";
import { STACK_CHECKS } from "./stack/checks";
import { synthesized } from "./stack/synthesized";
import { webroot, webrootOfHost } from "./webroot/webroot-names";

/** All checks, in the order of reports, without what they look at. */
export const CHECKS: readonly Pick<Check<never>, "id" | "looksAt" | "reports">[] = [
  ...MACHINE_CHECKS,
  synthesized,
  ...STACK_CHECKS,
  ...HOST_CHECKS,
  acmeDirectory,
  ...NAME_CHECKS,
  orders,
  webrootOfHost,
  webroot,
];
