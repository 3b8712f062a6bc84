import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "../e2e/quickstart/checkout";
import { mustRun } from "./commands";
import { share, sharedDirectory, unsharedDirectory } from "./run-directory";

const SHARED = "packed-package";

/** The archive of the package, packed as a release does, which builds it first; once a run. */
export async function packedPackage(): Promise<string> {
  const directory = existsSync(sharedDirectory(SHARED)) ? sharedDirectory(SHARED) : await pack();
  return join(directory, readdirSync(directory).find((name) => name.endsWith(".tgz")) as string);
}

async function pack(): Promise<string> {
  const directory = unsharedDirectory(SHARED);
  const checkout = await Checkout.create();
  try {
    await mustRun(["npm", "pack", "--silent", "--pack-destination", directory], { cwd: checkout.path() });
  } finally {
    checkout.remove();
  }
  return share(directory, SHARED);
}
