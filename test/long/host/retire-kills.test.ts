import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import retireScript from "../../../lib/provider/host/renewers/retire.sh";
import { FIND_RENEWERS } from "../../../lib/shared/renewers/find-renewers";
import { OLD, plantRenewers } from "../../provider/host/support/old-renewers";
import { STATE_DIRECTORY, TestHost } from "../../provider/host/support/test-host";
import { fileTree } from "../../support/file-tree";

/** The programs that change something, or come between two changes. */
const PROGRAMS = ["mktemp", "cp", "cat", "sed", "sync", "mv", "chmod", "rm", "rmdir", "mkdir"];

let on: TestHost;
let wrappers: string;
beforeEach(() => {
  on = new TestHost();
  plantRenewers(on);
  wrappers = mkdtempSync(join(tmpdir(), "mail-sni-kill-"));
  mkdirSync(join(wrappers, "bin"));
  for (const program of PROGRAMS) {
    const file = join(wrappers, "bin", program);
    writeFileSync(
      file,
      `#!/bin/sh
PATH=\${PATH#*:}
number=$(($(cat '${wrappers}/calls' 2>/dev/null) + 1))
echo "$number" >'${wrappers}/calls'
[ "$number" != "$KILLED_BEFORE" ] || { kill -9 "$PPID"; exit 1; }
${program} "$@"
status=$?
[ "$number" != "$KILLED_AFTER" ] || kill -9 "$PPID"
exit $status
`,
    );
    chmodSync(file, 0o755);
  }
});
afterEach(async () => {
  rmSync(wrappers, { recursive: true, force: true });
  await on.remove();
});

const RETIRED: readonly (readonly [kind: string, program: string, path: string, restored: string])[] = [
  ["line", "dehydrated", OLD.table, OLD.table],
  ["line", "certbot", OLD.crontab, OLD.crontab],
  ["service", "certbot", OLD.service, OLD.dropIn],
  ["script", "lego", OLD.script, OLD.script],
  ["script", "-", OLD.hook, OLD.hook],
];
const WANTS = ["program", "dehydrated", "program", "certbot", "program", "lego", "hook", OLD.hook];
const retire = [
  "mail",
  "4",
  "0",
  ...WANTS,
  ...RETIRED.flatMap(([kind, program, path]) => ["retire", kind, program, path]),
];
const restore = [
  "mail",
  "0",
  "4",
  ...WANTS,
  ...RETIRED.flatMap(([kind, program, , path]) => ["restore", kind, program, path]),
];

/** Runs the steps of a stack as a session does. @returns the number of programs that were started, and what was printed */
function change(steps: readonly string[], kill: Readonly<Record<string, string>> = {}) {
  rmSync(join(wrappers, "calls"), { force: true });
  const args = [
    "-c",
    `${FIND_RENEWERS}\n${retireScript}`,
    "sh",
    "change",
    on.root,
    on.at(STATE_DIRECTORY),
    ...steps,
  ];
  const path = `${join(wrappers, "bin")}:${process.env.PATH}`;
  const { stdout } = spawnSync("sh", args, {
    encoding: "utf8",
    env: { ...process.env, ...kill, PATH: path },
  });
  const calls = existsSync(join(wrappers, "calls"))
    ? Number(spawnSync("cat", [join(wrappers, "calls")]).stdout)
    : 0;
  return { calls, stdout };
}

const owned = () => readFileSync(on.at(`${STATE_DIRECTORY}/retired-by`), "utf8").split("\n").length - 1;
const tree = () => fileTree(on.root, [STATE_DIRECTORY]);
const leftovers = () =>
  readdirSync(on.root, { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.mail-sni-retired\.|\.new$/.test(path),
  );

describe("GIVEN a run that is killed at any program that it starts", () => {
  it("WHEN it is repeated THEN all is off, nothing is left, and each file was whole all the time", () => {
    const original = tree();
    const { calls } = change(retire);
    const off = tree();
    expect(change(restore).stdout).toBe("");
    expect(tree()).toEqual(original);
    expect(calls).toBeGreaterThan(20);
    for (let number = 1; number <= calls; number++) {
      for (const when of ["KILLED_BEFORE", "KILLED_AFTER"]) {
        change(retire, { [when]: String(number) });
        // What is off has an owner, which a later apply or a person can find.
        const isOff = JSON.stringify(tree()) !== JSON.stringify(original);
        if (isOff) expect(owned(), `${when} ${number}`).toBe(4);
        for (const [path, description] of Object.entries(tree()))
          if (path in original)
            expect([original[path], off[path]], `${when} ${number}: ${path}`).toContain(description);
        expect(change(retire).stdout).toBe("");
        expect(tree(), `${when} ${number}`).toEqual(off);
        expect(leftovers()).toEqual([]);
        expect(change(restore).stdout).toBe("");
        expect(owned()).toBe(0);
        expect(tree(), `${when} ${number}`).toEqual(original);
      }
    }
  }, 240_000);

  it("WHEN it switches on, and is repeated, THEN all is as it was", () => {
    const original = tree();
    change(retire);
    const { calls } = change(restore);
    for (let number = 1; number <= calls; number++) {
      for (const when of ["KILLED_BEFORE", "KILLED_AFTER"]) {
        expect(change(retire).stdout).toBe("");
        change(restore, { [when]: String(number) });
        // Also without a state, a later apply switches on again what is off.
        if (JSON.stringify(tree()) !== JSON.stringify(original)) expect(owned(), `${when} ${number}`).toBe(4);
        expect(change(restore).stdout).toBe("");
        expect(owned()).toBe(0);
        expect(tree(), `${when} ${number}`).toEqual(original);
        expect(leftovers()).toEqual([]);
      }
    }
  }, 240_000);
});
