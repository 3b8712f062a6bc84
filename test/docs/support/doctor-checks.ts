import { HOST_CHECKS } from "../../../lib/cli/doctor/checks/host/checks";
import { MACHINE_CHECKS } from "../../../lib/cli/doctor/checks/machine/checks";
import { acmeDirectory } from "../../../lib/cli/doctor/checks/names/acme-directory";
import { NAME_CHECKS } from "../../../lib/cli/doctor/checks/names/checks";
import { orders } from "../../../lib/cli/doctor/checks/names/orders";
import { STACK_CHECKS } from "../../../lib/cli/doctor/checks/stack/checks";
import { synthesized } from "../../../lib/cli/doctor/checks/stack/synthesized";
import { webroot, webrootOfHost } from "../../../lib/cli/doctor/checks/webroot/webroot-names";
import type { Check } from "../../../lib/cli/doctor/examination/check";

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
