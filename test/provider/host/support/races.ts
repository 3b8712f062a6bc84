import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { OTHER_UID } from "../../../support/machine";
import { change, link, pem, removal, text } from "./changes";
import { OtherUser } from "./other-user";
import type { TestHost } from "./test-host";

/** What became of the changes of a race. */
export interface Outcome {
  readonly done: number;
  readonly refused: number;
}

/**
 * Has root change what is below a directory of another user so many times, while that user exchanges a directory there for
 * a link to one that is root's alone. Whatever becomes of the changes, nothing behind the link may be another afterwards.
 */
export async function race(on: TestHost, changes: number): Promise<Outcome> {
  for (let path = on.at("/"); path !== "/tmp"; path = dirname(path)) chmodSync(path, 0o755);
  const [control, secret] = [on.at("/control"), on.at("/secret")];
  const sub = join(control, "sub");
  mkdirSync(join(secret, "made"), { recursive: true });
  for (const name of ["key", "text", ".key.mail-sni-new", ".key.mail-sni-old"]) {
    writeFileSync(join(secret, name), `secret ${name}`, { mode: 0o600 });
  }
  chmodSync(join(secret, "made"), 0o700);
  chmodSync(secret, 0o700);
  mkdirSync(sub, { recursive: true });
  const before = treeOf(secret);
  chownSync(control, OTHER_UID, OTHER_UID);
  symlinkSync(secret, join(control, "link"));
  const exchanger = await OtherUser.exchange(sub, join(control, "link"));
  let [done, refused] = [0, 0];
  try {
    for (let round = 0; round < changes; round++) {
      const { errors } = await on.open().change(wanted(round));
      if (errors.length === 0) done++;
      else refused++;
      expect(errors.map(({ detail }) => detail).join("\n")).not.toContain("cannot be used");
      expect(treeOf(secret)).toEqual(before);
    }
  } finally {
    await exchanger.end();
  }
  return { done, refused };
}

/**
 * The same where that user plants links at the very names that root works with: to a directory that is root's alone, and to a
 * file in it.
 */
export async function raceForNames(on: TestHost, changes: number): Promise<Outcome> {
  for (let path = on.at("/"); path !== "/tmp"; path = dirname(path)) chmodSync(path, 0o755);
  const [control, secret] = [on.at("/control"), on.at("/secret")];
  mkdirSync(secret, { mode: 0o700 });
  mkdirSync(control);
  for (const name of ["key", "text", "stdin"])
    writeFileSync(join(secret, name), `secret ${name}`, { mode: 0o600 });
  const before = treeOf(secret);
  chownSync(control, OTHER_UID, OTHER_UID);
  const names = ["key", "text", "link", "token"].flatMap((name) => [
    name,
    `.${name}.mail-sni-new`,
    `.${name}.mail-sni-old`,
  ]);
  const planter = await OtherUser.plant(control, [secret, secret, join(secret, "key")], names);
  let [done, refused] = [0, 0];
  try {
    for (let round = 0; round < changes; round++) {
      const host = on.open();
      const { errors } = await host.change(namesWanted(round));
      if (errors.length === 0) done++;
      else refused++;
      // As an answer to a challenge, which may be refused as well.
      await host.publicFiles.put("/control/token", "token").catch(() => {});
      await host.publicFiles.remove("/control/token").catch(() => {});
      expect(treeOf(secret)).toEqual(before);
    }
  } finally {
    await planter.end();
  }
  return { done, refused };
}

function namesWanted(round: number) {
  return change({
    kind: round === 0 ? "create" : "update",
    files: [pem("/control/key", `${round}\n`, { mode: "0640" }), text("/control/text", `${round}\n`)],
    links: round % 3 === 0 ? [] : [link("/control/link", `target-${round}`)],
    removals: round % 3 === 0 ? [removal("/control/link")] : [],
  });
}

/** Modes, owners, files and links below a directory of another user, others in each round. */
function wanted(round: number) {
  const contents = `${round}\n`;
  const owner = round % 2 === 0 ? "root" : "nobody";
  return change({
    kind: round === 0 ? "create" : "update",
    directories: [
      { path: "/control/sub", mode: round % 2 === 0 ? "0755" : "0750", owner, group: null },
      { path: "/control/sub/made", mode: round % 2 === 0 ? "0711" : "0755", owner: null, group: null },
    ],
    files: [
      pem("/control/sub/key", contents, { mode: "0640", group: "nogroup" }),
      text("/control/sub/text", contents),
    ],
    links: round % 3 === 0 ? [] : [link("/control/sub/link", `target-${round}`)],
    removals: round % 3 === 0 ? [removal("/control/sub/link")] : [],
  });
}

/** Modes, owners and contents of all that is there. */
function treeOf(directory: string): Record<string, string> {
  const names = [".", ...(readdirSync(directory, { recursive: true }) as string[]).sort()];
  return Object.fromEntries(
    names.map((name) => {
      const path = join(directory, name);
      const { mode, uid, gid, ctimeMs } = lstatSync(path);
      const contents = lstatSync(path).isFile() ? readFileSync(path, "utf8") : "";
      return [name, `${mode.toString(8)} ${uid}:${gid} ${ctimeMs} ${contents}`];
    }),
  );
}
