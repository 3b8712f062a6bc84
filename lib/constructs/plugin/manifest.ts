import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pluginErrors } from "../../shared/errors";
import { isRecord } from "../../shared/is-record";
import { builtDirectory } from "./built-directory";

/** The facts about the provider that its build has recorded. The constructs know nothing else about it. */
export interface ProviderManifest {
  /**
   * The version of package and bundle: `0.1.0-b3f9c0ffee12`. A bundle with other bytes has another version.
   */
  readonly version: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  /** The bundle's file name, by which engines recognise it. */
  readonly file: string;
  /** The hash, as in `.terraform.lock.hcl`, of a package that contains only this file: `h1:…`. */
  readonly h1: string;
}

/**
 * Reads the manifest, and checks that the bundle exists.
 *
 * @param directory of the bundle and its manifest
 * @throws MailSniError `PROVIDER_DAMAGED`, `PROVIDER_NOT_BUILT`
 */
export function readManifest(directory = builtDirectory("provider")): ProviderManifest {
  const path = join(directory, "manifest.json");
  if (!existsSync(path)) throw pluginErrors.notBuilt(directory);
  const manifest = parse(path);
  const [version, file, h1] = ["version", "file", "h1"].map((field) => {
    const value = isRecord(manifest) ? manifest[field] : undefined;
    if (typeof value !== "string" || value === "") throw pluginErrors.damaged(path, "is not complete");
    return value;
  }) as [string, string, string];
  const bundle = join(directory, file);
  if (!existsSync(bundle)) throw pluginErrors.damaged(path, "is not complete");
  return { version, file, h1, bundle };
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw pluginErrors.damaged(path, `cannot be read: ${(error as Error).message}`);
  }
}
