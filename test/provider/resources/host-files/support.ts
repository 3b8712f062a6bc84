import type { HostFile, HostFiles } from "../../../../lib/provider/resources/host-files/schema";

/** Values of a resource of which only what matters to a test is said. */
export function hostFiles(parts: Partial<HostFiles>): HostFiles {
  return {
    host: "mx1",
    role: null,
    state_id: null,
    directories: null,
    files: null,
    links: null,
    placeholders: null,
    names: null,
    secrets: null,
    claims_on_host: null,
    pending: null,
    missing: null,
    id: "token",
    ...parts,
  };
}

export function file(parts: Partial<HostFile>): HostFile {
  return {
    text: null,
    service: null,
    mode: null,
    owner: null,
    group: null,
    on_destroy: null,
    sha256: null,
    ...parts,
  };
}
