import { X509Certificate } from "node:crypto";
import { fingerprintOf } from "../../../shared/certificate-facts";
import { isRecord } from "../../../shared/is-record";
import type { PrivateState } from "../../protocol/resource";
import type { HostFiles } from "./schema";

/** By service: SHA-256 of the leaf that the resource has installed for it, in lower-case hex. */
export type InstalledLeaves = Readonly<Record<string, string>>;

const ATTRIBUTE = "leaves";

export function installedLeaves(kept: PrivateState): InstalledLeaves {
  const stored = kept?.[ATTRIBUTE];
  if (!isRecord(stored)) return {};
  return Object.fromEntries(
    Object.entries(stored).flatMap(([fingerprint, services]) =>
      Array.isArray(services) ? services.map((service) => [String(service), toHex(fingerprint)]) : [],
    ),
  );
}

/** The form in private state: by fingerprint, because the services of a host usually have the same certificate. */
export function rememberedLeaves(leaves: InstalledLeaves): PrivateState {
  const services: Record<string, string[]> = {};
  for (const [service, fingerprint] of Object.entries(leaves)) {
    const key = Buffer.from(fingerprint, "hex").toString("base64url");
    services[key] = [...(services[key] ?? []), service];
  }
  return Object.keys(services).length > 0 ? { [ATTRIBUTE]: services } : {};
}

/** @param installed with its PEMs, which were inspected before */
export function leavesOf({ files, secrets }: HostFiles): InstalledLeaves {
  const fingerprints = new Map<string, string>();
  const leaves: Record<string, string> = {};
  for (const [path, pem] of Object.entries(secrets ?? {})) {
    const service = files?.[path]?.service ?? null;
    if (service === null || leaves[service] !== undefined) continue;
    const fingerprint = fingerprints.get(pem) ?? leafFingerprint(pem);
    fingerprints.set(pem, fingerprint);
    leaves[service] = fingerprint;
  }
  return leaves;
}

/** Node reads the first certificate of a text, and passes over what precedes it. */
function leafFingerprint(pem: string): string {
  return fingerprintOf(new X509Certificate(pem));
}

function toHex(base64url: string): string {
  return Buffer.from(base64url, "base64url").toString("hex");
}
