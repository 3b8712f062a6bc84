/**
 * Whether an engine of this version knows write-only attributes, without which secrets would end up in its state. Both
 * Terraform and OpenTofu have had them since 1.11, and both count their versions alike. A version that is none is
 * taken for a development build of a newer engine.
 */
export function supportsWriteOnly(version: string): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)(?:\.|$|-)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return true;
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 11);
}
