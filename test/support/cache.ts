import { homedir } from "node:os";
import { join } from "node:path";

/** Where what takes minutes to make is kept from one run of the tests to the next. */
export function cachePath(name: string): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "cdktf-mail-sni", name);
}
