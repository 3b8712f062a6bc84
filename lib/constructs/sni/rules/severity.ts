import type { SniRuleCode } from "../../../shared/errors";

/** `error` refuses the stack; `warning` can be acknowledged. */
export type Severity = "error" | "warning";

/** The severity of each rule. The table of docs/rules.md has the same. */
export const SEVERITIES: Readonly<Record<SniRuleCode, Severity>> = {
  SNI001: "error",
  SNI002: "error",
  SNI003: "error",
  SNI004: "error",
  SNI005: "warning",
  SNI006: "warning",
  // An error, since the provider refuses such a name too when it finds the block on the host.
  SNI007: "error",
  SNI008: "warning",
  SNI009: "warning",
  SNI010: "error",
  SNI011: "error",
  SNI012: "error",
  SNI013: "error",
  SNI014: "warning",
  SNI015: "error",
  SNI016: "warning",
};
