import { describe, expect, it } from "vitest";
import { SafeDirectories } from "../../../../lib/provider/host/apply/safe-directories";
import type { Fact } from "../../../../lib/provider/host/record/facts";
import { fact } from "../support/found";

const directory = (parts: Partial<Fact> = {}) => fact({ kind: "directory", mode: "0755", ...parts });
const FACTS = { "/": directory(), "/etc": directory(), "/etc/mail": directory() };

function safe(
  facts: Readonly<Record<string, Fact>> = {},
  {
    acls = [],
    declared = {},
  }: { acls?: readonly string[]; declared?: Partial<{ mode: string; owner: string }> } = {},
): boolean {
  const wanted = { path: "/etc/mail", mode: "0755", owner: null, group: null, ...declared };
  const all = new Map(Object.entries({ ...FACTS, ...facts }));
  return new SafeDirectories(all, new Set(acls), new Set(["0", "1000"]), [wanted]).has("/etc/mail");
}

describe("SafeDirectories", () => {
  it.each([
    ["root owns it and all directories above", safe()],
    ["the session's user owns it", safe({ "/etc/mail": directory({ uid: "1000" }) })],
    [
      "it does not exist yet, and root will own it",
      new SafeDirectories(new Map(), new Set(), new Set(["0"]), []).has("/a/b"),
    ],
    [
      "it is declared with a restricted mode and the same owner",
      safe({}, { declared: { owner: "root", mode: "0750" } }),
    ],
  ])("GIVEN %s THEN it is safe", (_, is) => {
    expect(is).toBe(true);
  });

  it.each([
    ["another user owns it", safe({ "/etc/mail": directory({ uid: "8" }) })],
    ["another user owns a directory above", safe({ "/etc": directory({ uid: "8" }) })],
    ["another user owns the root directory", safe({ "/": directory({ uid: "8" }) })],
    ["its group can write to it", safe({ "/etc/mail": directory({ mode: "0775", gid: "8" }) })],
    [
      "all users can write to it, even with the sticky bit",
      safe({ "/etc/mail": directory({ mode: "1777" }) }),
    ],
    ["it has an ACL", safe({}, { acls: ["/etc/mail"] })],
    ["a directory above has an ACL", safe({}, { acls: ["/etc"] })],
    ["it is a link", safe({ "/etc/mail": fact({ kind: "link", target: "/x" }) })],
    ["a directory above cannot be checked", safe({ "/etc": fact({ kind: "unavailable", uid: "" }) })],
    ["it is declared with another owner", safe({}, { declared: { owner: "vmail" } })],
    ["it is declared writable by its group", safe({}, { declared: { mode: "2770" } })],
  ])("GIVEN %s THEN it is not safe", (_, is) => {
    expect(is).toBe(false);
  });
});
