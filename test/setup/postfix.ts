import { canUnpackPostfix, findPostmap, unpackPostfix } from "../support/postfix-installation";
import { step } from "./step";

/** Unpacks Debian's Postfix, once: it is kept in the user's cache directory. */
export async function makePostfix(): Promise<void> {
  if (findPostmap() || !canUnpackPostfix()) return;
  await step("unpacking Debian's Postfix", unpackPostfix);
}
