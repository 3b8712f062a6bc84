import type { Check } from "../../examination/check";
import { cliConfiguration } from "./cli-configuration";
import { journal } from "./journal";
import { leftFiles } from "./left-files";
import { localState } from "./local-state";
import { lockEntry, providerFile } from "./provider-file";
import { sharedPaths } from "./shared-paths";
import type { StackHere } from "./stack";
import { workspace } from "./workspace";

/** The checks of a stack on the machine that deploys, in the order of reports. */
export const STACK_CHECKS: readonly Check<StackHere>[] = [
  providerFile,
  lockEntry,
  cliConfiguration,
  localState,
  leftFiles,
  journal,
  workspace,
  sharedPaths,
];
