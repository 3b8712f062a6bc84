import { TerraformBackend, type TerraformStack } from "cdktf";

/** The block that says where an engine keeps the state of a stack. */
export interface StateBackend {
  /** Such as `local`, `pg`, `http`, `s3`; `cloud` for HCP Terraform. */
  readonly type: string;
  /** The arguments of the block, as in the synthesized file. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * The backend of a stack, overrides included; undefined if it has none yet. cdktf adds the default one, `local`, when an app is
 * synthesized.
 */
export function stateBackend(stack: TerraformStack): StateBackend | undefined {
  const construct = stack.node.children.find((child) => TerraformBackend.isBackend(child));
  const terraform = (construct as TerraformBackend | undefined)?.toTerraform().terraform;
  if (terraform?.cloud) return { type: "cloud", settings: terraform.cloud };
  const [found] = Object.entries(terraform?.backend ?? {});
  if (found === undefined) return undefined;
  return { type: found[0], settings: found[1] as StateBackend["settings"] };
}
