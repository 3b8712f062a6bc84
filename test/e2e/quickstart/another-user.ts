import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import type { Requirement } from "../../support/machine";

/** Uid and gid of a user who owns nothing. */
export const NOBODY = 65534;

/** What runs a program with nobody's rights, for root. */
export const AS_NOBODY = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"] as const;

const PACKAGES = resolve(__dirname, "../../../node_modules");

/** Where a repository is in root's home, no other user can run anything of it. */
export const nobodyCanRead: Requirement = { missing: whatNobodyLacks() };

function whatNobodyLacks(): string | null {
  const needed = [join(PACKAGES, "cdktf/package.json")];
  if (engineUnderTest.missing === null) needed.push(requireEngine().executable);
  const closed = needed.find((file) => {
    const [program, ...args] = [...AS_NOBODY, "test", "-r", file] as [string, ...string[]];
    return spawnSync(program, args).status !== 0;
  });
  return closed === undefined ? null : `a user without rights cannot read ${closed}`;
}
