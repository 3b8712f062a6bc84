import { join, resolve } from "node:path";
import type { Member } from "../../../shared/json/member";
import type { JournalBlock } from "../../../shared/provider-block/blocks";
import { parseProjectFile, type SynthesizedStack } from "../../inputs/project";
import { declaredJournal } from "../../inputs/stack-journal";
import { literalOf } from "../../inputs/template";
import { type DeclaredCertificate, declaredCertificates } from "./declared-certificates";
import { type DeclaredFiles, declaredFiles } from "./declared-files";
import { type DeclaredHost, declaredHosts } from "./declared-host";

/** What `cdk.tf.json` of a stack says about how it is deployed. */
export interface DeclaredStack {
  /** The version of the provider that the stack requires; null if the stack does not use it. */
  readonly providerVersion: string | null;
  /** The absolute path of a local state; null for another backend. */
  readonly localState: string | null;
  /** The hosts that the provider reaches, by name; or why one cannot be known without the engine. */
  readonly hosts: ReadonlyMap<string, DeclaredHost | string>;
  /** What the stack brings onto each host, by its name. */
  readonly files: ReadonlyMap<string, DeclaredFiles>;
  readonly certificates: readonly DeclaredCertificate[];
  /** Where the issuance journal is; undefined for the default. */
  readonly journal: JournalBlock | undefined;
}

const MOST_CHARACTERS = 8192;

/** @throws CliError `CLI_PROJECT_INVALID` */
export function declaredStack({ directory }: SynthesizedStack): DeclaredStack {
  return parseProjectFile(join(directory, "cdk.tf.json"), (document) => {
    const settings = document.member("terraform").optional((found) => found);
    const provider = settings?.member("required_providers").optional((found) => found.member("mailsni"));
    const local = settings?.member("backend").optional((found) => found.member("local"));
    return {
      providerVersion: provider?.optional((found) => literalOrNull(found.member("version"))) ?? null,
      localState: local?.optional((found) => statePath(found, directory)) ?? null,
      hosts: declaredHosts(document, directory),
      files: declaredFiles(document),
      certificates: declaredCertificates(document),
      journal: declaredJournal(document),
    };
  });
}

/** Null if there is an expression, which backends and versions do not have. */
function literalOrNull(member: Member): string | null {
  return literalOf(member.text(MOST_CHARACTERS));
}

const DEFAULT_STATE = "terraform.tfstate";

function statePath(local: Member, directory: string): string | null {
  const path = local.member("path").optional(literalOrNull);
  return resolve(directory, path ?? DEFAULT_STATE);
}
