import type { ConfigurationFile } from "../../../../lib/cli/inputs/configuration-files";

/** A file of a host of which these lines were read. */
export function file(kind: string, path: string, lines: readonly string[]): ConfigurationFile {
  return { kind, path, lines: lines.map((text, index) => ({ number: index + 1, text })), status: 0 };
}
