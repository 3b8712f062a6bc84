import type { X509Certificate } from "node:crypto";
import type { Command } from "commander";
import { collected } from "../options/collected";
import { rootsIn, systemRoots } from "./roots";

/** The options that select the trusted root certificates, as commander parses them. */
export interface RootFlags {
  readonly ca?: readonly string[];
  /** False for `--no-system-roots`. */
  readonly systemRoots: boolean;
}

/** Adds the options that select the trusted root certificates to a command. */
export function withRootOptions(command: Command): Command {
  return command
    .option("--ca <file>", "trust the certificates in this PEM file too; may be repeated", collected(String))
    .option("--no-system-roots", "trust only the certificates of --ca");
}

/**
 * The root certificates that the options select.
 *
 * @throws CliError `CLI_CA_UNREADABLE`
 */
export function trustedRoots({ ca = [], systemRoots: hasSystemRoots }: RootFlags): X509Certificate[] {
  return [...(hasSystemRoots ? systemRoots() : []), ...ca.flatMap((path) => rootsIn(path))];
}
