/**
 * Whether an engine of this version supports write-only attributes. Without them it would store secrets in
 * its state. Terraform and OpenTofu have both had them since 1.11. A text that is not a version is assumed to
 * be a development build of a newer engine.
 */
export function supportsWriteOnly(version: string): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)(?:\.|$|-)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return true;
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 11);
}
