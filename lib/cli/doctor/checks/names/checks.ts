import type { Check } from "../../examination/check";
import { caa } from "./caa";
import { dns } from "./dns";
import type { OrderedName } from "./ordered-name";

/** The checks of a name, in the order of reports. */
export const NAME_CHECKS: readonly Check<OrderedName>[] = [dns, caa];
