import { accessSync, constants, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { lockedProvider } from "../../../../shared/engine/lock-file";
import {
  PLATFORMS,
  type Platform,
  PROVIDER_SOURCE,
  packageHash,
  providerPackage,
} from "../../../../shared/engine/provider-place";
import { boundedText } from "../../../inputs/text-file";
import type { Check } from "../../examination/check";
import { type Finding, failure, skipped, well } from "../../examination/finding";
import type { StackHere } from "./stack";

const MOST_LOCK_BYTES = 4 * 1024 * 1024;
/** Many times the provider's size. */
const MOST_PROVIDER_BYTES = 256 * 1024 * 1024;
const SYNTHESIZE = "Run cdktf synth on this machine, which writes it again.";

export const providerFile: Check<StackHere> = {
  id: "provider-file",
  looksAt: "the provider below `terraform.d/plugins` of each stack",
  reports: "missing, of another version, not executable, not the file that the lock entry has the hash of",
  findings({ directory, declared: { providerVersion } }) {
    if (providerVersion === null) return [WITHOUT_PROVIDER];
    const platform = PLATFORMS.find((one) => one === platformHere());
    if (platform === undefined) return [otherPlatform()];
    const found = packagedFile(providerPackage(directory, providerVersion, platform));
    return [found === null ? missing(directory, providerVersion, platform) : judged(found, directory)];
  },
};

export const lockEntry: Check<StackHere> = {
  id: "lock-entry",
  looksAt: "the provider's entry in `.terraform.lock.hcl` of each stack",
  reports: "missing, of another version",
  findings({ directory, declared: { providerVersion } }) {
    if (providerVersion === null) return [WITHOUT_PROVIDER];
    const locked = lockedProvider(lockFile(directory), PROVIDER_SOURCE);
    if (locked === null) {
      return [
        failure(
          `${join(directory, LOCK_FILE)} has no entry for the provider: cdktf deploy will ask a registry for it, and fail.`,
          SYNTHESIZE,
        ),
      ];
    }
    if (locked.version === providerVersion) return [well(`the lock file has version ${locked.version}`)];
    return [
      failure(
        `${join(directory, LOCK_FILE)} has version ${locked.version} of the provider, and the stack requires ${providerVersion}: init will refuse it.`,
        SYNTHESIZE,
      ),
    ];
  },
};

const LOCK_FILE = ".terraform.lock.hcl";
const WITHOUT_PROVIDER = skipped("the stack does not use the provider");

/** The name that engines have for this platform. */
function platformHere(): string {
  return `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
}

function otherPlatform(): Finding {
  return failure(
    `There is no provider for ${platformHere()}: init will not find one.`,
    `Deploy from one of ${PLATFORMS.join(", ")}.`,
  );
}

/** The executable of a package; null if there is not one file. */
function packagedFile(directory: string): { readonly path: string; readonly name: string } | null {
  try {
    const [name, ...others] = readdirSync(directory);
    return name === undefined || others.length > 0 ? null : { path: join(directory, name), name };
  } catch {
    return null;
  }
}

function missing(directory: string, version: string, platform: Platform): Finding {
  return failure(
    `${providerPackage(directory, version, platform)} does not contain exactly one file, the provider: init will ask mail-sni.invalid for it, and fail.`,
    `${SYNTHESIZE} If the directory was uploaded, upload terraform.d too.`,
  );
}

function judged(
  { path, name }: { readonly path: string; readonly name: string },
  directory: string,
): Finding {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return failure(
      `${path} is not executable here, so the engine cannot start the provider: its mode has no execute bits, or its file system is mounted with noexec.`,
      `Run chmod +x on it, or cdktf synth on this machine. With noexec, put the output of synth elsewhere (CDKTF_OUTPUT).`,
    );
  }
  if (statSync(path).size > MOST_PROVIDER_BYTES) return changed(path);
  const hash = packageHash(name, readFileSync(path));
  const locked = lockedProvider(lockFile(directory), PROVIDER_SOURCE);
  if (locked !== null && !locked.hashes.includes(hash)) return changed(path);
  return well(`${path} is executable, and the one of the lock entry`);
}

function changed(path: string): Finding {
  return failure(
    `${path} is not the file that the lock entry has the hash of: init will refuse it.`,
    `${SYNTHESIZE} If cdktf-mail-sni was not upgraded, find out who changed the file.`,
  );
}

function lockFile(directory: string): string {
  try {
    return boundedText(join(directory, LOCK_FILE), MOST_LOCK_BYTES);
  } catch {
    // Whatever the reason is, the engine does not find the entry either.
    return "";
  }
}
