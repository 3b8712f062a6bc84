import { catalogue } from "../../shared/summary";

/** "About the engine and the provider" in docs/messages.md. */
export const PROTOCOL = catalogue({
  engineTooOld: "The engine is too old for this provider",
  needsWriteOnly: "Write-only attributes need a newer engine",
  privateStateDamaged: "Private data of the resource is damaged",
  failed: (operation: string) => `${operation} failed`,
  valueDoesNotFit: (operation: string) => `${operation} failed: a value does not fit its schema`,
  noResult: (doing: string, type: string) => `The provider produced nothing after ${doing} ${type}`,
  inconsistentResult: (doing: string, type: string) =>
    `The provider produced an inconsistent result after ${doing} ${type}`,
  invalidObject: (doing: string, type: string) =>
    `The provider produced an invalid object after ${doing} ${type}`,
  invalidPlan: (type: string) => `The provider made an invalid plan for ${type}`,
});

/** "About a configuration that is written by hand". */
export const VALUE = catalogue({
  outOfRange: "Number out of range",
  isNull: "Null where a value is required",
  notAllowed: "Value not allowed",
  nothingToImport: "Nothing to import",
});
