import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "../e2e/quickstart/checkout";
import { mustRun } from "./commands";

/** Packs the package as a release does, which builds it first. @returns the archive, in `directory` */
export async function packPackage(directory: string): Promise<string> {
  const checkout = await Checkout.create();
  try {
    await mustRun(["npm", "pack", "--silent", "--pack-destination", directory], { cwd: checkout.path() });
  } finally {
    checkout.remove();
  }
  return join(directory, readdirSync(directory).find((name) => name.endsWith(".tgz")) as string);
}
